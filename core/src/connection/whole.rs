//! The message that most messages are: one frame, all of it there.
//!
//! Nothing of it has to be remembered, so nothing is. Whatever is not plainly such a message goes the
//! long way of [`inbound`](super::inbound), which knows every rule and every error.

use crate::frame::Mask;
use crate::{Config, MessageKind, Role, Utf8Validator};

/// Where such a message lies at the front of the input.
pub(super) struct WholeMessage {
    pub(super) kind: MessageKind,
    mask: Mask,
    payload: usize,
    /// Behind its last byte.
    pub(super) end: usize,
}

impl WholeMessage {
    /// Only between messages, with no part of a header held back.
    #[inline]
    pub(super) fn find(input: &[u8], role: Role, config: &Config) -> Option<Self> {
        let (&[first, second], rest) = input.split_first_chunk()?;
        let kind = match first {
            0x81 => MessageKind::Text,
            0x82 => MessageKind::Binary,
            _ => return None,
        };
        let masked = second & 0x80 != 0;
        if masked != matches!(role, Role::Server) {
            return None;
        }
        let (length, rest) = match second & 0x7f {
            length @ 0..=125 => (usize::from(length), rest),
            126 => {
                let (length, rest) = rest.split_first_chunk()?;
                match u16::from_be_bytes(*length) {
                    ..=125 => return None,
                    length => (usize::from(length), rest),
                }
            }
            _ => return None,
        };
        let (key, rest) = if masked { rest.split_first_chunk()? } else { (&[0; 4], rest) };
        let payload = input.len().checked_sub(rest.len())?;
        let allowed = length as u64 <= config.max_message_bytes && config.max_fragments > 0;
        if rest.len() < length || !allowed {
            return None;
        }
        Some(Self { kind, mask: Mask::new(*key), payload, end: payload.checked_add(length)? })
    }

    /// Its payload, unmasked; `None` if it is text and no UTF-8.
    #[inline]
    pub(super) fn take(mut self, input: &mut [u8]) -> Option<&mut [u8]> {
        let payload = input.get_mut(self.payload..self.end)?;
        self.mask.apply(payload);
        if self.kind == MessageKind::Text && !is_utf8(payload) {
            return None;
        }
        Some(payload)
    }
}

fn is_utf8(payload: &[u8]) -> bool {
    let mut text = Utf8Validator::new();
    text.push(payload).is_ok() && text.is_complete()
}
