//! Control frames (RFC 6455 section 5.5): pings, pongs and Close frames, received and sent.
//!
//! Each end has three of its own on the way. The peer's ping is answered by a pong with its payload
//! (sections 5.5.2 and 5.5.3), which is written from the memory that the ping was collected in: the
//! newest ping counts. A pong of the peer is not collected but compared, as it comes, with the ping
//! that this end sent last. This end's ping and its Close frame (section 5.5.1) share one slot,
//! because a Close frame makes any ping before it pointless.

use super::{Connection, ControlMemory, Event};
use crate::close::{CloseCode, Initiator};
use crate::config::Role;
use crate::error::{ControlError, ProtocolError};
use crate::frame::{FrameHeader, MAX_CONTROL_PAYLOAD, OpCode, ReservedBits};
use crate::time::Instant;

/// The most bytes of a Close frame's reason: its code takes two.
const MAX_REASON: usize = MAX_CONTROL_PAYLOAD - 2;

/// The control frames on their way, in and out.
#[derive(Debug)]
pub(super) struct Control<I, O> {
    /// The payload of the peer's newest ping, or of its Close frame.
    received: I,
    /// True if `received` holds a ping that was not answered yet.
    pong_due: bool,
    slot: Slot,
    /// The payload of this end's ping, also after it was sent, for its pong to be compared with; or
    /// the reason of its Close frame.
    sent: O,
}

/// The ping or Close frame of this end.
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

/// A control frame whose payload is being received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlFrame {
    Ping,
    Close,
    /// A pong, which answers the last ping as far as its payload has come.
    Pong {
        answers: bool,
    },
}

impl<I: ControlMemory, O: ControlMemory> Control<I, O> {
    pub(super) const fn new(received: I, sent: O) -> Self {
        const { assert!(I::CAPACITY >= MAX_CONTROL_PAYLOAD, "a ping is answered in full") };
        // The time, in a keepalive ping.
        const { assert!(O::CAPACITY >= 8, "a keepalive ping does not fit") };
        Self { received, pong_due: false, slot: Slot::Empty, sent }
    }

    /// The payload of the peer's newest ping, or of its Close frame.
    pub(super) fn payload(&self) -> &[u8] {
        self.received.as_slice()
    }

    /// Forgets the peer's ping: it was answered, or makes way for another frame.
    pub(super) fn forget_ping(&mut self) {
        self.pong_due = false;
        self.received.clear();
    }

    /// Begins to receive a control frame. A ping takes the place of one that was not answered yet
    /// (RFC 6455 section 5.5.3).
    pub(super) fn begin(&mut self, opcode: OpCode, length: u64) -> ControlFrame {
        if opcode == OpCode::Pong {
            let answers = self.sent_ping().is_some_and(|ping| ping.len() as u64 == length);
            return ControlFrame::Pong { answers };
        }
        self.forget_ping();
        if opcode == OpCode::Close { ControlFrame::Close } else { ControlFrame::Ping }
    }

    /// Takes in a piece of its payload, at the place where the frame still owed `owed` bytes,
    /// including those of the piece.
    pub(super) fn take(&mut self, frame: &mut ControlFrame, piece: &[u8], owed: u64) {
        match frame {
            ControlFrame::Ping | ControlFrame::Close => self.received.extend(piece),
            ControlFrame::Pong { answers } => {
                *answers = *answers && has_part(self.sent_ping(), piece, owed);
            }
        }
    }

    /// Checks the payload of the peer's Close frame: its length (RFC 6455 section 5.5.1), its code
    /// (RFC 6455 section 7.4.1), and that its reason is UTF-8 (RFC 6455 section 8.1).
    fn check_received_close(&self) -> Result<(), ProtocolError> {
        let payload = self.payload();
        let Some((code, reason)) = payload.split_first_chunk() else {
            return if payload.is_empty() { Ok(()) } else { Err(ProtocolError::CloseTooShort) };
        };
        if !CloseCode::new(u16::from_be_bytes(*code)).is_sendable() {
            return Err(ProtocolError::InvalidCloseCode);
        }
        core::str::from_utf8(reason).map_err(|_| ProtocolError::InvalidUtf8)?;
        Ok(())
    }

    /// Queues a keepalive ping. The time makes its payload differ from every earlier one.
    pub(super) fn queue_keepalive_ping(&mut self, now: Instant) {
        self.fill(Slot::Ping, &now.as_micros().to_be_bytes());
    }

    /// Answers the peer's Close frame with its code (RFC 6455 section 5.5.1), unless this end has
    /// closed already.
    fn queue_close_echo(&mut self) {
        if !self.is_closing() {
            let code = self.payload().first_chunk().map(|code| u16::from_be_bytes(*code));
            self.fill(Slot::Close(code.map(CloseCode::new)), &[]);
        }
    }

    /// Queues the Close frame that tells the peer what it did wrong (RFC 6455 section 7.1.7),
    /// unless this end has closed already.
    pub(super) fn queue_failure(&mut self, error: ProtocolError) {
        self.forget_ping();
        if !self.is_closing() {
            self.fill(Slot::Failure(error), &[]);
        }
    }

    const fn is_closing(&self) -> bool {
        matches!(self.slot, Slot::Close(_) | Slot::Failure(_) | Slot::CloseSent)
    }

    fn fill(&mut self, slot: Slot, bytes: &[u8]) {
        self.sent.clear();
        self.sent.extend(bytes);
        self.slot = slot;
    }

    /// The payload of the ping that a pong may answer.
    fn sent_ping(&self) -> Option<&[u8]> {
        if self.slot == Slot::PingSent { Some(self.sent.as_slice()) } else { None }
    }

    /// The opcode of the frame that is written next, and its payload: a close code, and what
    /// follows it. A pong has the payload of its ping (RFC 6455 section 5.5.3).
    fn next(&self) -> Option<(OpCode, Option<CloseCode>, &[u8])> {
        let sent = self.sent.as_slice();
        Some(match self.slot {
            _ if self.has_pong() => (OpCode::Pong, None, self.payload()),
            Slot::Ping => (OpCode::Ping, None, sent),
            Slot::Close(code) => (OpCode::Close, code, sent),
            Slot::Failure(error) => {
                (OpCode::Close, Some(error.close_code()), error.explanation().as_bytes())
            }
            Slot::Empty | Slot::PingSent | Slot::CloseSent => return None,
        })
    }
}

impl<I, O> Control<I, O> {
    /// Returns whether a pong waits (RFC 6455 section 5.5.2). Nothing follows a Close frame
    /// (RFC 6455 section 5.5.1).
    #[inline]
    const fn has_pong(&self) -> bool {
        self.pong_due && !self.close_sent()
    }

    #[inline]
    pub(super) const fn has_frame(&self) -> bool {
        self.has_pong() || matches!(self.slot, Slot::Ping | Slot::Close(_) | Slot::Failure(_))
    }

    pub(super) const fn close_sent(&self) -> bool {
        matches!(self.slot, Slot::CloseSent)
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Queues a ping. A ping that is still queued is replaced.
    ///
    /// [`latency`](Self::latency) then is how long the answer took, unless another ping was sent in
    /// between.
    ///
    /// # Errors
    /// [`ControlError::TooLong`] if the payload has more than 125 bytes, or than `O` holds;
    /// [`ControlError::Closed`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        if !self.ending.can_send() {
            return Err(ControlError::Closed);
        }
        if payload.len() > O::CAPACITY {
            return Err(ControlError::TooLong);
        }
        self.control.fill(Slot::Ping, payload);
        self.keepalive.ping_queued();
        Ok(())
    }

    /// Writes a pong of the owner, if all of it fits into `out`; returns its length, or 0.
    ///
    /// It answers a ping that was [left to the owner](Self::withhold_pong), or is unsolicited, as
    /// "a unidirectional heartbeat" (RFC 6455 section 5.5.3). May only be called where a frame may
    /// start. It does not replace a waiting automatic pong.
    ///
    /// # Errors
    /// [`ControlError::TooLong`] if the payload has more than 125 bytes; [`ControlError::Closed`]
    /// once either side has closed.
    pub fn pong(&mut self, payload: &[u8], out: &mut [u8]) -> Result<usize, ControlError> {
        if !self.ending.can_send() {
            return Err(ControlError::Closed);
        }
        if payload.len() > MAX_CONTROL_PAYLOAD {
            return Err(ControlError::TooLong);
        }
        Ok(write(out, OpCode::Pong, [payload, &[]], self.role))
    }

    /// Leaves it to the owner to answer the ping that the last event reported: no automatic pong is
    /// sent for it, and its [payload](Self::control_payload) is forgotten.
    pub fn withhold_pong(&mut self) {
        if self.control.pong_due {
            self.control.forget_ping();
        }
    }

    /// Queues the Close frame that starts the closing handshake (RFC 6455 section 7.1.2). What was
    /// sent before goes out before it; nothing can be sent after it. [`CloseCode::NO_STATUS`] sends
    /// an empty frame.
    ///
    /// # Errors
    /// [`ControlError::Closed`] if the connection is already closing or over; otherwise as
    /// [`check_close`](Self::check_close).
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
        now: Instant,
    ) -> Result<(), ControlError> {
        if !self.ending.can_send() {
            return Err(ControlError::Closed);
        }
        Self::check_close(code, reason)?;
        let code = if code.is_sendable() { Some(code) } else { None };
        self.control.fill(Slot::Close(code), reason.as_bytes());
        self.ending.begin(Initiator::Local, now.after(self.limits.close_timeout));
        Ok(())
    }

    /// Checks that [`close`](Self::close) could send such a Close frame.
    ///
    /// # Errors
    /// [`ControlError::InvalidCloseCode`] if the code may not be on the wire
    /// (RFC 6455 section 7.4), but [`CloseCode::NO_STATUS`] without a reason means an empty frame;
    /// [`ControlError::TooLong`] if the reason has more than 123 bytes (RFC 6455 section 5.5.1), or
    /// than `O` holds.
    pub const fn check_close(code: CloseCode, reason: &str) -> Result<(), ControlError> {
        let is_empty = code.as_u16() == CloseCode::NO_STATUS.as_u16() && reason.is_empty();
        if !code.is_sendable() && !is_empty {
            return Err(ControlError::InvalidCloseCode);
        }
        if reason.len() > MAX_REASON || reason.len() > O::CAPACITY {
            return Err(ControlError::TooLong);
        }
        Ok(())
    }

    /// Writes one waiting control frame, if all of it fits into `out`; returns its length, or 0.
    ///
    /// May only be called where a frame may start. The newest pong goes first, then a ping, then
    /// the Close frame; after that nothing, nor once this end's direction of the stream has ended.
    /// [`MAX_CONTROL_FRAME`](crate::MAX_CONTROL_FRAME) bytes of room always suffice.
    pub fn transmit(&mut self, out: &mut [u8], now: Instant) -> usize {
        if !self.wants_transmit() {
            return 0;
        }
        let Some((opcode, code, rest)) = self.control.next() else { return 0 };
        let code = code.map(|code| code.as_u16().to_be_bytes());
        let payload = [code.as_ref().map_or(&[][..], |code| code), rest];
        let written = write(out, opcode, payload, self.role);
        if written == 0 {
            return 0;
        }
        self.ending.control_written();
        match opcode {
            OpCode::Pong => self.control.forget_ping(),
            OpCode::Ping => {
                self.control.slot = Slot::PingSent;
                self.keepalive.ping_written(now);
            }
            _ => self.control.fill(Slot::CloseSent, &[]),
        }
        written
    }

    /// The room that the waiting control frame takes.
    #[cfg(feature = "io")]
    pub(crate) fn control_length(&self) -> usize {
        let Some((_, code, rest)) = self.control.next() else { return 0 };
        let code = if code.is_some() { 2usize } else { 0 };
        code.saturating_add(rest.len()).saturating_add(self.role.mask_length()).saturating_add(2)
    }

    /// Acts on a control frame that was received whole (RFC 6455 section 6.2), be it amid a message
    /// (RFC 6455 section 5.4).
    pub(super) fn end_control(
        &mut self,
        frame: ControlFrame,
        now: Instant,
    ) -> Result<Event<'static>, ProtocolError> {
        Ok(match frame {
            ControlFrame::Ping => {
                // RFC 6455 section 5.5.2: a pong answers it.
                self.control.pong_due = true;
                Event::Ping
            }
            ControlFrame::Pong { answers } => {
                // RFC 6455 section 5.5.3: no answer. Another ping may have been queued in its
                // place.
                if answers && self.control.sent_ping().is_some() {
                    self.control.fill(Slot::Empty, &[]);
                    self.keepalive.answered(now);
                }
                Event::Pong
            }
            ControlFrame::Close => {
                self.control.check_received_close()?;
                self.control.queue_close_echo();
                self.ending.close_received(now.after(self.limits.close_timeout));
                Event::Close
            }
        })
    }

    /// Returns the payload of the ping or Close frame that the last event reported; that of a ping
    /// until [`transmit`](Self::transmit) has written its pong.
    #[must_use]
    pub fn control_payload(&self) -> &[u8] {
        self.control.payload()
    }
}

impl<I, O> Connection<I, O> {
    /// Returns whether [`transmit`](Self::transmit) has something to write.
    #[must_use]
    #[inline]
    pub const fn wants_transmit(&self) -> bool {
        self.control.has_frame() && self.ending.can_write()
    }
}

/// Writes the whole frame, masked if a client sends it (RFC 6455 section 5.5.1), its payload in two
/// parts, or nothing if it does not fit; returns the number of bytes.
fn write(out: &mut [u8], opcode: OpCode, payload: [&[u8]; 2], role: Role) -> usize {
    let header = FrameHeader {
        fin: true,
        reserved: ReservedBits::NONE,
        opcode,
        mask: role.mask(),
        length: payload.iter().map(|part| part.len() as u64).sum(),
    };
    header.write(out, payload)
}

/// Returns whether `whole` continues with `piece` at the place where `remaining` of its bytes are
/// still to come, including those of the piece.
fn has_part(whole: Option<&[u8]>, piece: &[u8], remaining: u64) -> bool {
    let Some(whole) = whole else { return false };
    let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
    let start = whole.len().checked_sub(remaining);
    let rest = start.and_then(|start| whole.get(start..));
    rest.is_some_and(|rest| rest.starts_with(piece))
}
