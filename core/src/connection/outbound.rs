//! What is sent: message frames in order, and the outbox of control frames.

use super::control::ControlMemory;
use super::{Connection, DataFrame};
use crate::frame::{FrameHeader, OpCode, ReservedBits};
use crate::{CloseCode, ControlError, Instant, ProtocolError, Role, SendError};

/// The state of the sending side.
///
/// The pong has no place here: it is written from the memory that its ping was collected in. Ping
/// and Close share one slot, because a Close frame makes any ping before it pointless. The memory
/// keeps the payload of a ping that has been sent, for its pong to be compared with.
#[derive(Debug)]
pub(super) struct Outbound<M> {
    /// Whether a message was begun and has not ended.
    message_begun: bool,
    slot: Slot,
    /// The payload of a ping; the reason of a Close frame.
    memory: M,
}

/// What waits to be sent, or has been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Empty,
    Ping,
    PingSent,
    /// A Close frame with its code, or an empty one; the reason is in the memory.
    Close(Option<CloseCode>),
    /// A Close frame that tells the peer what it did wrong.
    Failure(ProtocolError),
    CloseSent,
}

impl<M: ControlMemory> Outbound<M> {
    pub(super) const fn new(memory: M) -> Self {
        // The time, in a keepalive ping.
        const { assert!(M::CAPACITY >= 8, "a keepalive ping does not fit") };
        Self { message_begun: false, slot: Slot::Empty, memory }
    }

    #[inline]
    pub(super) fn begin_frame<T>(
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

    pub(super) fn queue_ping(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        if payload.len() > M::CAPACITY {
            return Err(ControlError::TooLong);
        }
        self.fill(Slot::Ping, payload);
        Ok(())
    }

    /// The time makes the payload differ from every earlier one.
    pub(super) fn queue_keepalive_ping(&mut self, now: Instant) {
        self.fill(Slot::Ping, &now.as_micros().to_be_bytes());
    }

    pub(super) fn queue_close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> Result<(), ControlError> {
        if code == CloseCode::NO_STATUS && reason.is_empty() {
            self.fill(Slot::Close(None), &[]);
            return Ok(());
        }
        if !code.is_sendable() {
            return Err(ControlError::InvalidCloseCode);
        }
        if reason.len() > M::CAPACITY.min(MAX_REASON) {
            return Err(ControlError::TooLong);
        }
        self.fill(Slot::Close(Some(code)), reason.as_bytes());
        Ok(())
    }

    /// Answers the peer's Close frame with its code (RFC 6455 section 5.5.1).
    pub(super) fn queue_close_echo(&mut self, received: &[u8]) {
        if !self.is_closing() {
            let code = received.first_chunk().map(|code| u16::from_be_bytes(*code));
            self.fill(Slot::Close(code.map(CloseCode::new)), &[]);
        }
    }

    pub(super) fn queue_failure(&mut self, error: ProtocolError) {
        if !self.is_closing() {
            self.fill(Slot::Failure(error), &[]);
        }
    }

    pub(super) const fn is_message_begun(&self) -> bool {
        self.message_begun
    }

    pub(super) const fn close_sent(&self) -> bool {
        matches!(self.slot, Slot::CloseSent)
    }

    #[inline]
    pub(super) const fn has_control(&self) -> bool {
        matches!(self.slot, Slot::Ping | Slot::Close(_) | Slot::Failure(_))
    }

    /// The payload of the ping that a pong may answer.
    pub(super) fn sent_ping(&self) -> Option<&[u8]> {
        if self.slot == Slot::PingSent { Some(self.memory.as_slice()) } else { None }
    }

    /// The ping's pong has come.
    pub(super) fn forget_ping(&mut self) {
        self.fill(Slot::Empty, &[]);
    }

    const fn is_closing(&self) -> bool {
        matches!(self.slot, Slot::Close(_) | Slot::Failure(_) | Slot::CloseSent)
    }

    fn fill(&mut self, slot: Slot, bytes: &[u8]) {
        self.memory.clear();
        self.memory.extend(bytes);
        self.slot = slot;
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Section 5.5.1: nothing follows a Close frame.
    #[inline]
    pub(super) const fn has_pong(&self) -> bool {
        self.inbound.pong_due && !self.outbound.close_sent()
    }

    /// The opcode of the waiting control frame, and its payload: a close code, and what follows it.
    fn next_control(&self) -> Option<(OpCode, Option<CloseCode>, &[u8])> {
        let kept = self.outbound.memory.as_slice();
        Some(match self.outbound.slot {
            _ if self.has_pong() => (OpCode::Pong, None, self.inbound.control_payload()),
            Slot::Ping => (OpCode::Ping, None, kept),
            Slot::Close(code) => (OpCode::Close, code, kept),
            Slot::Failure(error) => {
                (OpCode::Close, Some(error.close_code()), error.explanation().as_bytes())
            }
            Slot::Empty | Slot::PingSent | Slot::CloseSent => return None,
        })
    }

    /// The room that the waiting control frame takes.
    #[cfg(feature = "io")]
    pub(crate) fn control_length(&self) -> usize {
        let Some((_, code, rest)) = self.next_control() else { return 0 };
        let code = if code.is_some() { 2usize } else { 0 };
        code.saturating_add(rest.len()).saturating_add(self.role.mask_length()).saturating_add(2)
    }

    pub(super) fn transmit_control(&mut self, out: &mut [u8], now: Instant) -> usize {
        let Some((opcode, code, rest)) = self.next_control() else { return 0 };
        let code = code.map(|code| code.as_u16().to_be_bytes());
        let payload = [code.as_ref().map_or(&[][..], |code| code), rest];
        let written = write_control(out, opcode, payload, self.role);
        if written == 0 {
            return 0;
        }
        match opcode {
            OpCode::Pong => self.inbound.forget_ping(),
            OpCode::Ping => {
                self.outbound.slot = Slot::PingSent;
                self.keepalive.ping_written(now);
            }
            _ => self.outbound.fill(Slot::CloseSent, &[]),
        }
        written
    }
}

/// The most bytes of a Close frame's reason: its code takes two.
const MAX_REASON: usize = crate::MAX_CONTROL_PAYLOAD - 2;

/// Writes the whole frame, its payload in two parts, or nothing if it does not fit; returns the
/// number of bytes.
pub(super) fn write_control(
    out: &mut [u8],
    opcode: OpCode,
    payload: [&[u8]; 2],
    role: Role,
) -> usize {
    let header = FrameHeader {
        fin: true,
        reserved: ReservedBits::NONE,
        opcode,
        mask: role.mask(),
        length: payload.iter().map(|part| part.len() as u64).sum(),
    };
    header.write(out, payload)
}
