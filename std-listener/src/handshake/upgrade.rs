//! The opening handshake on behalf of another HTTP server.

use std::fmt;
use std::sync::Arc;

use ::http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use ::http::{Request as HttpRequest, Response as HttpResponse, StatusCode};
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::Role;
use websocket_listener_core::handshake::{ResponseError, Upgrade};

use super::limits::{Attendance, Limits, Seat};
use super::membership::Membership;
use super::refusal::Refusal;
use crate::builder::Builder;
use crate::config::ListenerConfig;
use crate::connection::details::{Details, OtherEnd};
use crate::connection::{Connection, Setup};
use crate::extension::negotiation::{self, Agreed};
use crate::http::request::Request;
use crate::http::response::Response;
use crate::options::Options;
use crate::peer::Peer;
use crate::registry::Registry;
use crate::registry::registration::Registration;
use crate::websocket::WebSocket;

/// An opening handshake that came to another HTTP server, such as hyper's or axum's, and can be
/// accepted: [`Builder::upgrade`] and
/// [`WebSocketListener::upgrade`](crate::WebSocketListener::upgrade) return it.
///
/// Send its [`response`](Self::response), wait until that server has upgraded the stream, and make it
/// a [`WebSocket`] with [`WebSocket::from_upgraded`].
pub struct HttpUpgrade {
    request: Request,
    response: HttpResponse<()>,
    subprotocol: Option<Box<str>>,
    extension: Option<Agreed>,
    options: Options,
    /// If it is to be one of a listener's connections.
    membership: Option<Membership>,
}

impl Builder {
    /// Judges a request that another HTTP server has read, by this builder's origins, subprotocols
    /// and extensions. The [hook](Self::on_request) is not asked, because that server's application
    /// answers. Nothing is bounded, counted or shut down here either: see
    /// [`WebSocketListener::upgrade`](crate::WebSocketListener::upgrade) for that.
    ///
    /// ```
    /// # #[cfg(feature = "hyper")] {
    /// use std::sync::Arc;
    /// use hyper_util::rt::TokioIo;
    /// use websocket_listener::{Builder, WebSocket};
    ///
    /// /// For hyper, and likewise for axum.
    /// async fn chat<B>(builder: Arc<Builder>, mut request: http::Request<B>) -> http::Response<bytes::Bytes> {
    ///     let agreed = match builder.upgrade(&request) {
    ///         Ok(agreed) => agreed,
    ///         Err(refusal) => return refusal.into_http(),
    ///     };
    ///     let response = agreed.response();
    ///     let upgraded = hyper::upgrade::on(&mut request);
    ///     tokio::spawn(async move {
    ///         let stream = TokioIo::new(upgraded.await?);
    ///         let mut socket = WebSocket::from_upgraded(stream, agreed);
    ///         while let Some(message) = socket.recv().await? {
    ///             socket.feed(message).await?;
    ///         }
    ///         Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
    ///     });
    ///     response
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The refusal to send: 400, 403, 405 or 426, with headers and a line that says why.
    pub fn upgrade<B>(&self, request: &HttpRequest<B>) -> Result<HttpUpgrade, Response> {
        judge_upgrade(&self.config, request, Peer::default(), &Attendance::new(Limits::NONE))
            .map(|(upgrade, _)| upgrade)
            .map_err(Refusal::into_response)
    }
}

impl fmt::Debug for HttpUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpUpgrade")
            .field("request", &self.request)
            .field("subprotocol", &self.subprotocol)
            .finish_non_exhaustive()
    }
}

impl HttpUpgrade {
    pub(crate) fn of_listener(self, membership: Membership) -> Self {
        Self { membership: Some(membership), ..self }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The subprotocol that is agreed on.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// The response to send, `101 Switching Protocols`, with an empty body of any type. Headers may
    /// be added, `Set-Cookie` for example.
    #[must_use]
    pub fn response<B: Default>(&self) -> HttpResponse<B> {
        self.response.clone().map(|()| B::default())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// The server's end over a stream that another HTTP server has upgraded.
    ///
    /// # Panics
    /// If called outside a Tokio runtime.
    #[must_use]
    pub fn from_upgraded(stream: S, agreed: HttpUpgrade) -> Self {
        let HttpUpgrade { request, subprotocol, extension, options, membership, .. } = agreed;
        let (registration, counters, seat) = match membership {
            Some(membership) => {
                let (registration, counters, seat) = membership.join();
                (registration, Some(counters), seat)
            }
            None => (Registration::new(Registry::of_runtime()), None, None),
        };
        Self::new(Connection::new(Setup {
            stream,
            role: Role::Server,
            options,
            registration,
            counters,
            received: BytesMut::new(),
            extension,
            seat,
            details: Details { other_end: OtherEnd::Client(request), subprotocol },
        }))
    }
}

/// Judges a request by a listener's settings. Also returns the connection's share of the limits.
pub(crate) fn judge_upgrade<B>(
    config: &ListenerConfig,
    request: &HttpRequest<B>,
    peer: Peer,
    attendance: &Arc<Attendance>,
) -> Result<(HttpUpgrade, Option<Box<Seat>>), Refusal> {
    // A clone without the body, which may be of any type.
    let mut head = HttpRequest::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    *head.headers_mut() = request.headers().clone();
    let parts = head.into_parts().0;

    let mut request = Request::translate(&parts, false, peer).map_err(Refusal::Request)?;
    if let Some(forwarded) = &config.forwarded {
        request.heed(forwarded);
    }
    let upgrade = request
        .as_engine()
        .upgrade()
        .map_err(|error| Refusal::Upgrade { error, with_body: true })?;
    let rejected = |response| Refusal::Rejected { response, with_body: true };
    if let Some(allowed) = &config.allowed_origins {
        allowed.check(&request).map_err(|error| rejected(error.into()))?;
    }
    let seat = attendance.admit(request.client_addr(), true)?;
    let subprotocol = config.subprotocols.choose(&request, None).map_err(rejected)?;
    let (element, extension) =
        negotiation::answer(&config.message_extensions, request.extensions()).unzip();
    let response = response(&upgrade, subprotocol.as_deref(), element.as_deref())
        .map_err(Refusal::InvalidAnswer)?;
    let (options, membership) = (config.options, None);
    let upgrade = HttpUpgrade { request, response, subprotocol, extension, options, membership };
    Ok((upgrade, seat))
}

fn response(
    upgrade: &Upgrade,
    subprotocol: Option<&str>,
    extension: Option<&str>,
) -> Result<HttpResponse<()>, ResponseError> {
    let mut response = HttpResponse::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    for (name, value) in [
        (SEC_WEBSOCKET_ACCEPT, Some(upgrade.accept_value())),
        (SEC_WEBSOCKET_PROTOCOL, subprotocol),
        (SEC_WEBSOCKET_EXTENSIONS, extension),
    ] {
        if let Some(value) = value {
            let value = HeaderValue::from_str(value).map_err(|_| ResponseError::InvalidHeader)?;
            headers.insert(name, value);
        }
    }
    Ok(response)
}
