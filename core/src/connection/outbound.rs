//! What is sent: the frames of messages in their order (RFC 6455 section 5.4).

use super::{Connection, DataFrame};
use crate::config::Role;
use crate::error::SendError;
use crate::frame::{EncodedHeader, FrameHeader, OpCode, ReservedBits};
use crate::time::Instant;

/// The state of the sending side.
#[derive(Debug)]
pub(super) struct Outbound {
    /// Whether a message was begun and has not ended.
    message_begun: bool,
    /// The rest belongs to [`write_progress`](super::write_progress).
    pub(super) blocked_since: Option<Instant>,
    pub(super) last_message: Option<Instant>,
    pub(super) waited: u32,
    pub(super) taken: u32,
    pub(super) unsent: u32,
}

impl Outbound {
    pub(super) const fn new() -> Self {
        Self {
            message_begun: false,
            blocked_since: None,
            last_message: None,
            waited: 0,
            taken: 0,
            unsent: 0,
        }
    }

    /// Begins a frame of a message: opcode, FIN and mask are those of RFC 6455 section 6.1,
    /// reserved bits those of RFC 7692 section 6.
    #[inline]
    fn begin_frame<T>(
        &mut self,
        frame: DataFrame,
        role: Role,
        f: impl FnOnce(&FrameHeader) -> T,
    ) -> Result<T, SendError> {
        let opcode = match (frame.first, self.message_begun) {
            (true, false) => frame.kind.opcode(),
            (true, true) => return Err(SendError::MessageUnfinished),
            (false, true) => OpCode::Continuation,
            (false, false) => return Err(SendError::NoMessage),
        };
        self.message_begun = !frame.last;
        let reserved = if frame.first { frame.reserved } else { ReservedBits::NONE };
        let header = FrameHeader {
            fin: frame.last,
            reserved,
            opcode,
            mask: role.mask(),
            length: frame.length,
        };
        Ok(f(&header))
    }
}

impl<I, O> Connection<I, O> {
    /// Begins a frame of a message, and returns the header that goes before its payload.
    ///
    /// The caller then owes `frame.length` bytes of payload, masked with the header's mask, before
    /// anything else is written.
    ///
    /// # Errors
    /// Nothing was begun.
    #[inline]
    pub fn begin_frame(&mut self, frame: DataFrame) -> Result<EncodedHeader, SendError> {
        self.begin(frame, FrameHeader::encode)
    }

    /// As [`begin_frame`](Self::begin_frame), but returns the header unencoded.
    #[inline]
    pub(crate) fn begin<T>(
        &mut self,
        frame: DataFrame,
        f: impl FnOnce(&FrameHeader) -> T,
    ) -> Result<T, SendError> {
        // RFC 6455 section 6.1: only on an open connection. RFC 6455 section 5.5.1: nothing after
        // Close.
        if !self.ending.can_send() {
            return Err(SendError::Closed);
        }
        // RFC 6455 section 5.2: only bits that were negotiated.
        if !self.config.reserved_bits.contains(frame.reserved) {
            return Err(SendError::ReservedBits);
        }
        self.outbound.begin_frame(frame, self.role, f)
    }

    /// Returns whether a message was begun and not ended, so that no other can begin.
    #[must_use]
    pub const fn is_amid_message(&self) -> bool {
        self.outbound.message_begun
    }
}
