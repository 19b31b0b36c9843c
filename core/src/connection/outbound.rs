//! What is sent: message frames in their order, and the outbox of control frames.

use super::{Connection, DataFrame};
use crate::frame::{EncodedHeader, FrameHeader, MAX_CONTROL_PAYLOAD, OpCode, ReservedBits};
use crate::{CloseCode, ControlError, Instant, Role, SendError};

/// The state of the sending side.
///
/// The pong has no place here: it is written from the buffer that its ping was collected in. Ping
/// and Close share one slot, because a Close frame makes any ping before it pointless. The slot
/// keeps the payload of a ping that has been sent, for its pong to be compared with.
#[derive(Debug)]
pub(super) struct Outbound {
    /// Whether a message was begun and not ended.
    message_begun: bool,
    slot: Slot,
    payload: [u8; MAX_CONTROL_PAYLOAD],
    length: u8,
}

/// What the payload in the slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Empty,
    Ping,
    PingSent,
    Close,
    CloseSent,
}

impl Outbound {
    pub(super) const fn new() -> Self {
        Self {
            message_begun: false,
            slot: Slot::Empty,
            payload: [0; MAX_CONTROL_PAYLOAD],
            length: 0,
        }
    }

    #[inline]
    pub(super) fn begin_frame(
        &mut self,
        frame: DataFrame,
        role: Role,
    ) -> Result<EncodedHeader, SendError> {
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
        Ok(header.encode())
    }

    pub(super) fn queue_ping(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        if payload.len() > MAX_CONTROL_PAYLOAD {
            return Err(ControlError::TooLong);
        }
        self.fill(Slot::Ping, payload, &[]);
        Ok(())
    }

    /// The time makes the payload differ from every earlier one.
    pub(super) fn queue_keepalive_ping(&mut self, now: Instant) {
        self.fill(Slot::Ping, &now.as_micros().to_be_bytes(), &[]);
    }

    pub(super) fn queue_close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> Result<(), ControlError> {
        if code == CloseCode::NO_STATUS && reason.is_empty() {
            self.fill(Slot::Close, &[], &[]);
            return Ok(());
        }
        if !code.is_sendable() {
            return Err(ControlError::InvalidCloseCode);
        }
        if reason.len() > MAX_CONTROL_PAYLOAD - 2 {
            return Err(ControlError::TooLong);
        }
        self.fill(Slot::Close, &code.as_u16().to_be_bytes(), reason.as_bytes());
        Ok(())
    }

    /// Answers the peer's Close frame with its code (RFC 6455 section 5.5.1).
    pub(super) fn queue_close_echo(&mut self, received: &[u8]) {
        if !matches!(self.slot, Slot::Close | Slot::CloseSent) {
            self.fill(Slot::Close, received.get(..2).unwrap_or_default(), &[]);
        }
    }

    pub(super) fn queue_failure(&mut self, code: CloseCode, message: &str) {
        if !matches!(self.slot, Slot::Close | Slot::CloseSent) {
            self.fill(Slot::Close, &code.as_u16().to_be_bytes(), message.as_bytes());
        }
    }

    pub(super) const fn close_sent(&self) -> bool {
        matches!(self.slot, Slot::CloseSent)
    }

    #[inline]
    pub(super) const fn has_control(&self) -> bool {
        matches!(self.slot, Slot::Ping | Slot::Close)
    }

    /// The payload of the ping that a pong may answer.
    pub(super) fn sent_ping(&self) -> Option<&[u8]> {
        if self.slot == Slot::PingSent { Some(self.slot_payload()) } else { None }
    }

    fn slot_payload(&self) -> &[u8] {
        self.payload.get(..usize::from(self.length)).unwrap_or_default()
    }

    fn fill(&mut self, slot: Slot, head: &[u8], tail: &[u8]) {
        let mut length = 0u8;
        for (place, byte) in self.payload.iter_mut().zip(head.iter().chain(tail)) {
            *place = *byte;
            length = length.saturating_add(1);
        }
        self.length = length;
        self.slot = slot;
    }
}

impl Connection {
    /// Section 5.5.1: nothing follows a Close frame.
    #[inline]
    pub(super) const fn has_pong(&self) -> bool {
        self.inbound.pong_due && !self.outbound.close_sent()
    }

    pub(super) fn transmit_control(&mut self, out: &mut [u8], now: Instant) -> usize {
        if self.has_pong() {
            let payload = self.inbound.control_payload();
            let written = write_control(out, OpCode::Pong, payload, self.role);
            if written > 0 {
                self.inbound.pong_due = false;
            }
            return written;
        }
        let (opcode, sent) = match self.outbound.slot {
            Slot::Ping => (OpCode::Ping, Slot::PingSent),
            Slot::Close => (OpCode::Close, Slot::CloseSent),
            Slot::Empty | Slot::PingSent | Slot::CloseSent => return 0,
        };
        let written = write_control(out, opcode, self.outbound.slot_payload(), self.role);
        if written > 0 {
            self.outbound.slot = sent;
            if sent == Slot::PingSent {
                self.keepalive.ping_written(now);
            }
        }
        written
    }
}

/// Writes the whole frame, or nothing if it does not fit; gives the bytes written.
fn write_control(out: &mut [u8], opcode: OpCode, payload: &[u8], role: Role) -> usize {
    let header = FrameHeader {
        fin: true,
        reserved: ReservedBits::NONE,
        opcode,
        mask: role.mask(),
        length: payload.len() as u64,
    };
    let header = header.encode();
    let Some((head, rest)) = out.split_at_mut_checked(header.as_bytes().len()) else { return 0 };
    let Some(body) = rest.get_mut(..payload.len()) else { return 0 };
    // Lengths are equal by the two lines above.
    for (place, byte) in head.iter_mut().zip(header.as_bytes()) {
        *place = *byte;
    }
    for (place, byte) in body.iter_mut().zip(payload) {
        *place = *byte;
    }
    if let Some(mut mask) = header.mask() {
        mask.apply(body);
    }
    head.len().saturating_add(body.len())
}
