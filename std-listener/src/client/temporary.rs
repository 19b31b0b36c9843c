//! The answers of an error to a client that may reconnect.

use std::time::Duration;

use websocket_listener_core::handshake::VerifyError;

use super::error::{ConnectError, ProxyError};

impl ConnectError {
    /// Returns true if the same attempt may succeed later: the network or the server was unreachable,
    /// or the server answered with status 408, 425, 429, 500, 502, 503 or 504.
    #[must_use]
    #[doc(alias = "reconnect")]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Resolve(_) | Self::Connect(_) | Self::Disconnected | Self::TimedOut(_) => true,
            Self::Refused { reason: VerifyError::Status(status), .. } => is_temporary(*status),
            Self::Proxy(ProxyError::Refused { response, .. }) => is_temporary(response.status()),
            Self::Proxy(error) => matches!(
                error,
                ProxyError::Resolve(_) | ProxyError::Connect(_) | ProxyError::Disconnected
            ),
            _ => false,
        }
    }

    /// Returns the pause that the refusing server or proxy requests: `Retry-After` in seconds
    /// (RFC 9110 section 10.2.3), however large. A date there is ignored.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let (Self::Refused { response, .. } | Self::Proxy(ProxyError::Refused { response, .. })) =
            self
        else {
            return None;
        };
        response.header_str("Retry-After")?.parse().ok().map(Duration::from_secs)
    }
}

fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502..=504)
}
