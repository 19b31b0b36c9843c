//! The server's end of streams that other code has accepted.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
#[cfg(feature = "h2")]
use websocket_listener_core::handshake::HeadError;

use super::interruption::{Interruption, Stage, unless_interrupted};
use super::limits::{Limiter, Limits};
use super::membership::Membership;
use super::opening::{Opening, open, refuse};
use super::refusal::Refusal;
use crate::config::ListenerConfig;
use crate::http::connection::HttpConnection;
use crate::peer::Peer;
use crate::registry::registration::Registration;
use crate::registry::{Registry, clock};
use crate::transport::{AnyStream, Transport};
use crate::websocket::WebSocket;

/// Opens WebSockets over streams that are already connected, one at a time, the way a
/// `TlsAcceptor` opens TLS: [`ListenerBuilder::acceptor`](crate::ListenerBuilder::acceptor) makes one.
///
/// Every option that concerns one connection applies: the handshake's limits and deadline, the
/// subprotocols, the hook, the [`Options`](crate::Options). No listener bounds, counts or shuts
/// down such connections; for that, use a listener's
/// [`negotiate`](crate::WebSocketListener::negotiate). A clone shares the settings.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use websocket_listener::{Message, WebSocketListener};
/// use websocket_listener::client::Client;
///
/// let acceptor = WebSocketListener::builder().acceptor();
/// let (near, far) = tokio::io::duplex(4096);
/// let client = Client::new();
/// let (server, client) = tokio::join!(acceptor.accept(far), client.connect_over(near, "ws://localhost/"));
/// let (mut server, mut client) = (server?, client?);
/// client.send_text("hello").await?;
/// assert_eq!(server.recv().await?, Some(Message::text("hello")));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WebSocketAcceptor {
    pub(super) config: Arc<ListenerConfig>,
}

impl WebSocketAcceptor {
    pub(crate) fn new(config: ListenerConfig) -> Self {
        Self { config: Arc::new(config) }
    }

    /// Performs the server's side of the opening handshake over a stream: TLS, a Unix socket, a
    /// pipe in memory. The counterpart of
    /// [`Client::connect_over`](crate::client::Client::connect_over).
    ///
    /// A refused peer gets two seconds to read the reason, or, for an answer of the hook, as long as
    /// it continues to read. A handler that takes over runs to its end.
    ///
    /// # Errors
    /// [`AcceptError`].
    ///
    /// # Cancel safety
    /// A dropped future drops the stream.
    ///
    /// # Panics
    /// If it runs outside a Tokio runtime.
    #[doc(alias("accept_async", "accept_hdr_async", "from_raw_socket"))]
    pub fn accept<S>(
        &self,
        stream: S,
    ) -> impl Future<Output = Result<WebSocket<S>, AcceptError>> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let config = self.config.clone();
        async move {
            let mut peer = Peer::default();
            let span = peer.open_span();
            accept(&config, stream, peer).instrument(span).await
        }
    }
}

async fn accept<S>(
    config: &ListenerConfig,
    mut stream: S,
    peer: Peer,
) -> Result<WebSocket<S>, AcceptError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut registration = Registration::new(Registry::of_runtime());
    registration.wake_at(clock::now() + config.handshake_timeout);
    let unlimited = Limiter::new(Limits::NONE);
    let opened = {
        let opening = pin!(open(config, &unlimited, &mut stream, peer, || (), || Some(())));
        unless_interrupted(&mut registration, Stage::Request, opening)
            .await
            .unwrap_or_else(|interruption| Err(Refusal::Interrupted(interruption)))
    };
    let refusal = match opened {
        Ok(Opening::Accepted { established, admission: () }) => {
            return Ok(established.into_websocket(stream, Membership::of_runtime()));
        }
        Ok(Opening::TakenOver { request, after_head, handler }) => {
            drop(registration);
            let stream = Transport::Other(AnyStream::new(stream));
            let never = CancellationToken::new();
            handler(HttpConnection::new(request, stream, after_head.freeze(), never)).await;
            return Err(AcceptError::TakenOver);
        }
        // Here, one stream is one connection, and HTTP/2 would open several.
        #[cfg(feature = "h2")]
        Ok(Opening::Http2 { .. }) => Refusal::Head(HeadError::Version),
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

impl fmt::Debug for WebSocketAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketAcceptor").field("config", &self.config).finish()
    }
}

/// The failure of [`WebSocketAcceptor::accept`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcceptError {
    /// The peer was refused with this HTTP status, and got a reason.
    Refused {
        /// 400, 405, 426, 431, or the status of the application's answer.
        status: u16,
    },
    /// The application took the stream over, and has finished with it.
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
            Self::TakenOver => f.write_str("stream taken over by the application"),
            Self::TimedOut => f.write_str("timed out in the opening handshake"),
            Self::Disconnected => f.write_str("disconnected during the opening handshake"),
        }
    }
}

impl std::error::Error for AcceptError {}
