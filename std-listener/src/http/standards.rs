//! Further standards beside RFC 6455, distinguished by `Sec-WebSocket-Version` (RFC 6455 section 4.4).

use super::hook::Hook;
use super::request::Request;

/// The standards that were added to a listener.
#[derive(Clone, Default)]
pub(crate) struct Standards {
    added: Vec<Standard>,
}

#[derive(Clone)]
pub(crate) struct Standard {
    pub(crate) version: String,
    pub(crate) hook: Hook,
}

impl Standards {
    pub(crate) fn add(&mut self, version: String, hook: Hook) {
        self.added.push(Standard { version, hook });
    }

    /// Returns the standard that an opening handshake requests.
    pub(crate) fn asked_for(&self, request: &Request) -> Option<&Standard> {
        if !request.is_upgrade() {
            return None;
        }
        let version = request.header_str("Sec-WebSocket-Version")?;
        self.added.iter().find(|standard| standard.version == version)
    }

    /// Returns all supported versions, that of RFC 6455 first, for the refusal of another version;
    /// `None` if RFC 6455's is the only one.
    pub(crate) fn versions(&self) -> Option<String> {
        if self.added.is_empty() {
            return None;
        }
        let versions = self.added.iter().map(|standard| standard.version.as_str());
        Some(["13"].into_iter().chain(versions).collect::<Vec<_>>().join(", "))
    }
}
