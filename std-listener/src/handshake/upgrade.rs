//! The opening handshake on behalf of another HTTP server.

use std::fmt;
use std::sync::Arc;

use ::http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use ::http::{Request as HttpRequest, Response as HttpResponse, StatusCode};
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::handshake::{ResponseError, Upgrade};

use super::acceptor::WebSocketAcceptor;
use super::decision::Terms;
use super::established::Established;
use super::limits::{Limiter, Limits};
use super::membership::Membership;
use super::refusal::Refusal;
use super::response::Acceptance;
use crate::config::ListenerConfig;
use crate::http::request::Request;
use crate::http::response::Response;
use crate::peer::Peer;
use crate::websocket::WebSocket;

/// An acceptable opening handshake that another HTTP server, such as hyper's or axum's, has
/// received: [`WebSocketAcceptor::upgrade`] and
/// [`WebSocketListener::upgrade`](crate::WebSocketListener::upgrade) return it.
///
/// Send its [`response`](Self::response), wait until that server has upgraded the stream, and make it
/// a [`WebSocket`] with [`WebSocket::from_upgraded`].
pub struct HttpUpgrade {
    request: Request,
    response: HttpResponse<()>,
    established: Established,
    /// The listener's part, for one of its connections.
    membership: Option<Membership>,
}

impl WebSocketAcceptor {
    /// Checks a request that another HTTP server has read against the origins, subprotocols and
    /// extensions of this acceptor. The [hook](crate::ListenerBuilder::on_request) is not asked,
    /// because that server's application answers. Nothing is bounded, counted or shut down here
    /// either: see [`WebSocketListener::upgrade`](crate::WebSocketListener::upgrade) for that.
    ///
    /// ```
    /// # #[cfg(feature = "hyper")] {
    /// use hyper_util::rt::TokioIo;
    /// use websocket_listener::{WebSocket, WebSocketAcceptor};
    ///
    /// /// For hyper, and likewise for axum.
    /// async fn chat<B>(acceptor: WebSocketAcceptor, mut request: http::Request<B>) -> http::Response<bytes::Bytes> {
    ///     let agreed = match acceptor.upgrade(&request) {
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
    /// The refusal to send: 400, 403, 405 or 426, with headers and the reason in a line.
    pub fn upgrade<B>(&self, request: &HttpRequest<B>) -> Result<HttpUpgrade, Response> {
        let unlimited = Limiter::new(Limits::NONE);
        upgrade(&self.config, request, Peer::default(), &unlimited, None)
            .map_err(Refusal::into_response)
    }
}

/// Checks a request by a listener's settings.
pub(crate) fn upgrade<B>(
    config: &ListenerConfig,
    request: &HttpRequest<B>,
    peer: Peer,
    limiter: &Arc<Limiter>,
    membership: Option<Membership>,
) -> Result<HttpUpgrade, Refusal> {
    // A clone without the body, which may be of any type.
    let mut head = HttpRequest::new(());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    *head.version_mut() = request.version();
    *head.headers_mut() = request.headers().clone();
    let parts = head.into_parts().0;

    let mut request = Request::translate(&parts, false, peer).map_err(Refusal::Head)?;
    if let Some(forwarded) = &config.forwarded {
        request.apply_forwarded(forwarded);
    }
    let upgrade = request
        .as_engine()
        .upgrade()
        .map_err(|error| Refusal::Upgrade { error, with_body: true })?;
    let rejected = |response| Refusal::Rejected { response, with_body: true };
    if let Some(allowed) = &config.allowed_origins {
        allowed.check(&request).map_err(|error| rejected(error.into()))?;
    }
    let seat = limiter.admit(request.client_addr(), true)?;
    let subprotocol = config.subprotocols.choose(&request, None).map_err(rejected)?;
    let terms = Terms { headers: Vec::new(), subprotocol, seat, options: None };
    let acceptance = Acceptance::new(config, &request, terms);
    let response = response(&acceptance, &upgrade).map_err(Refusal::InvalidAnswer)?;
    let established = acceptance.establish(config, request.clone(), BytesMut::new());
    Ok(HttpUpgrade { request, response, established, membership })
}

/// The 101 for that server to send.
fn response(acceptance: &Acceptance, upgrade: &Upgrade) -> Result<HttpResponse<()>, ResponseError> {
    let mut response = HttpResponse::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let mut fields = acceptance.fields()?;
    let accept = HeaderValue::from_str(upgrade.accept_value());
    fields.insert(SEC_WEBSOCKET_ACCEPT, accept.map_err(|_| ResponseError::InvalidHeader)?);
    fields.insert(UPGRADE, HeaderValue::from_static("websocket"));
    fields.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    *response.headers_mut() = fields;
    Ok(response)
}

impl HttpUpgrade {
    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns the agreed subprotocol.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.established.details.subprotocol.as_deref()
    }

    /// Returns the response to send, `101 Switching Protocols`, with an empty body of any type.
    /// Headers may be added, `Set-Cookie` for example.
    #[must_use]
    pub fn response<B: Default>(&self) -> HttpResponse<B> {
        self.response.clone().map(|()| B::default())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Creates the server's end over a stream that another HTTP server has upgraded.
    ///
    /// # Panics
    /// If called outside a Tokio runtime.
    #[doc(alias = "from_raw_socket")]
    #[must_use]
    pub fn from_upgraded(stream: S, agreed: HttpUpgrade) -> Self {
        let HttpUpgrade { established, membership, .. } = agreed;
        established.into_websocket(stream, membership.unwrap_or_else(Membership::of_runtime))
    }
}

impl fmt::Debug for HttpUpgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpUpgrade")
            .field("request", &self.request)
            .field("subprotocol", &self.subprotocol())
            .finish_non_exhaustive()
    }
}
