//! Endpoints: the addresses, paths and sockets of a listener.

pub(crate) mod bind;
pub(crate) mod error;
#[cfg(unix)]
mod inherited;
pub(crate) mod local;
mod parse;
#[cfg(windows)]
mod pipe;
pub(crate) mod several;
pub(crate) mod socket_options;
pub(crate) mod stream_listener;
mod tcp;
#[cfg(unix)]
pub(crate) mod unix;

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

pub use error::{BindError, EndpointError};
#[cfg(unix)]
pub use inherited::InheritError;
pub use local::LocalEndpoint;
pub use several::IntoEndpoints;
pub use socket_options::SocketOptions;
pub use stream_listener::{PeerName, StreamListener};

pub use crate::transport::{AnyStream, Transport};

use bind::Source;

/// An endpoint for a listener: an address, a path, or a socket that is already bound.
///
/// | text | endpoint |
/// | --- | --- |
/// | `ws://HOST:PORT`, or `HOST:PORT` alone | TCP; of a name, all its addresses |
/// | `wss://HOST:PORT` | the same with TLS (feature `tls`, and [`ListenerBuilder::tls`](crate::ListenerBuilder)) |
/// | `unix:PATH` | a Unix socket |
/// | `pipe:NAME` | a named pipe, on Windows: `\\.\pipe\NAME` |
///
/// For port 0, the system chooses a port, the same for all addresses of a name. The default ports of
/// `ws` and `wss` are 80 and 443 (RFC 6455 section 3). IPv6 addresses stand in brackets.
///
/// ```
/// # #[cfg(unix)]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::endpoint::Endpoint;
///
/// let bound = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let path = std::env::temp_dir().join(format!("doc-{}.socket", std::process::id()));
/// let listener = WebSocketListener::bind([
///     "ws://localhost:0".parse::<Endpoint>()?,
///     Endpoint::unix(&path),
///     bound.into(),
/// ])
/// .await?;
/// for endpoint in listener.local_endpoints() {
///     println!("listening on {endpoint}");
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(unix))]
/// # fn main() {}
/// ```
pub struct Endpoint {
    place: Place,
    tls: bool,
    name: Option<String>,
}

enum Place {
    Address(SocketAddr),
    Host(String, u16),
    #[cfg(unix)]
    Unix(std::path::PathBuf),
    #[cfg(windows)]
    Pipe(String),
    /// A socket of the standard library, which becomes one of Tokio's.
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    UnixListener(std::os::unix::net::UnixListener),
    Bound(Source),
}

impl Endpoint {
    fn new(place: Place) -> Self {
        Self { place, tls: false, name: None }
    }

    /// Creates the endpoint of a Unix socket.
    ///
    /// Binding the listener creates the file; shutting down or dropping the listener removes it. A
    /// stale socket, left over from an ended process, is replaced. If a process listens on it,
    /// binding fails with [`AddrInUse`](std::io::ErrorKind::AddrInUse). A file that is not a socket
    /// stays untouched.
    #[cfg(unix)]
    #[must_use]
    pub fn unix(path: impl Into<std::path::PathBuf>) -> Self {
        Self::new(Place::Unix(path.into()))
    }

    /// Creates the endpoint of a named pipe, `\\.\pipe\NAME`. Compiled for Windows, but not run
    /// there yet.
    #[cfg(windows)]
    #[must_use]
    pub fn pipe(name: impl AsRef<str>) -> Self {
        Self::new(Place::Pipe(format!(r"\\.\pipe\{}", name.as_ref())))
    }

    /// Creates the endpoint of a user-defined transport.
    #[must_use]
    pub fn custom(listener: impl StreamListener) -> Self {
        Self::new(Place::Bound(Source::custom(listener)))
    }

    /// Adds TLS, as for `wss://`.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(self) -> Self {
        Self { tls: true, ..self }
    }

    #[cfg(feature = "tls")]
    pub(crate) fn is_tls(&self) -> bool {
        self.tls
    }

    /// Returns systemd's name for an [inherited](Self::inherited) socket.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        parse::endpoint(text)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        Self::new(Place::Address(address))
    }
}

impl From<tokio::net::TcpListener> for Endpoint {
    fn from(listener: tokio::net::TcpListener) -> Self {
        Self::new(Place::Bound(Source::Tcp(listener)))
    }
}

impl From<std::net::TcpListener> for Endpoint {
    fn from(listener: std::net::TcpListener) -> Self {
        Self::new(Place::Tcp(listener))
    }
}

/// The socket's file stays: it belongs to the code that bound the socket.
#[cfg(unix)]
impl From<tokio::net::UnixListener> for Endpoint {
    fn from(listener: tokio::net::UnixListener) -> Self {
        Self::new(Place::Bound(Source::Unix(listener)))
    }
}

/// The socket's file stays: it belongs to the code that bound the socket.
#[cfg(unix)]
impl From<std::os::unix::net::UnixListener> for Endpoint {
    fn from(listener: std::os::unix::net::UnixListener) -> Self {
        Self::new(Place::UnixListener(listener))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "wss" } else { "ws" };
        match &self.place {
            Place::Address(address) => write!(f, "{scheme}://{address}"),
            Place::Host(host, port) => write!(f, "{scheme}://{host}:{port}"),
            #[cfg(unix)]
            Place::Unix(path) => write!(f, "unix:{}", path.display()),
            #[cfg(windows)]
            Place::Pipe(name) => write!(f, "pipe:{name}"),
            Place::Tcp(_) | Place::Bound(_) => f.write_str("a bound socket"),
            #[cfg(unix)]
            Place::UnixListener(_) => f.write_str("a bound socket"),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&format_args!("{self}")).finish()
    }
}
