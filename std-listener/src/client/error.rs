//! Why a client has no connection.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use websocket_listener_core::handshake::{
    self, ClientRequestError, ResponseHeadError, VerifyError,
};

use super::url::UrlError;

/// Why a client's [`connect`](crate::Client::connect) failed: one variant for each step on the way.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL cannot be connected to.
    Url(UrlError),
    /// The request cannot be sent as it is.
    Request(ClientRequestError),
    /// `wss://` needs the cargo feature `tls`.
    TlsUnavailable,
    /// The host's addresses could not be looked up.
    Resolve(io::Error),
    /// None of the host's addresses took the connection. The error is the last one's.
    Connect(io::Error),
    /// The proxy did not connect to the host.
    Proxy(ProxyError),
    /// The TLS handshake failed: the certificate is not trusted, has expired or is for another
    /// name, or the peer does not speak TLS.
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::rustls::Error),
    /// The stream ended or failed.
    Disconnected,
    /// The answer is not an HTTP response, or its head exceeds 8 KiB or 64 headers.
    Malformed(ResponseHeadError),
    /// The server refused, or its answer breaks a rule.
    Refused {
        /// The rule that the response breaks; for a refusal, its status.
        reason: VerifyError,
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
        /// The response's body: its first 64 KiB, as far as they came within two seconds.
        body: Bytes,
    },
    /// The server agreed to none of the subprotocols, and the client
    /// [requires](crate::Client::require_subprotocol) one.
    NoSubprotocol,
    /// The server redirected, and the client did not follow.
    Redirect {
        /// Why not.
        reason: RedirectError,
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
    },
    /// The [deadline](crate::Client::connect_timeout) passed in the middle of this step.
    TimedOut(ConnectStep),
}

/// Why a redirect was not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// More than [`max_redirects`](crate::Client::max_redirects).
    TooMany,
    /// From `wss` to `ws`.
    Insecure,
    /// There is no `Location`.
    NoLocation,
    /// `Location` does not refer to a WebSocket.
    Location(UrlError),
}

/// Why a proxy did not connect to the host.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// The proxy's URL is not `http://host:port`.
    Url(UrlError),
    /// The proxy's addresses could not be looked up.
    Resolve(io::Error),
    /// None of the proxy's addresses took the connection. The error is the last one's.
    Connect(io::Error),
    /// The proxy answered CONNECT with a status other than 2xx.
    Refused {
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
        /// The response's body: its first 64 KiB, as far as they came within two seconds.
        body: Bytes,
    },
    /// The proxy's answer is not an HTTP response, or is followed by bytes that nobody asked for.
    Malformed,
    /// The stream ended or failed.
    Disconnected,
}

/// The steps to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectStep {
    /// The look-up of the host's addresses, or of the proxy's.
    Resolve,
    /// The transport's connection.
    Connect,
    /// The proxy's answer.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The opening handshake.
    Handshake,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::TlsUnavailable => f.write_str("wss needs the cargo feature tls"),
            Self::Resolve(error) => write!(f, "the host was not found: {error}"),
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Proxy(error) => write!(f, "the proxy: {error}"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::Disconnected => f.write_str("the connection ended during the opening handshake"),
            Self::Malformed(error) => {
                write!(f, "the server's answer is not an HTTP response: {error}")
            }
            Self::Refused { reason, .. } => reason.fmt(f),
            Self::NoSubprotocol => f.write_str("the server agreed to none of the subprotocols"),
            Self::Redirect { reason, .. } => reason.fmt(f),
            Self::TimedOut(step) => write!(f, "not done in time: {step}"),
        }
    }
}

impl std::error::Error for ConnectError {
    /// The source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(error) => error.source(),
            Self::Request(error) => error.source(),
            Self::Resolve(error) | Self::Connect(error) => error.source(),
            Self::Proxy(error) => error.source(),
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.source(),
            Self::Malformed(error) => error.source(),
            Self::Refused { reason, .. } => reason.source(),
            Self::Redirect { reason, .. } => reason.source(),
            _ => None,
        }
    }
}

/// For callers that want I/O errors. The error itself is inside.
impl From<ConnectError> for io::Error {
    fn from(error: ConnectError) -> Self {
        let kind = match &error {
            ConnectError::Url(_) | ConnectError::Request(_) => io::ErrorKind::InvalidInput,
            ConnectError::TlsUnavailable => io::ErrorKind::Unsupported,
            ConnectError::Resolve(error)
            | ConnectError::Connect(error)
            | ConnectError::Proxy(ProxyError::Resolve(error) | ProxyError::Connect(error)) => {
                error.kind()
            }
            ConnectError::Disconnected | ConnectError::Proxy(ProxyError::Disconnected) => {
                io::ErrorKind::ConnectionReset
            }
            ConnectError::Malformed(_) | ConnectError::Proxy(ProxyError::Malformed) => {
                io::ErrorKind::InvalidData
            }
            ConnectError::TimedOut(_) => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => f.write_str("the server redirected too often"),
            Self::Insecure => f.write_str("the server redirected from wss to ws"),
            Self::NoLocation => f.write_str("the server redirected without a location"),
            Self::Location(error) => write!(f, "the server redirected to nowhere: {error}"),
        }
    }
}

impl std::error::Error for RedirectError {}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(UrlError::Scheme) => f.write_str("its URL does not begin with http://"),
            Self::Url(error) => error.fmt(f),
            Self::Resolve(error) => write!(f, "not found: {error}"),
            Self::Connect(error) => write!(f, "cannot connect: {error}"),
            Self::Refused { response, .. } => write!(f, "answered {}", response.status()),
            Self::Malformed => f.write_str("the answer is not an HTTP response"),
            Self::Disconnected => f.write_str("the connection ended"),
        }
    }
}

impl std::error::Error for ProxyError {
    /// The source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(error) => error.source(),
            Self::Resolve(error) | Self::Connect(error) => error.source(),
            _ => None,
        }
    }
}

impl fmt::Display for ConnectStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "looking up the host",
            Self::Connect => "connecting",
            Self::Proxy => "the proxy's answer",
            Self::Tls => "the TLS handshake",
            Self::Handshake => "the opening handshake",
        })
    }
}

impl From<UrlError> for ConnectError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

impl From<ProxyError> for ConnectError {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}
