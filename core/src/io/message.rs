//! A message that was received whole.

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
    /// What the message holds.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Text(_) => MessageKind::Text,
            Self::Binary(_) => MessageKind::Binary,
        }
    }

    /// The payload's bytes, whatever the kind.
    #[must_use]
    pub const fn as_bytes(&self) -> &'b [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}
