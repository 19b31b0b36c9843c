//! Why a listener cannot listen.

use std::fmt;
use std::io;

/// Why a text does not name an [`Endpoint`](crate::Endpoint).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointError {
    /// Neither `ws://`, `wss://`, `unix:` nor `pipe:`.
    UnknownScheme,
    /// There is nothing in front of the port.
    MissingHost,
    /// Neither a name nor an address; an IPv6 address stands in brackets.
    InvalidHost,
    /// An address without a scheme needs a port.
    MissingPort,
    /// Not a number from 0 to 65,535.
    InvalidPort,
    /// A path, query or fragment: a listener gets requests for all of them, see
    /// [`on_request`](crate::Builder::on_request).
    Path,
    /// `unix:` or `pipe:` and nothing after it.
    MissingPath,
    /// `wss://` without the cargo feature `tls`.
    WithoutTls,
    /// `unix:` on Windows, `pipe:` elsewhere.
    NotOnThisSystem,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownScheme => "unknown scheme: neither ws, wss, unix nor pipe",
            Self::MissingHost => "no host",
            Self::InvalidHost => "neither a host name nor an address (IPv6 in brackets)",
            Self::MissingPort => "no port",
            Self::InvalidPort => "the port is not a number from 0 to 65535",
            Self::Path => "a path, which is for clients to choose",
            Self::MissingPath => "no path",
            Self::WithoutTls => "wss:// needs the cargo feature `tls`",
            Self::NotOnThisSystem => "this system has no such sockets",
        })
    }
}

impl std::error::Error for EndpointError {}

/// Why a listener could not be bound. None of its endpoints listens then.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// There is no endpoint to listen on.
    NoEndpoint,
    /// A text does not name an endpoint.
    Endpoint {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: EndpointError,
    },
    /// The name was not found, or has no address.
    Lookup {
        /// The name.
        host: String,
        /// The resolver's error.
        error: io::Error,
    },
    /// The path of a Unix socket is taken by a file that is not a socket.
    NotASocket {
        /// The endpoint.
        endpoint: String,
    },
    /// The endpoint wants TLS and the builder was given no certificate.
    NoCertificate {
        /// The endpoint.
        endpoint: String,
    },
    /// The builder was given a subprotocol whose name is not a token (RFC 6455 section 4.1), so that
    /// no client can offer it.
    InvalidSubprotocol {
        /// The name.
        subprotocol: String,
    },
    /// The system refuses: the address is in use, does not belong to this host, or may not be used
    /// by this process.
    Refused {
        /// The endpoint.
        endpoint: String,
        /// The system's error.
        error: io::Error,
    },
}

impl BindError {
    /// What kind of I/O error it is, or would be: [`AddrInUse`](io::ErrorKind::AddrInUse) and
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) are what to expect.
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Lookup { error, .. } | Self::Refused { error, .. } => error.kind(),
            Self::NotASocket { .. } => io::ErrorKind::AddrInUse,
            Self::NoEndpoint
            | Self::Endpoint { .. }
            | Self::NoCertificate { .. }
            | Self::InvalidSubprotocol { .. } => io::ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEndpoint => f.write_str("there is no endpoint to listen on"),
            Self::Endpoint { text, reason } => write!(f, "`{text}` is no endpoint: {reason}"),
            Self::Lookup { host, error } => write!(f, "cannot find `{host}`: {error}"),
            Self::NotASocket { endpoint } => {
                write!(f, "cannot listen on {endpoint}: the file is no socket")
            }
            Self::NoCertificate { endpoint } => {
                write!(f, "cannot listen on {endpoint}: there is no certificate for TLS")
            }
            Self::InvalidSubprotocol { subprotocol } => {
                write!(f, "`{}` is no subprotocol: not a token", subprotocol.escape_debug())
            }
            Self::Refused { endpoint, error } => write!(f, "cannot listen on {endpoint}: {error}"),
        }
    }
}

impl std::error::Error for BindError {
    /// The source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Endpoint { reason, .. } => reason.source(),
            Self::Lookup { error, .. } | Self::Refused { error, .. } => error.source(),
            _ => None,
        }
    }
}

/// For callers that want I/O errors. The kind is kept, and the error itself is inside.
impl From<BindError> for io::Error {
    fn from(error: BindError) -> Self {
        Self::new(error.kind(), error)
    }
}
