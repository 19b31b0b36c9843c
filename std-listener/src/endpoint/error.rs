//! The errors of endpoints and of binding.

use std::fmt;
use std::io;

/// The fault of a text that does not name an [`Endpoint`](crate::endpoint::Endpoint).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointError {
    /// The scheme is not `ws`, `wss`, `unix` or `pipe`.
    UnknownScheme,
    /// The text has no host before the port.
    MissingHost,
    /// The host is neither a name nor an address; an IPv6 address stands in brackets.
    InvalidHost,
    /// An address without a scheme needs a port.
    MissingPort,
    /// The port is not a number from 0 to 65,535.
    InvalidPort,
    /// The text has a path, a query or a fragment. A listener receives requests for every path; see
    /// [`on_request`](crate::ListenerBuilder::on_request).
    Path,
    /// The text has nothing after `unix:` or `pipe:`.
    MissingPath,
    /// The scheme `wss` requires the cargo feature `tls`.
    WithoutTls,
    /// This system has no such sockets: `unix:` on Windows, `pipe:` elsewhere.
    NotOnThisSystem,
}

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownScheme => "unknown scheme",
            Self::MissingHost => "missing host",
            Self::InvalidHost => "invalid host",
            Self::MissingPort => "missing port",
            Self::InvalidPort => "invalid port",
            Self::Path => "unexpected path",
            Self::MissingPath => "missing path",
            Self::WithoutTls => "wss requires the cargo feature `tls`",
            Self::NotOnThisSystem => "unsupported on this system",
        })
    }
}

impl std::error::Error for EndpointError {}

/// The failure of binding a listener. None of its endpoints listens then.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// The list of endpoints is empty.
    NoEndpoint,
    /// A text does not name an endpoint.
    Endpoint {
        /// The text.
        text: String,
        /// The fault.
        reason: EndpointError,
    },
    /// The host name cannot be resolved, or has no address.
    Lookup {
        /// The name.
        host: String,
        /// The resolver's error.
        error: io::Error,
    },
    /// The path of a Unix socket is that of a file that is not a socket.
    NotASocket {
        /// The endpoint.
        endpoint: String,
    },
    /// The endpoint uses TLS, and the builder has no certificate.
    NoCertificate {
        /// The endpoint.
        endpoint: String,
    },
    /// A subprotocol is not a token (RFC 6455 section 4.1), so no client can offer it.
    InvalidSubprotocol {
        /// The name.
        subprotocol: String,
    },
    /// The system refuses the address: it is in use, belongs to another host, or requires a
    /// privilege.
    Refused {
        /// The endpoint.
        endpoint: String,
        /// The system's error.
        error: io::Error,
    },
}

impl BindError {
    /// Returns the kind of I/O error, often [`AddrInUse`](io::ErrorKind::AddrInUse) or
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied).
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
            Self::NoEndpoint => f.write_str("missing endpoint"),
            Self::Endpoint { text, reason } => write!(f, "invalid endpoint {text:?}: {reason}"),
            Self::Lookup { host, error } => write!(f, "failed to resolve host {host:?}: {error}"),
            Self::NotASocket { endpoint } => {
                write!(f, "failed to listen on {endpoint}: the file is not a socket")
            }
            Self::NoCertificate { endpoint } => {
                write!(f, "failed to listen on {endpoint}: missing certificate")
            }
            Self::InvalidSubprotocol { subprotocol } => {
                write!(f, "invalid subprotocol {subprotocol:?}: not a token")
            }
            Self::Refused { endpoint, error } => {
                write!(f, "failed to listen on {endpoint}: {error}")
            }
        }
    }
}

impl std::error::Error for BindError {
    /// Returns the source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Endpoint { reason, .. } => reason.source(),
            Self::Lookup { error, .. } | Self::Refused { error, .. } => error.source(),
            _ => None,
        }
    }
}

/// Keeps the kind, and the error as the inner error.
impl From<BindError> for io::Error {
    fn from(error: BindError) -> Self {
        Self::new(error.kind(), error)
    }
}
