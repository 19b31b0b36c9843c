//! Transports of the user's own.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::peer::Peer;
use crate::transport::Transport;

/// A transport of your own: anything that listens somewhere and yields streams, one for each peer.
/// See [`Endpoint::custom`](crate::Endpoint::custom).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::io;
/// use tokio::io::DuplexStream;
/// use tokio::sync::mpsc;
/// use websocket_listener::{Client, Endpoint, PeerName, StreamListener, WebSocketListener};
///
/// /// Streams that come out of a channel.
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
    /// The streams that it yields.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The next stream. It should do no more than accept, because peers are accepted one after the
    /// other.
    ///
    /// # Errors
    /// After an error that concerns a single peer (`ConnectionAborted`, `ConnectionReset`,
    /// `ConnectionRefused`) it is called again at once, after any other error in a moment.
    ///
    /// # Cancel safety
    /// It must be cancel-safe.
    fn accept(&mut self) -> impl Future<Output = io::Result<(Self::Stream, PeerName)>> + Send;

    /// Where it listens, as text, for [`local_endpoints`](crate::WebSocketListener::local_endpoints).
    fn local_endpoint(&self) -> String;
}

/// Who is at the other end, as far as a transport knows: an address, a description, or nothing.
#[derive(Clone, Debug, Default)]
pub struct PeerName {
    addr: Option<SocketAddr>,
    description: Option<Box<str>>,
}

impl PeerName {
    /// Not known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// A text for [`Request::peer_name`](crate::Request::peer_name).
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

/// A [`StreamListener`] of whatever type.
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
