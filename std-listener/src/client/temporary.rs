//! What a client that connects again has to know of an error.

use std::time::Duration;

use websocket_listener_core::handshake::VerifyError;

use super::{ConnectError, ProxyError};

impl ConnectError {
    /// Whether the same may succeed later, without anybody changing the client: the network or the
    /// server was not there, or had no room. The latter says so by the status 408, 425, 429, 500, 502,
    /// 503 or 504.
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

    /// How long the server, or the proxy, that refused asks to be left alone: `Retry-After` in seconds
    /// (RFC 9110 section 10.2.3), as large as it says. A date there is not read.
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
