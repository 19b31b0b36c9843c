//! Sending: the frames of messages in their order (RFC 6455 section 5.4).

use super::{Connection, DataFrame};
use crate::error::SendError;
use crate::frame::{EncodedHeader, FrameHeader, OpCode, ReservedBits};

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

    /// As [`begin_frame`](Self::begin_frame), but returns the header unencoded. Opcode, FIN and
    /// mask are those of RFC 6455 section 6.1, reserved bits those of RFC 7692 section 6.
    #[inline]
    pub(crate) fn begin<T>(
        &mut self,
        frame: DataFrame,
        f: impl FnOnce(&FrameHeader) -> T,
    ) -> Result<T, SendError> {
        // RFC 6455 section 6.1: only on an open connection. RFC 6455 section 5.5.1: nothing after
        // Close.
        let Some(in_message) = self.ending.open_output() else { return Err(SendError::Closed) };
        // RFC 6455 section 5.2: only bits that were negotiated.
        if !self.limits.reserved_bits.contains(frame.reserved) {
            return Err(SendError::ReservedBits);
        }
        let opcode = match (frame.first, *in_message) {
            (true, false) => frame.kind.opcode(),
            (true, true) => return Err(SendError::MessageUnfinished),
            (false, true) => OpCode::Continuation,
            (false, false) => return Err(SendError::NoMessage),
        };
        *in_message = !frame.last;
        let reserved = if frame.first { frame.reserved } else { ReservedBits::NONE };
        let header = FrameHeader {
            fin: frame.last,
            reserved,
            opcode,
            mask: self.role.mask(),
            length: frame.length,
        };
        Ok(f(&header))
    }
}
