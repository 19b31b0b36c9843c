//! The end of a connection.

use websocket_listener_core::{CloseCode, Initiator};

use crate::message::Text;

/// The end of a connection, which does not change any more.
///
/// ```
/// use websocket_listener::{CloseCode, WebSocket};
///
/// /// Receives to the end; returns true if the peer left on purpose.
/// async fn drain(mut socket: WebSocket) -> bool {
///     while let Ok(Some(_)) = socket.recv().await {}
///     let end = socket.close_reason();
///     end.is_some_and(|end| matches!(end.code, CloseCode::NORMAL | CloseCode::GOING_AWAY))
/// }
/// ```
///
/// `code` (RFC 6455 section 7.1.5) and `reason` (RFC 6455 section 7.1.6) are those of the peer's
/// Close frame; the code is 1005 for an empty frame, and 1006 without a Close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloseReason {
    /// The code of the peer's Close frame.
    pub code: CloseCode,
    /// The text of the peer's Close frame; at most 123 bytes.
    pub reason: Text,
    /// The endpoint that closed first.
    pub initiator: Initiator,
}

impl CloseReason {
    /// Returns true if the connection ended with a closing handshake.
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
