//! The server's rules for an opening handshake (RFC 6455 section 4.2.1).

use core::fmt;

use super::accept_key::{ACCEPT_LENGTH, accept_value, is_key};
use super::extension::{ExtensionFault, ExtensionOffer};
use super::headers::{Field, Headers};
use super::request::Request;
use super::upgrade_error::UpgradeError;
use super::{list, syntax};

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

    pub(super) fn read<B: AsRef<[u8]>>(
        request: &Request<B>,
        version: &str,
    ) -> Result<Self, UpgradeError> {
        if request.method_bytes() != b"GET" {
            return Err(UpgradeError::Method);
        }
        if request.version() == 0 {
            return Err(UpgradeError::HttpVersion);
        }
        if !is_target(request.target_bytes()) {
            return Err(UpgradeError::Target);
        }

        let fields = Fields::collect(request.lines());
        fields.check_host()?;
        if !fields.upgrade {
            return Err(UpgradeError::Upgrade);
        }
        if !fields.connection {
            return Err(UpgradeError::Connection);
        }
        fields.check_websocket(version)?;
        match fields.key {
            Field::Once(key) if is_key(key) => Ok(Self { accept: accept_value(key) }),
            _ => Err(UpgradeError::Key),
        }
    }
}

/// What HTTP/2 and HTTP/3 leave of the rules (RFC 8441 section 5).
pub(super) fn verify_extended_connect<B: AsRef<[u8]>>(
    request: &Request<B>,
) -> Result<(), UpgradeError> {
    if !is_target(request.target_bytes()) {
        return Err(UpgradeError::Target);
    }
    let fields = Fields::collect(request.lines());
    fields.check_host()?;
    if !fields.upgrade {
        return Err(UpgradeError::Upgrade);
    }
    fields.check_websocket(VERSION)
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Upgrade").field(&self.accept_value()).finish()
    }
}

/// RFC 6455's.
pub(super) const VERSION: &str = "13";

/// What the rules look at, gathered in one pass over the headers.
#[derive(Default)]
struct Fields<'a> {
    host: Field<'a>,
    key: Field<'a>,
    version: Field<'a>,
    upgrade: bool,
    connection: bool,
    body: bool,
    malformed_subprotocol: bool,
    malformed_extension: bool,
}

impl<'a> Fields<'a> {
    fn collect(headers: Headers<'a>) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers.iter() {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            let once = if is("Host") {
                Some(&mut fields.host)
            } else if is("Sec-WebSocket-Key") {
                Some(&mut fields.key)
            } else if is("Sec-WebSocket-Version") {
                Some(&mut fields.version)
            } else {
                None
            };
            if let Some(field) = once {
                *field = field.and(value);
            } else if is("Upgrade") {
                fields.upgrade |= list::contains(value, "websocket");
            } else if is("Connection") {
                fields.connection |= list::contains(value, "upgrade");
            } else if is("Content-Length") || is("Transfer-Encoding") {
                fields.body = true;
            } else if is("Sec-WebSocket-Protocol") {
                fields.malformed_subprotocol |= !list::elements(value).all(syntax::is_token);
            } else if is("Sec-WebSocket-Extensions") {
                fields.malformed_extension |= ExtensionOffer::parse_list(value)
                    .any(|offer| matches!(offer, Err(ExtensionFault::Malformed)));
            }
        }
        fields
    }

    fn check_host(&self) -> Result<(), UpgradeError> {
        match self.host {
            Field::Once(host) if syntax::is_host(host) => Ok(()),
            _ => Err(UpgradeError::Host),
        }
    }

    /// All but how the connection is upgraded.
    fn check_websocket(&self, version: &str) -> Result<(), UpgradeError> {
        if self.body {
            return Err(UpgradeError::Body);
        }
        match self.version {
            Field::Once(found) if found == version.as_bytes() => {}
            Field::Once(_) | Field::Absent => return Err(UpgradeError::Version),
            Field::Repeated => return Err(UpgradeError::RepeatedVersion),
        }
        if self.malformed_subprotocol {
            return Err(UpgradeError::Subprotocol);
        }
        if self.malformed_extension {
            return Err(UpgradeError::Extension);
        }
        Ok(())
    }
}

/// A resource name, or an absolute HTTP URI that holds one (RFC 6455 section 4.1 item 2 of the
/// request's requirements).
fn is_target(target: &[u8]) -> bool {
    let absolute = || {
        let (scheme, rest) = syntax::split_absolute(target)?;
        let is = |known: &&str| scheme.eq_ignore_ascii_case(known.as_bytes());
        let known = ["http", "https", "ws", "wss"].iter().any(is);
        let authority = rest.split(|byte| matches!(byte, b'/' | b'?')).next()?;
        Some(known && syntax::is_host(authority) && syntax::is_uri(rest))
    };
    syntax::is_resource_name(target) || absolute().unwrap_or(false)
}
