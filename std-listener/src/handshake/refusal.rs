//! Refusals of peers: their reasons, responses and counters.

use std::fmt;
#[cfg(feature = "tls")]
use std::io;
use std::sync::atomic::AtomicU64;

use websocket_listener_core::handshake::{HeadError, PlainResponse, ResponseError, UpgradeError};

use super::interruption::Interruption;
use crate::counters::CounterCells;
use crate::http::response::Response;
use crate::http::status::Status;

/// The reason for not opening a connection.
pub(crate) enum Refusal {
    Head(HeadError),
    /// The request is not valid. The response to HEAD has no body.
    Upgrade {
        error: UpgradeError,
        with_body: bool,
    },
    /// The request is for another version of the protocol than these.
    Version {
        versions: String,
        with_body: bool,
    },
    /// The application refused the request.
    Rejected {
        response: Response,
        with_body: bool,
    },
    /// The application's answer is invalid.
    InvalidAnswer(ResponseError),
    QueueFull,
    TooManyConnections,
    /// One address has too many connections. It may retry after this many seconds.
    TooManyOfAddress {
        retry_after: u32,
    },
    TooManyHttpConnections,
    /// A proxy did not send the required header of the PROXY protocol, or an invalid one.
    ProxyHeader,
    /// An endpoint with TLS received plain HTTP.
    #[cfg(feature = "tls")]
    PlainHttp,
    /// The TLS handshake failed, and the peer has received an alert.
    #[cfg(feature = "tls")]
    Tls(io::Error),
    Interrupted(Interruption),
    Disconnected,
}

impl Refusal {
    /// Returns the response to the peer, and true if its body is sent; `None` if the peer has
    /// disconnected or cannot read a response.
    pub(crate) fn response(&self) -> Option<(Response, bool)> {
        Some(match self {
            Self::Head(error) => (PlainResponse::from(*error).into(), true),
            Self::Upgrade { error, with_body } => (PlainResponse::from(*error).into(), *with_body),
            Self::Version { versions, with_body } => {
                let why = Response::plain(
                    Status::UPGRADE_REQUIRED,
                    "This Sec-WebSocket-Version is not spoken here.",
                );
                let offer = why.with("Sec-WebSocket-Version", versions.as_str());
                (offer.with("Upgrade", "websocket"), *with_body)
            }
            Self::Rejected { response, with_body } => (response.clone(), *with_body),
            Self::InvalidAnswer(_) => (Response::invalid(), true),
            Self::QueueFull | Self::TooManyConnections | Self::TooManyHttpConnections => {
                let why = Response::plain(Status::SERVICE_UNAVAILABLE, "too many connections");
                (why.with("Retry-After", "1"), true)
            }
            // RFC 6585 section 4.
            Self::TooManyOfAddress { retry_after } => {
                let why = Response::plain(
                    Status::TOO_MANY_REQUESTS,
                    "too many connections from this address",
                );
                (why.with("Retry-After", retry_after.to_string()), true)
            }
            Self::Interrupted(Interruption::Deadline) => {
                (Response::plain(Status::REQUEST_TIMEOUT, "the request took too long"), true)
            }
            Self::Interrupted(Interruption::Evicted) => {
                (Response::plain(Status::SERVICE_UNAVAILABLE, "too many connections"), true)
            }
            Self::Interrupted(Interruption::ShuttingDown) => {
                (Response::plain(Status::SERVICE_UNAVAILABLE, "shutting down"), true)
            }
            #[cfg(feature = "tls")]
            Self::PlainHttp => (
                Response::plain(
                    Status::BAD_REQUEST,
                    "this port speaks TLS: use https:// or wss://",
                ),
                true,
            ),
            #[cfg(feature = "tls")]
            Self::Tls(_) => return None,
            Self::ProxyHeader | Self::Disconnected => return None,
        })
    }

    /// Returns the response for another HTTP server to send.
    #[cfg(feature = "http")]
    pub(crate) fn into_response(self) -> Response {
        self.response().map_or_else(Response::invalid, |(response, _)| response)
    }

    /// Returns the status of the response.
    pub(crate) fn status(&self) -> u16 {
        self.response().map_or(503, |(response, _)| response.status.code())
    }

    /// Returns the counter of the refusal.
    pub(crate) fn counter<'a>(&self, counters: &'a CounterCells) -> &'a AtomicU64 {
        match self {
            Self::Head(_) | Self::Upgrade { .. } | Self::Version { .. } => {
                &counters.refused_malformed
            }
            Self::Rejected { .. } | Self::InvalidAnswer(_) => &counters.refused_rejected,
            Self::QueueFull
            | Self::TooManyConnections
            | Self::TooManyHttpConnections
            | Self::Interrupted(Interruption::Evicted) => &counters.refused_overloaded,
            Self::Interrupted(Interruption::Deadline) => &counters.refused_timed_out,
            Self::Interrupted(Interruption::ShuttingDown) => &counters.refused_shutting_down,
            Self::TooManyOfAddress { .. } => &counters.refused_by_address,
            Self::ProxyHeader => &counters.refused_proxy_header,
            #[cfg(feature = "tls")]
            Self::PlainHttp | Self::Tls(_) => &counters.refused_tls,
            Self::Disconnected => &counters.refused_disconnected,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head(error) => error.fmt(f),
            Self::Upgrade { error, .. } => error.fmt(f),
            Self::Version { .. } => UpgradeError::Version.fmt(f),
            Self::Rejected { response, .. } => write!(f, "application: {}", response.status),
            Self::InvalidAnswer(error) => error.fmt(f),
            Self::QueueFull => f.write_str("accept queue full"),
            Self::TooManyConnections => f.write_str("too many connections"),
            Self::TooManyOfAddress { .. } => f.write_str("too many connections from one address"),
            Self::TooManyHttpConnections => f.write_str("too many HTTP connections"),
            Self::Interrupted(Interruption::Deadline) => f.write_str("timed out"),
            Self::Interrupted(Interruption::Evicted) => f.write_str("too many negotiations"),
            Self::Interrupted(Interruption::ShuttingDown) => f.write_str("shutting down"),
            Self::ProxyHeader => f.write_str("missing header of the PROXY protocol"),
            #[cfg(feature = "tls")]
            Self::PlainHttp => f.write_str("HTTP without TLS"),
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::Disconnected => f.write_str("disconnected"),
        }
    }
}
