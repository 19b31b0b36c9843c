//! The server's rules for an opening handshake (RFC 6455 section 4.2.1).

use core::fmt;

use super::key::{ACCEPT_LENGTH, KEY_LENGTH, accept_value};
use super::opening_fields::{OpeningFields, VERSION};
use super::request::Request;
use super::target::is_target;
use super::upgrade_error::UpgradeError;

/// Proof that a request opens a WebSocket: the 28 bytes that [`Accept`](super::Accept) answers it
/// with.
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
    /// Returns the value of `Sec-WebSocket-Accept` (RFC 6455 section 4.2.2 item 5.4).
    #[must_use]
    pub fn accept_value(&self) -> &str {
        str::from_utf8(&self.accept).unwrap_or_default()
    }

    pub(super) const fn accept_bytes(&self) -> &[u8] {
        &self.accept
    }

    fn read<B: AsRef<[u8]>>(
        request: &Request<B>,
        key: Result<&[u8; KEY_LENGTH], UpgradeError>,
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

/// The kind of a request without a fault ([`Request::classify`]): an opening handshake, or plain
/// HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind<U = Upgrade> {
    /// A valid opening handshake (RFC 6455 section 4.2.1).
    WebSocket(U),
    /// Plain HTTP. The error is the answer of a server that opens WebSockets only.
    Http(UpgradeError),
}

impl<B: AsRef<[u8]>> Request<B> {
    /// Checks the rules for an opening handshake (RFC 6455 section 4.2.1).
    ///
    /// # Errors
    /// [`UpgradeError`] names the first rule broken; `PlainResponse::from` turns it into the answer.
    pub fn upgrade(&self) -> Result<Upgrade, UpgradeError> {
        Upgrade::read(self, self.fault.map_or_else(|| Ok(self.key()), Err))
    }

    /// Tells an opening handshake from plain HTTP. `upgrade` is the outcome of
    /// [`upgrade`](Self::upgrade), or of one of the two other checks.
    ///
    /// A request with an `Upgrade` header that lists `websocket` is an opening handshake, and a
    /// faulty one is never taken for plain HTTP. Any other request is plain HTTP, and has to name its
    /// server ([`names_server`](Self::names_server), RFC 9112 section 3.2).
    ///
    /// ```
    /// use websocket_listener_core::handshake::{Request, RequestKind, UpgradeError};
    ///
    /// let head = b"GET /index.html HTTP/1.1\r\nHost: server.example.com\r\n\r\n";
    /// let request = Request::parse(head).unwrap();
    /// assert_eq!(request.classify(request.upgrade()), Ok(RequestKind::Http(UpgradeError::Upgrade)));
    /// ```
    ///
    /// # Errors
    /// [`UpgradeError`] names the first rule that the opening handshake breaks;
    /// [`UpgradeError::Host`] is plain HTTP that names no server. `PlainResponse::from` turns it into
    /// the answer.
    pub fn classify<U>(
        &self,
        upgrade: Result<U, UpgradeError>,
    ) -> Result<RequestKind<U>, UpgradeError> {
        match upgrade {
            Ok(upgrade) => Ok(RequestKind::WebSocket(upgrade)),
            Err(error) if self.is_upgrade() => Err(error),
            // Two servers in a chain must not understand it as two different requests.
            Err(_) if !self.names_server() => Err(UpgradeError::Host),
            Err(error) => Ok(RequestKind::Http(error)),
        }
    }

    /// Checks the same rules, except for `Sec-WebSocket-Version`, which has to be that of a
    /// standard other than RFC 6455.
    ///
    /// # Errors
    /// As [`upgrade`](Self::upgrade).
    pub fn upgrade_to_version(&self, version: &str) -> Result<Upgrade, UpgradeError> {
        Upgrade::read(self, OpeningFields::of(self.lines()).check(version))
    }

    /// Checks the rules for a WebSocket over HTTP/2 or HTTP/3 (RFC 8441 section 5): an extended
    /// CONNECT, translated to HTTP/1.1. That is a GET with `Upgrade: websocket` and with `Host` for
    /// `:authority`, but without `Sec-WebSocket-Key`.
    ///
    /// # Errors
    /// [`UpgradeError`] names the first rule broken.
    pub fn verify_extended_connect(&self) -> Result<(), UpgradeError> {
        check_target(self)?;
        OpeningFields::of(self.lines()).check_extended_connect(VERSION)
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Upgrade").field(&self.accept_value()).finish()
    }
}

fn check_target<B: AsRef<[u8]>>(request: &Request<B>) -> Result<(), UpgradeError> {
    if is_target(request.target_bytes()) { Ok(()) } else { Err(UpgradeError::Target) }
}
