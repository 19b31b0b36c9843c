//! What an error says to a client that wants to connect again.

use std::time::Duration;

use websocket_listener_core::handshake::VerifyError;

use super::error::{ConnectError, ProxyError};

impl ConnectError {
    /// Whether the same attempt may succeed later, with the client unchanged: the network or the
    /// server was not there, or the server had no room, which it says by the status 408, 425, 429,
    /// 500, 502, 503 or 504.
    #[must_use]
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

    /// How long the server or proxy that refused asks to be left alone: `Retry-After` in seconds
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
