//! The errors of a client's connect.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use websocket_listener_core::handshake::{self, ClientRequestError, HeadError, VerifyError};

/// The failure of a client's [`connect`](crate::client::Client::connect), with a variant for each
/// step.
///
/// ```no_run
/// use websocket_listener::client::{ConnectError, connect};
///
/// # async fn f() {
/// match connect("ws://127.0.0.1:8006/").await {
///     Ok(socket) => drop(socket),
///     Err(ConnectError::Refused { response, .. }) if response.status() == 401 => {
///         println!("credentials required");
///     }
///     Err(error) if error.is_temporary() => println!("try again later: {error}"),
///     Err(error) => println!("failed: {error}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URL is invalid.
    Url(UrlError),
    /// The request is invalid.
    Request(ClientRequestError),
    /// The scheme `wss` requires the cargo feature `tls`.
    TlsUnavailable,
    /// The host name cannot be resolved.
    Resolve(io::Error),
    /// No address of the host accepted the connection. The error is that of the last attempt.
    Connect(io::Error),
    /// The proxy did not connect to the host.
    Proxy(ProxyError),
    /// The TLS handshake failed: the certificate is not trusted, has expired or is for another
    /// name, or the peer does not support TLS.
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::rustls::Error),
    /// The stream ended or failed.
    Disconnected,
    /// The answer is not an HTTP response, or its head exceeds 8 KiB or 64 headers.
    Malformed(HeadError),
    /// The server refused the handshake, or its answer breaks a rule of RFC 6455 section 4.1.
    Refused {
        /// The rule that the response breaks; for a refusal, its status.
        reason: VerifyError,
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
        /// The response's body: its first 64 KiB, as far as they arrived within two seconds.
        body: Bytes,
    },
    /// The server agreed to none of the subprotocols, and the client
    /// [requires](crate::client::Client::require_subprotocol) one.
    NoSubprotocol,
    /// The server redirected, and the client did not follow.
    Redirect {
        /// The reason.
        reason: RedirectError,
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
    },
    /// The [deadline](crate::client::Client::connect_timeout) passed in the middle of this step.
    TimedOut(ConnectStep),
}

/// The reason for not following a redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectError {
    /// The server sent more redirects than [`max_redirects`](crate::client::Client::max_redirects).
    TooMany,
    /// The redirect leads from `wss` to `ws`.
    Insecure,
    /// The response has no `Location`.
    NoLocation,
    /// `Location` is not a WebSocket URL.
    Location(UrlError),
}

/// The failure of a connection through a proxy.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// The proxy's URL is not `http://host:port`.
    Url(UrlError),
    /// The proxy's host name cannot be resolved.
    Resolve(io::Error),
    /// No address of the proxy accepted the connection. The error is that of the last attempt.
    Connect(io::Error),
    /// The proxy answered CONNECT with a status other than 2xx.
    Refused {
        /// The response's head.
        response: handshake::Response<Arc<[u8]>>,
        /// The response's body: its first 64 KiB, as far as they arrived within two seconds.
        body: Bytes,
    },
    /// The proxy's answer is not an HTTP response, or unexpected bytes follow it.
    Malformed,
    /// The stream ended or failed.
    Disconnected,
}

/// A step on the way to a connection.
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
            Self::TlsUnavailable => f.write_str("wss requires the cargo feature `tls`"),
            Self::Resolve(error) => write!(f, "failed to resolve the host: {error}"),
            Self::Connect(error) => write!(f, "failed to connect: {error}"),
            Self::Proxy(error) => write!(f, "proxy: {error}"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::Disconnected => f.write_str("disconnected during the opening handshake"),
            Self::Malformed(error) => {
                write!(f, "invalid HTTP response: {error}")
            }
            Self::Refused { reason, .. } => reason.fmt(f),
            Self::NoSubprotocol => f.write_str("subprotocols declined by the server"),
            Self::Redirect { reason, .. } => reason.fmt(f),
            Self::TimedOut(step) => write!(f, "timed out {step}"),
        }
    }
}

impl std::error::Error for ConnectError {
    /// Returns the source of the cause, because the error itself prints the cause.
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

/// Keeps the error as the inner error.
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
            Self::TooMany => f.write_str("too many redirects"),
            Self::Insecure => f.write_str("insecure redirect from wss to ws"),
            Self::NoLocation => f.write_str("missing redirect location"),
            Self::Location(error) => write!(f, "invalid redirect location: {error}"),
        }
    }
}

impl std::error::Error for RedirectError {}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(UrlError::Scheme) => f.write_str("invalid URL: the scheme is not http"),
            Self::Url(error) => error.fmt(f),
            Self::Resolve(error) => write!(f, "failed to resolve the host: {error}"),
            Self::Connect(error) => write!(f, "failed to connect: {error}"),
            Self::Refused { response, .. } => {
                write!(f, "refused with status {}", response.status())
            }
            Self::Malformed => f.write_str("invalid HTTP response"),
            Self::Disconnected => f.write_str("disconnected"),
        }
    }
}

impl std::error::Error for ProxyError {
    /// Returns the source of the cause, because the error itself prints the cause.
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
            Self::Resolve => "resolving the host",
            Self::Connect => "connecting",
            Self::Proxy => "waiting for the proxy",
            Self::Tls => "in the TLS handshake",
            Self::Handshake => "in the opening handshake",
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

/// The fault of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// The scheme is not `ws` or `wss`, or for a proxy not `http`.
    Scheme,
    /// The user name or the password has a character that has to be percent-encoded, or the user name
    /// has a colon.
    Credentials,
    /// The host is missing or invalid. A name outside ASCII has to be in its `xn--` form.
    Host,
    /// The port is not a number from 1 to 65,535.
    Port,
    /// The path or the query has a character outside printable ASCII, which has to be
    /// percent-encoded.
    Target,
    /// The URL has a fragment, which RFC 6455 section 3 forbids.
    Fragment,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "invalid URL: the scheme is not ws or wss",
            Self::Credentials => "invalid URL: user name or password not percent-encoded",
            Self::Host => "invalid URL: missing or invalid host",
            Self::Port => "invalid URL: invalid port",
            Self::Target => "invalid URL: path or query not percent-encoded",
            Self::Fragment => "invalid URL: unexpected fragment",
        })
    }
}

impl std::error::Error for UrlError {}
