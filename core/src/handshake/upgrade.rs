//! The server's rules for an opening handshake (RFC 6455 section 4.2.1).

use core::fmt;

use super::accept_key::{ACCEPT_LENGTH, accept_value};
use super::request::Request;
use super::syntax::{self, Class};
use super::upgrade_error::UpgradeError;

/// Proof that a request opens a WebSocket: what [`Accept`](super::Accept) needs to answer it. 28
/// bytes.
///
/// ```
/// use websocket_listener_core::handshake::Request;
///
/// let head = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// let upgrade = Request::parse(head).unwrap().upgrade().unwrap();
/// assert_eq!(upgrade.accept_value(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Upgrade {
    accept: [u8; ACCEPT_LENGTH],
}

impl Upgrade {
    /// The value of `Sec-WebSocket-Accept` (RFC 6455 section 4.2.2 item 5.4).
    #[must_use]
    pub fn accept_value(&self) -> &str {
        str::from_utf8(&self.accept).unwrap_or_default()
    }

    pub(super) const fn accept_bytes(&self) -> &[u8] {
        &self.accept
    }

    pub(super) fn read<B: AsRef<[u8]>>(
        request: &Request<B>,
        key: Result<&[u8], UpgradeError>,
    ) -> Result<Self, UpgradeError> {
        if request.method_bytes() != b"GET" {
            return Err(UpgradeError::Method);
        }
        if request.version() == 0 {
            return Err(UpgradeError::HttpVersion);
        }
        check_target(request)?;
        Ok(Self { accept: accept_value(key?) })
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Upgrade").field(&self.accept_value()).finish()
    }
}

/// RFC 6455's.
pub(super) const VERSION: &str = "13";

pub(super) fn check_target<B: AsRef<[u8]>>(request: &Request<B>) -> Result<(), UpgradeError> {
    if is_target(request.target_bytes()) { Ok(()) } else { Err(UpgradeError::Target) }
}

/// A resource name, or an absolute HTTP URI that holds one (RFC 6455 section 4.1 item 2 of the
/// request's requirements).
fn is_target(target: &[u8]) -> bool {
    let absolute = || {
        let (scheme, rest) = syntax::split_absolute(target)?;
        let is = |known: &&str| syntax::is_name(scheme, known);
        let known = ["http", "https", "ws", "wss"].iter().any(is);
        let authority = rest.split(|byte| matches!(byte, b'/' | b'?')).next()?;
        Some(known && syntax::is_host(authority) && Class::Uri.has_all(rest))
    };
    syntax::is_resource_name(target) || absolute().unwrap_or(false)
}
