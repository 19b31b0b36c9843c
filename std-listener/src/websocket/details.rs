//! The details of a connection: its number, its addresses, its handshake and its end.

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
    /// Returns the connection's number, unique in this process. Events of `tracing` have it as `id`.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.connection.id()
    }

    /// Returns the connection's span of `tracing`, in which its handler may run. It contains all
    /// events of the connection, from its opening handshake on.
    ///
    /// Its name is `websocket`, its level `info`, its target `websocket_listener`, and its fields are
    /// `id`, `peer_addr`, `client_addr`, `path` and `subprotocol`, as far as they are known. A
    /// client's span begins with the resolution of the host's name. Without an interested subscriber
    /// at that time, the span is disabled and costs nothing.
    ///
    /// ```
    /// use tracing::Instrument;
    ///
    /// # async fn f(mut socket: websocket_listener::WebSocket) {
    /// let span = socket.span();
    /// tokio::spawn(
    ///     async move {
    ///         while let Ok(Some(message)) = socket.recv().await {
    ///             tracing::info!(bytes = message.len(), "received"); // with the span's fields
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

    /// Returns the end of the connection: the peer's code and reason, and the endpoint that closed
    /// first. `None` while the connection is open. Code 1006 stands for an end without a closing
    /// handshake.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.connection.protocol().close_reason().map(Into::into)
    }

    /// Returns the number of bytes that wait to be sent: queued frames that the stream has not
    /// accepted, with their headers, and the rest of a message that is being compressed. A slow peer
    /// shows here before [the queue](crate::Options::write_queue_bytes) is full. At 0, bytes may
    /// still be in the buffers of the operating system.
    #[doc(alias("backpressure", "buffered_amount", "bufferedAmount"))]
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.connection.queued_bytes()
    }

    /// Returns the round-trip time of the last answered ping. In [latency
    /// control](crate::PingMode::LatencyControl) mode it is measured continually.
    #[doc(alias("rtt", "heartbeat"))]
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.connection.protocol().latency()
    }

    /// Returns the agreed subprotocol.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        self.connection.details.subprotocol.as_deref()
    }

    /// Returns the request that opened the connection; `None` on a client.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.connection.details.request()
    }

    /// Returns the response that opened the connection; `None` on a server.
    #[must_use]
    pub fn response(&self) -> Option<&handshake::Response<Arc<[u8]>>> {
        self.connection.details.response()
    }

    /// Returns the address of the peer, as the transport knows it.
    #[doc(alias = "remote_addr")]
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.connection.details.peer_addr()
    }

    /// Returns the address of the client, which differs from the peer's behind a trusted proxy; see
    /// [`Request::client_addr`]. On a client, returns the peer's address.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.connection.details.client_addr()
    }
}

impl WebSocket {
    /// Returns the local address of the connection.
    ///
    /// # Errors
    /// An error of the system, or of a transport without addresses.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.stream().local_addr()
    }
}
