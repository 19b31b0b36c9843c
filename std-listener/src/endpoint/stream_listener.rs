//! User-defined transports.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::peer::Peer;
use crate::transport::Transport;

/// A user-defined transport, which accepts a stream for each peer. See
/// [`Endpoint::custom`](crate::endpoint::Endpoint::custom).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::io;
/// use tokio::io::DuplexStream;
/// use tokio::sync::mpsc;
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::client::Client;
/// use websocket_listener::endpoint::{Endpoint, PeerName, StreamListener};
///
/// /// Accepts streams from a channel.
/// struct Channel(mpsc::Receiver<DuplexStream>);
///
/// impl StreamListener for Channel {
///     type Stream = DuplexStream;
///
///     async fn accept(&mut self) -> io::Result<(DuplexStream, PeerName)> {
///         match self.0.recv().await {
///             Some(stream) => Ok((stream, PeerName::described("a task of this program"))),
///             None => std::future::pending().await,
///         }
///     }
///
///     fn local_endpoint(&self) -> String {
///         "channel:".to_owned()
///     }
/// }
///
/// let (connect, incoming) = mpsc::channel(8);
/// let listener = WebSocketListener::bind(Endpoint::custom(Channel(incoming))).await?;
/// let (near, far) = tokio::io::duplex(4096);
/// connect.send(far).await?;
/// let client = Client::new();
/// let (server, client) = tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
/// let (server, _client) = (server.unwrap(), client?);
/// assert_eq!(server.request().unwrap().peer_name(), Some("a task of this program"));
/// # Ok(())
/// # }
/// ```
pub trait StreamListener: Send + 'static {
    /// The type of the streams.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// Accepts the next stream. Peers are accepted one after the other, so a handshake here would
    /// delay the next peer.
    ///
    /// # Errors
    /// The listener calls again at once after an error of a single peer (`ConnectionAborted`,
    /// `ConnectionReset`, `ConnectionRefused`), and after a pause after any other error.
    ///
    /// # Cancel safety
    /// Implementations have to be cancel-safe.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, PeerName)>> + Send;

    /// Returns the endpoint as text, for
    /// [`local_endpoints`](crate::WebSocketListener::local_endpoints).
    fn local_endpoint(&self) -> String;
}

/// The identity of a peer, as far as a transport knows it: an address, a description, or nothing.
#[derive(Clone, Debug, Default)]
pub struct PeerName {
    addr: Option<SocketAddr>,
    description: Option<Box<str>>,
}

impl PeerName {
    /// Creates the name of an unknown peer.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Creates a name from a text for [`Request::peer_name`](crate::http::Request::peer_name).
    #[must_use]
    pub fn described(description: impl Into<String>) -> Self {
        Self { addr: None, description: Some(description.into().into()) }
    }
}

impl From<SocketAddr> for PeerName {
    fn from(addr: SocketAddr) -> Self {
        Self { addr: Some(addr), description: None }
    }
}

impl From<PeerName> for Peer {
    fn from(name: PeerName) -> Self {
        let mut peer = Self::at(name.addr);
        if name.description.is_some() {
            peer.more_mut().name = name.description;
        }
        peer
    }
}

type Accepting<'a> = Pin<Box<dyn Future<Output = io::Result<(Transport, Peer)>> + Send + 'a>>;

trait DynListener: Send {
    fn accept(&mut self) -> Accepting<'_>;
    fn local_endpoint(&self) -> String;
}

impl<L: StreamListener> DynListener for L {
    fn accept(&mut self) -> Accepting<'_> {
        Box::pin(async {
            let (stream, name) = StreamListener::accept(self).await?;
            Ok((Transport::other(stream), name.into()))
        })
    }

    fn local_endpoint(&self) -> String {
        StreamListener::local_endpoint(self)
    }
}

/// A [`StreamListener`] of any type.
pub(super) struct Custom(Box<dyn DynListener>);

impl Custom {
    pub(super) fn new(listener: impl StreamListener) -> Self {
        Self(Box::new(listener))
    }

    pub(super) async fn accept(&mut self) -> io::Result<(Transport, Peer)> {
        self.0.accept().await
    }

    pub(super) fn local_endpoint(&self) -> String {
        self.0.local_endpoint()
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Custom").field(&self.local_endpoint()).finish()
    }
}
