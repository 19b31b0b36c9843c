//! The server's end of a stream that was accepted elsewhere.

use std::fmt;
use std::pin::pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use websocket_listener_core::Role;
#[cfg(feature = "h2")]
use websocket_listener_core::handshake::RequestError;

use super::interruption::{Interruption, Stage, unless_interrupted};
use super::limits::{Attendance, Limits};
use super::opening::{Opening, open, refuse};
use super::refusal::Refusal;
use crate::builder::Builder;
use crate::connection::details::{Details, OtherEnd};
use crate::connection::{Connection, Setup};
use crate::http::connection::HttpConnection;
use crate::peer::Peer;
use crate::registry::registration::Registration;
use crate::registry::{Registry, clock};
use crate::transport::{AnyStream, Transport};
use crate::websocket::WebSocket;

/// Why [`Builder::accept`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptError {
    /// The peer was refused with this HTTP status, and got a reason.
    Refused {
        /// 400, 405, 426, 431, or the status of the application's answer.
        status: u16,
    },
    /// The application took the stream over, and is done with it.
    TakenOver,
    /// The request had not arrived, or was not answered, before the handshake's deadline.
    TimedOut,
    /// The stream ended or failed.
    Disconnected,
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status } => write!(f, "the peer was refused with status {status}"),
            Self::TakenOver => f.write_str("the application took the stream over"),
            Self::TimedOut => f.write_str("the opening handshake took too long"),
            Self::Disconnected => f.write_str("the connection ended during the opening handshake"),
        }
    }
}

impl std::error::Error for AcceptError {}

impl Builder {
    /// Does the server's side of the opening handshake over a stream that is already connected:
    /// TLS, a Unix socket, a pipe in memory. The counterpart of
    /// [`Client::connect_over`](crate::Client::connect_over).
    ///
    /// Every option that concerns one connection applies: the handshake's limits and deadline, the
    /// subprotocols, the hook, the [`Options`](crate::Options). No listener bounds, counts or shuts
    /// down such connections; for that, use a listener's
    /// [`negotiate`](crate::WebSocketListener::negotiate). A refused peer gets two seconds to read
    /// the reason, or, for an answer of the hook, as long as it goes on reading; a handler that
    /// takes over is run to its end.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use websocket_listener::{Client, Message, WebSocketListener};
    ///
    /// let (near, far) = tokio::io::duplex(4096);
    /// let (builder, client) = (WebSocketListener::builder(), Client::new());
    /// let (server, client) = tokio::join!(builder.accept(far), client.connect_over(near, "ws://localhost/"));
    /// let (mut server, mut client) = (server?, client?);
    /// client.send_text("hello").await?;
    /// assert_eq!(server.recv().await?, Some(Message::text("hello")));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AcceptError`] says why there is no connection.
    ///
    /// # Cancel safety
    /// Cancelled, it drops the stream, and leaves nothing behind.
    ///
    /// # Panics
    /// If called outside a Tokio runtime.
    pub async fn accept<S>(&self, stream: S) -> Result<WebSocket<S>, AcceptError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut peer = Peer::default();
        let span = peer.open_span();
        self.accept_from(stream, peer).instrument(span).await
    }

    async fn accept_from<S>(&self, mut stream: S, peer: Peer) -> Result<WebSocket<S>, AcceptError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let registry = Registry::of_runtime();
        let mut registration = Registration::new(registry.clone());
        registration.wake_at(clock::now() + self.config.handshake_timeout);
        let opened = unless_interrupted(
            &mut registration,
            Stage::Request,
            pin!(open(
                &self.config,
                &Attendance::new(Limits::NONE),
                &mut stream,
                peer,
                || (),
                || Some(())
            )),
        )
        .await
        .unwrap_or_else(|interruption| Err(Refusal::Interrupted(interruption)));
        let refusal = match opened {
            Ok(Opening::Accepted {
                request,
                subprotocol,
                extension,
                after_head,
                admission: (),
                seat,
                options,
            }) => {
                drop(registration);
                return Ok(WebSocket::new(Connection::new(Setup {
                    stream,
                    role: Role::Server,
                    options: options.map_or(self.config.options, |options| *options),
                    registration: Registration::new(registry),
                    counters: None,
                    received: after_head,
                    extension,
                    seat,
                    details: Details { other_end: OtherEnd::Client(request), subprotocol },
                })));
            }
            Ok(Opening::TakenOver { request, after_head, handler }) => {
                drop(registration);
                let stream = Transport::Other(AnyStream::new(stream));
                let never = CancellationToken::new();
                handler(HttpConnection::new(request, stream, after_head.freeze(), never)).await;
                return Err(AcceptError::TakenOver);
            }
            // One stream is one connection here, and HTTP/2 would make it many.
            #[cfg(feature = "h2")]
            Ok(Opening::Http2 { .. }) => Refusal::Request(RequestError::Version),
            Err(refusal) => refusal,
        };
        tracing::debug!(reason = %refusal, "refused");
        refuse(&mut registration, &mut stream, &refusal).await;
        Err(match refusal {
            Refusal::Disconnected => AcceptError::Disconnected,
            Refusal::Interrupted(Interruption::Deadline) => AcceptError::TimedOut,
            refusal => AcceptError::Refused { status: refusal.status() },
        })
    }
}
