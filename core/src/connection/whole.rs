//! The common case: a message in one frame, all of which is there.
//!
//! Nothing of it has to be remembered, so nothing is. Everything else goes the long way through
//! [`inbound`](super::inbound), which knows every rule and every error.
//!
//! On servers all of it is inlined, because it is a third of the work for a small message; boards
//! have too few registers for that.

use core::ops::Range;

use super::{Connection, ControlMemory};
use crate::config::{Limits, Role};
use crate::error::ProtocolError;
use crate::frame::{Mask, MessageKind};
use crate::time::Instant;
use crate::utf8::is_utf8;

/// A message in a single frame, all of which lies at the front of the input.
///
/// The result of [`Connection::receive_whole`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeMessage {
    /// The kind of the message.
    pub kind: MessageKind,
    /// The place of its payload in the input. Its end is the message's.
    pub payload: Range<usize>,
    /// The mask to apply to the payload; for text, which is already unmasked and checked, it
    /// changes nothing.
    pub mask: Mask,
}

impl WholeMessage {
    /// Only between messages, with no part of a header held back.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    fn find(input: &[u8], role: Role, limits: &Limits) -> Option<Self> {
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
        let start = input.len().checked_sub(rest.len())?;
        let allowed = length as u64 <= limits.max_message_bytes && limits.max_fragments > 0;
        if rest.len() < length || !allowed {
            return None;
        }
        Some(Self { kind, payload: start..start.checked_add(length)?, mask: Mask::new(*key) })
    }

    /// Unmasks its payload, if it is text, and checks that it is UTF-8.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    fn check(mut self, input: &mut [u8]) -> Result<Self, ProtocolError> {
        if self.kind == MessageKind::Text {
            let payload = input.get_mut(self.payload.clone()).unwrap_or_default();
            self.mask.apply(payload);
            self.mask = Mask::new([0; 4]);
            if !is_utf8(payload) {
                return Err(ProtocolError::InvalidUtf8);
            }
        }
        Ok(self)
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Takes in the message at the front of `input`, if it is a single frame that is completely
    /// there and has no reserved bit set; leaves everything else, with `None`, to
    /// [`receive`](Self::receive).
    ///
    /// For an owner that copies payload anyway, and unmasks it [on the way](Mask::copy).
    ///
    /// ```
    /// use websocket_listener_core::{Config, Connection, Instant, Role};
    ///
    /// let now = Instant::from_micros(0);
    /// let mut server = Connection::new(Role::Server, Config::new(), now);
    /// let mut input = *b"\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58and more";
    /// let mut message = server.receive_whole(&mut input, now)?.unwrap();
    /// let mut payload = [0; 5];
    /// message.mask.copy(&input[message.payload], &mut payload);
    /// assert_eq!(&payload, b"Hello");
    /// # Ok::<_, websocket_listener_core::ProtocolError>(())
    /// ```
    ///
    /// # Errors
    /// As [`receive`](Self::receive), for text that is not UTF-8.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    pub fn receive_whole(
        &mut self,
        input: &mut [u8],
        now: Instant,
    ) -> Result<Option<WholeMessage>, ProtocolError> {
        let Some(message) = self.find_whole(input, now) else { return Ok(None) };
        message.check(input).map(Some).map_err(|error| self.fail_receiving(error, now))
    }

    /// As [`receive_whole`](Self::receive_whole), but the text is still masked, and its caller has
    /// to check it.
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(not(target_pointer_width = "64"), inline)]
    pub(crate) fn find_whole(&mut self, input: &[u8], now: Instant) -> Option<WholeMessage> {
        if !self.inbound.is_between_messages() || !self.ending.can_receive() {
            return None;
        }
        let message = WholeMessage::find(input, self.role, &self.limits)?;
        self.keepalive.heard(now);
        self.progress.message_received(now);
        Some(message)
    }
}
