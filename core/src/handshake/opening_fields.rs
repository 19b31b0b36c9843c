//! The rules for the headers of an opening handshake (RFC 6455 section 4.2.1).

use super::extension::{ExtensionFault, ExtensionOffer};
use super::http::headers::{Field, Headers};
use super::http::{list, syntax};
use super::key::{KEY_LENGTH, read_key};
use super::upgrade_error::UpgradeError;

/// The version of RFC 6455.
pub(super) const VERSION: &str = "13";

/// The headers that the rules are about, collected in one pass.
#[derive(Default)]
pub(super) struct OpeningFields<'a> {
    host: Field<'a>,
    key: Field<'a>,
    version: Field<'a>,
    /// True if an `Upgrade` header lists `websocket`.
    pub(super) upgrade: bool,
    connection: bool,
    body: bool,
    malformed_subprotocol: bool,
    malformed_extension: bool,
}

impl<'a> OpeningFields<'a> {
    pub(super) fn of(headers: Headers<'a>) -> Self {
        let mut fields = Self::default();
        headers.iter().for_each(|(name, value)| fields.note(name, value));
        fields
    }

    /// Adds a header. A list of extensions has to follow the grammar (RFC 6455 section 9.1).
    pub(super) fn note(&mut self, name: &[u8], value: &'a [u8]) {
        let is = |wanted: &str| syntax::is_name(name, wanted);
        // Most names differ in length alone.
        match name.len() {
            4 if is("Host") => self.host.add(value),
            7 if is("Upgrade") => self.upgrade |= list::contains(value, "websocket"),
            10 if is("Connection") => self.connection |= list::contains(value, "upgrade"),
            14 if is("Content-Length") => self.body |= value != b"0",
            17 if is("Transfer-Encoding") => self.body = true,
            17 if is("Sec-WebSocket-Key") => self.key.add(value),
            21 if is("Sec-WebSocket-Version") => self.version.add(value),
            22 if is("Sec-WebSocket-Protocol") => {
                self.malformed_subprotocol |= !list::elements(value).all(syntax::is_token);
            }
            24 if is("Sec-WebSocket-Extensions") => {
                self.malformed_extension |= ExtensionOffer::parse_list(value)
                    .any(|offer| matches!(offer, Err(ExtensionFault::Malformed)));
            }
            _ => {}
        }
    }

    /// Returns the key, if no rule is broken.
    pub(super) fn check(&self, version: &str) -> Result<&'a [u8; KEY_LENGTH], UpgradeError> {
        self.check_upgrade()?;
        if !self.connection {
            return Err(UpgradeError::Connection);
        }
        self.check_websocket(version)?;
        match self.key {
            Field::Once(key) => read_key(key).ok_or(UpgradeError::Key),
            _ => Err(UpgradeError::Key),
        }
    }

    /// Checks the rules that remain for HTTP/2 and HTTP/3 (RFC 8441 section 5).
    pub(super) fn check_extended_connect(&self, version: &str) -> Result<(), UpgradeError> {
        self.check_upgrade()?;
        self.check_websocket(version)
    }

    fn check_upgrade(&self) -> Result<(), UpgradeError> {
        match self.host {
            Field::Once(host) if syntax::is_host(host) => {}
            _ => return Err(UpgradeError::Host),
        }
        if self.upgrade { Ok(()) } else { Err(UpgradeError::Upgrade) }
    }

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

/// Returns true for a header that the opening handshake writes itself, or that an upgrade must not
/// have: `Upgrade`, `Connection`, `Content-Length`, `Transfer-Encoding` and every `Sec-WebSocket-`
/// header.
#[must_use]
pub fn is_handshake_header(name: &str) -> bool {
    let prefix = name.as_bytes().get(..14).unwrap_or_default();
    syntax::is_name(prefix, "Sec-WebSocket-")
        || syntax::is_connection_header(name)
        || syntax::is_name(name.as_bytes(), "Upgrade")
}
