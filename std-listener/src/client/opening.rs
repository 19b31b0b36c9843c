//! The client's opening handshake over one stream (RFC 6455 section 4.1).

use std::net::SocketAddr;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use websocket_listener_core::Role;
use websocket_listener_core::handshake::{ClientRequest, ClientRequestError, VerifyError};

use super::Client;
use super::body::read_body;
use super::deadline::Deadline;
use super::error::{ConnectError, ConnectStep};
use super::head::{Head, read_head};
use super::visit::Visit;
use crate::connection::details::{Details, OtherEnd, ServerEnd};
use crate::extension::negotiation;
use crate::handshake::established::Established;
use crate::handshake::membership::Membership;
use crate::http::header::borrow_headers;

use crate::websocket::WebSocket;

/// The outcome of an opening handshake.
pub(super) enum Opening<S> {
    Established(WebSocket<S>),
    Refused(Refusal<S>),
}

/// A refusal, whose body may still arrive.
pub(super) struct Refusal<S> {
    reason: VerifyError,
    pub(super) response: Head,
    stream: S,
    after_head: BytesMut,
}

impl Client {
    /// Checks that the request can be sent, before a server is connected to.
    pub(super) fn check(&self, visit: &Visit) -> Result<(), ConnectError> {
        #[cfg(not(feature = "tls"))]
        if visit.url.secure {
            return Err(ConnectError::TlsUnavailable);
        }
        self.with_request(visit, [0; 16], |request| encode(request).map(drop))
    }

    /// Performs the opening handshake with the server at the other end of `stream`. Without an open
    /// connection the stream is dropped (RFC 6455 section 7.2.1).
    pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        peer_addr: Option<SocketAddr>,
        visit: &Visit,
        deadline: Deadline,
    ) -> Result<Opening<S>, ConnectError> {
        let nonce = rand::random();
        let bytes = self.with_request(visit, nonce, encode)?;
        let mut received = BytesMut::new();
        let asking = async {
            let sent = stream.write_all(&bytes).await;
            sent.and(stream.flush().await).map_err(|_| ConnectError::Disconnected)?;
            read_head(&mut stream, &mut received).await
        };
        let response = deadline.within(ConnectStep::Handshake, asking).await?;
        let verified = self.with_request(visit, nonce, |request| {
            let established = request.verify(&response)?;
            let extension = negotiation::confirm(&self.message_extensions, response.extensions());
            let extension = extension.map_err(|_| VerifyError::Extension)?;
            Ok((established.subprotocol().map(Into::into), extension))
        });
        let (subprotocol, extension) = match verified {
            Ok(verified) => verified,
            Err(reason) => {
                let after_head = received;
                return Ok(Opening::Refused(Refusal { reason, response, stream, after_head }));
            }
        };
        if self.subprotocol_required && subprotocol.is_none() {
            return Err(ConnectError::NoSubprotocol);
        }
        let span = visit.span.clone().map(Box::new);
        let server = ServerEnd { addr: peer_addr, response, span };
        let established = Established {
            // RFC 6455 section 5.3: unpredictable, and new for each frame.
            role: Role::Client { masks: rand::random },
            options: self.options,
            details: Details { other_end: OtherEnd::Server(Box::new(server)), subprotocol },
            extension,
            received,
            seat: None,
        };
        let websocket = established.into_websocket(stream, Membership::of_runtime());
        Ok(Opening::Established(websocket))
    }

    fn with_request<R>(
        &self,
        visit: &Visit,
        nonce: [u8; 16],
        act: impl FnOnce(&ClientRequest<'_>) -> R,
    ) -> R {
        let host = visit.url.host_header();
        let subprotocols: Vec<_> = self.subprotocols.iter().map(String::as_str).collect();
        let headers = visit.headers(self);
        let headers = borrow_headers(&headers);
        let extensions = negotiation::offer(&self.message_extensions);
        let mut request = ClientRequest::new(&host, &visit.url.target, nonce)
            .subprotocols(&subprotocols)
            .headers(&headers);
        if let Some(extensions) = &extensions {
            request = request.extensions(extensions);
        }
        act(&request)
    }
}

fn encode(request: &ClientRequest<'_>) -> Result<Vec<u8>, ConnectError> {
    let mut bytes = vec![0; 512];
    let length = match request.write(&mut bytes) {
        Err(ClientRequestError::BufferTooSmall { needed }) => {
            bytes.resize(needed, 0);
            request.write(&mut bytes)
        }
        written => written,
    };
    bytes.truncate(length.map_err(ConnectError::Request)?);
    Ok(bytes)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Refusal<S> {
    /// Returns true for a redirect (RFC 9110 section 15.4).
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.reason, VerifyError::Status(301 | 302 | 303 | 307 | 308))
    }

    /// Reads the body of the refusal.
    pub(super) async fn into_error(mut self, deadline: Deadline) -> ConnectError {
        tracing::debug!(reason = %self.reason, "refused by the server");
        let body = read_body(&mut self.stream, &self.response, self.after_head, deadline).await;
        ConnectError::Refused { reason: self.reason, response: self.response, body }
    }
}
