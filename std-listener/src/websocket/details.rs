//! What is known of a connection: its number, its addresses, its handshake, its end.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::handshake;

use super::WebSocket;
use super::close_reason::CloseReason;
use crate::http::request::Request;

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// The connection's number, unique in this process. Events of `tracing` carry it as `id`.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.connection.id()
    }

    /// The connection's span of `tracing`, to run its handler in: all events of the connection,
    /// from its opening handshake on, are in it.
    ///
    /// It is called `websocket`, has the level `info` and the target `websocket_listener`, and the
    /// fields `id`, `peer_addr`, `client_addr`, `path` and `subprotocol`, as far as they are known.
    /// A client's span begins with the look-up of the host's name. If no subscriber wanted it when
    /// the connection was accepted, it is disabled, and costs nothing.
    ///
    /// ```
    /// use tracing::Instrument;
    ///
    /// # async fn f(mut socket: websocket_listener::WebSocket) {
    /// let span = socket.span();
    /// tokio::spawn(
    ///     async move {
    ///         while let Ok(Some(message)) = socket.recv().await {
    ///             tracing::info!(bytes = message.len(), "received"); // says of which connection
    ///         }
    ///     }
    ///     .instrument(span),
    /// );
    /// # }
    /// ```
    #[must_use]
    pub fn span(&self) -> tracing::Span {
        self.connection.span()
    }

    /// How the connection ended: the peer's code and reason, and who closed first. `None` while it
    /// is open. Code 1006 means an end without a closing handshake.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.connection.protocol().close_reason().map(Into::into)
    }

    /// How many bytes wait to be sent: frames that were queued and that the stream has not taken, with
    /// their headers, and what remains of a message that is being compressed. A slow peer shows here
    /// before [the queue](crate::Options::write_queue_bytes) is full. With 0, bytes may still be on
    /// their way, in the buffers of the operating system.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.connection.queued_bytes()
    }

    /// How long the last answered ping took. In [latency
    /// control](crate::PingMode::LatencyControl) mode it is measured all the time.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.connection.protocol().latency()
    }

    /// The subprotocol that was agreed on.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.connection.details.subprotocol.as_deref()
    }

    /// The request that opened the connection; `None` on a client.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.connection.details.request()
    }

    /// The response that opened the connection; `None` on a server.
    #[must_use]
    pub fn response(&self) -> Option<&handshake::Response<Arc<[u8]>>> {
        self.connection.details.response()
    }

    /// The address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.connection.details.peer_addr()
    }

    /// The address of the client, which differs from the peer's behind a trusted proxy; see
    /// [`Request::client_addr`]. On a client, the peer's address.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.connection.details.client_addr()
    }
}

impl WebSocket {
    /// The address that the peer connected to.
    ///
    /// # Errors
    /// Those of the system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream().local_addr()
    }
}
