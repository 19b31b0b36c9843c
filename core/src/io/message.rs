//! A whole received message.

use crate::MessageKind;

/// A whole message, in the buffer that it was received into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Message<'b> {
    /// Text.
    Text(&'b str),
    /// Bytes of any value.
    Binary(&'b [u8]),
}

impl<'b> Message<'b> {
    /// Returns the kind of the message: text or binary.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// Returns the bytes of the payload, for either kind.
    #[must_use]
    pub const fn as_bytes(&self) -> &'b [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}
