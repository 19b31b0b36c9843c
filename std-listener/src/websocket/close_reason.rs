//! How a connection ended.

use websocket_listener_core::{CloseCode, Initiator};

use crate::message::Text;

/// How a connection ended, once and for all.
///
/// `code` and `reason` are those of RFC 6455 sections 7.1.5 and 7.1.6: what the peer's Close frame
/// said, 1005 if it said nothing, 1006 if there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseReason {
    /// The code of the peer's Close frame.
    pub code: CloseCode,
    /// The text of the peer's Close frame; at most 123 bytes.
    pub reason: Text,
    /// Who ended it.
    pub initiator: Initiator,
}

impl CloseReason {
    /// Whether the connection ended with a closing handshake, rather than just breaking.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.code != CloseCode::ABNORMAL
    }
}

impl From<websocket_listener_core::CloseReason<'_>> for CloseReason {
    fn from(reason: websocket_listener_core::CloseReason<'_>) -> Self {
        Self { code: reason.code, reason: reason.reason.into(), initiator: reason.initiator }
    }
}
