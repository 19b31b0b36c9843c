//! Connection extensions, which wrap the stream of a connection.

use std::future::Future;
use std::io;

use crate::http::future::BoxFuture;
use crate::transport::{AnyStream, Transport};

/// A connection extension: wraps the stream of every connection that a
/// [listener](crate::ListenerBuilder::connection_extension) accepts, above TLS if there is any and
/// below HTTP. It may count, delay or encrypt the bytes of both directions.
///
/// A function implements the trait:
///
/// ```
/// use std::io;
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::endpoint::{AnyStream, Transport};
///
/// /// Reads and writes in blocks.
/// async fn buffered(stream: Transport) -> io::Result<AnyStream> {
///     Ok(AnyStream::new(tokio::io::BufStream::new(stream)))
/// }
///
/// let builder = WebSocketListener::builder().connection_extension(buffered);
/// # let _ = builder;
/// ```
pub trait ConnectionExtension: Send + Sync + 'static {
    /// Wraps a stream, within the limits and the deadline of the opening handshake. The extension
    /// may read and write, for a handshake of its own with the peer. An error ends the connection.
    fn wrap(&self, stream: Transport) -> BoxFuture<io::Result<AnyStream>>;
}

impl<F, Fut> ConnectionExtension for F
where
    F: Fn(Transport) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = io::Result<AnyStream>> + Send + 'static,
{
    fn wrap(&self, stream: Transport) -> BoxFuture<io::Result<AnyStream>> {
        Box::pin(self(stream))
    }
}
