//! What is received: headers cut anywhere, payload as it comes, control frames collected.

use super::closing::Receiving;
use super::control::ControlMemory;
use super::{Connection, Data, Event, Received};
use crate::frame::{
    FrameHeader, HeaderRules, MAX_CONTROL_PAYLOAD, MAX_HEADER, Mask, OpCode, ReservedBits,
};
use crate::{Config, Instant, MessageKind, ProtocolError, Role, Utf8Validator};

/// The state of the receiving side.
#[derive(Debug)]
pub(super) struct Inbound<M> {
    next: Next,
    message: Option<Message>,
    /// Ping and Close payload is collected here; a pong is written from here.
    control: M,
    /// Whether `control` holds a ping that was not answered yet.
    pub(super) pong_due: bool,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A header, of which earlier input had only this many bytes.
    Header { length: u8, bytes: [u8; MAX_HEADER] },
    /// The payload of a frame.
    Payload {
        frame: Frame,
        /// Whether the frame is the last of its message.
        fin: bool,
        mask: Mask,
        remaining: u64,
    },
}

impl Next {
    /// A header, from its first byte.
    const HEADER: Self = Self::Header { length: 0, bytes: [0; MAX_HEADER] };
}

/// The frame whose payload is being received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Data,
    Ping,
    Close,
    /// A pong is not collected but compared with the ping it may answer.
    Pong {
        answers: bool,
    },
}

/// What is there of a frame's payload, unmasked.
struct Taken<'i> {
    frame: Frame,
    /// Whether the frame is the last of its message.
    fin: bool,
    /// The bytes that the frame still owed, including this piece.
    owed: u64,
    /// Whether the frame ends with it.
    ends: bool,
    payload: &'i mut [u8],
}

/// The message being received.
#[derive(Clone, Copy, Debug)]
struct Message {
    kind: MessageKind,
    reserved: ReservedBits,
    /// Whether no piece of it has been handed on yet.
    fresh: bool,
    fragments: u32,
    bytes: u64,
    text: Utf8Validator,
}

impl Message {
    /// Checks a further frame of it against the limits.
    #[inline]
    fn count_fragment(&mut self, length: u64, config: &Config) -> Result<(), ProtocolError> {
        self.fragments = self.fragments.saturating_add(1);
        if self.fragments > config.max_fragments {
            return Err(ProtocolError::TooManyFragments);
        }
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > config.max_message_bytes && self.reserved.is_empty() {
            return Err(ProtocolError::MessageTooBig);
        }
        Ok(())
    }
}

impl<M: ControlMemory> Inbound<M> {
    pub(super) const fn new(control: M) -> Self {
        const { assert!(M::CAPACITY >= MAX_CONTROL_PAYLOAD, "a ping is answered in full") };
        Self { next: Next::HEADER, message: None, control, pong_due: false }
    }

    pub(super) fn control_payload(&self) -> &[u8] {
        self.control.as_slice()
    }

    /// The ping has been answered.
    pub(super) fn forget_ping(&mut self) {
        self.pong_due = false;
        self.control.clear();
    }

    pub(super) const fn data_remaining(&self) -> u64 {
        match self.next {
            Next::Payload { frame: Frame::Data, remaining, .. } => remaining,
            _ => 0,
        }
    }

    /// Whether no message is under way, and no part of a header is held back.
    #[inline]
    pub(super) const fn is_between_messages(&self) -> bool {
        matches!(self.next, Next::Header { length: 0, .. }) && self.message.is_none()
    }

    /// Reads a header from what earlier inputs left of one and from `input`. Also returns the
    /// number of bytes taken from `input`; `None` if it took all of it.
    #[inline]
    fn read_header(
        &mut self,
        input: &[u8],
        rules: HeaderRules,
    ) -> Result<Option<(FrameHeader, usize)>, ProtocolError> {
        let Next::Header { length, bytes } = &mut self.next else { return Ok(None) };
        let held = usize::from(*length);
        for (place, byte) in bytes.iter_mut().skip(held).zip(input) {
            *place = *byte;
            *length = length.saturating_add(1);
        }
        let so_far = bytes.get(..usize::from(*length)).unwrap_or_default();
        let found = rules.decode(so_far)?;
        Ok(found.map(|(header, end)| (header, end.saturating_sub(held))))
    }

    /// Notes a frame whose header is there, and refuses it if it is in the wrong place.
    #[inline]
    fn begin_frame(
        &mut self,
        header: &FrameHeader,
        config: &Config,
        sent_ping: Option<&[u8]>,
    ) -> Result<(), ProtocolError> {
        let frame = match header.opcode {
            OpCode::Text | OpCode::Binary | OpCode::Continuation => {
                self.begin_data(header, config)?
            }
            OpCode::Pong => Frame::Pong {
                answers: sent_ping.is_some_and(|ping| ping.len() as u64 == header.length),
            },
            OpCode::Ping => self.begin_collecting(Frame::Ping),
            OpCode::Close => self.begin_collecting(Frame::Close),
        };
        self.next = Next::Payload {
            frame,
            fin: header.fin,
            mask: Mask::new(header.mask.unwrap_or_default()),
            remaining: header.length,
        };
        Ok(())
    }

    /// A frame that begins a message, or one that continues it (RFC 6455 section 5.4).
    #[inline]
    fn begin_data(
        &mut self,
        header: &FrameHeader,
        config: &Config,
    ) -> Result<Frame, ProtocolError> {
        let message = match (MessageKind::begun_by(header.opcode), &mut self.message) {
            (Some(_), Some(_)) => return Err(ProtocolError::ExpectedContinuation),
            (Some(kind), none) => none.insert(Message {
                kind,
                reserved: header.reserved,
                fresh: true,
                fragments: 0,
                bytes: 0,
                text: Utf8Validator::new(),
            }),
            (None, None) => return Err(ProtocolError::UnexpectedContinuation),
            (None, Some(_)) if !header.reserved.is_empty() => {
                return Err(ProtocolError::ReservedBits);
            }
            (None, Some(message)) => message,
        };
        message.count_fragment(header.length, config)?;
        Ok(Frame::Data)
    }

    fn begin_collecting(&mut self, frame: Frame) -> Frame {
        self.forget_ping();
        frame
    }

    /// Unmasks what is there of the frame's payload. `None` inside a header.
    #[inline]
    fn take_payload<'i>(&mut self, input: &'i mut [u8]) -> Option<Taken<'i>> {
        let Next::Payload { frame, fin, mask, remaining } = &mut self.next else { return None };
        let (frame, fin, owed) = (*frame, *fin, *remaining);
        let payload = input.get_mut(..clamp(owed, input.len())).unwrap_or_default();
        mask.apply(payload);
        *remaining = owed.saturating_sub(payload.len() as u64);
        let ends = *remaining == 0;
        if ends {
            self.next = Next::HEADER;
        }
        Some(Taken { frame, fin, owed, ends, payload })
    }

    /// Checks what was taken of a message.
    #[inline]
    fn take_data<'i>(&mut self, taken: Taken<'i>) -> Result<Option<Data<'i>>, ProtocolError> {
        let Taken { fin, ends, payload, .. } = taken;
        let Some(message) = &mut self.message else {
            return Err(ProtocolError::UnexpectedContinuation);
        };
        let last = ends && fin;
        if message.kind == MessageKind::Text && message.reserved.is_empty() {
            message.text.push(payload).map_err(|_| ProtocolError::InvalidUtf8)?;
            if last && !message.text.is_complete() {
                return Err(ProtocolError::InvalidUtf8);
            }
        }
        if payload.is_empty() && !ends {
            return Ok(None);
        }
        let first = core::mem::replace(&mut message.fresh, false);
        let (kind, reserved) = (message.kind, message.reserved);
        if last {
            self.message = None;
        }
        Ok(Some(Data { kind, reserved, first, last, payload }))
    }

    /// Collects what was taken of a control frame; returns the frame at its end.
    fn take_control(&mut self, taken: &Taken<'_>, sent_ping: Option<&[u8]>) -> Option<Frame> {
        let mut frame = taken.frame;
        if let Frame::Pong { answers } = &mut frame {
            *answers = *answers && has_part(sent_ping, taken.payload, taken.owed);
            if let Next::Payload { frame: unfinished, .. } = &mut self.next {
                *unfinished = frame;
            }
        } else {
            self.control.extend(taken.payload);
        }
        taken.ends.then_some(frame)
    }

    /// Checks a Close frame's payload (RFC 6455 sections 5.5.1 and 7.4).
    fn check_close(&self) -> Result<(), ProtocolError> {
        let payload = self.control_payload();
        let Some((code, reason)) = payload.split_first_chunk() else {
            return if payload.is_empty() { Ok(()) } else { Err(ProtocolError::CloseTooShort) };
        };
        if !crate::CloseCode::new(u16::from_be_bytes(*code)).is_sendable() {
            return Err(ProtocolError::InvalidCloseCode);
        }
        core::str::from_utf8(reason).map_err(|_| ProtocolError::InvalidUtf8)?;
        Ok(())
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    #[inline]
    pub(super) fn receive_frame<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        if let Some(mut message) = self.receive_whole(input, now)? {
            let consumed = message.payload.end;
            let payload = input.get_mut(message.payload).unwrap_or_default();
            message.mask.apply(payload);
            let (kind, reserved) = (message.kind, ReservedBits::NONE);
            let data = Data { kind, reserved, first: true, last: true, payload };
            return Ok(Received { consumed, event: Some(Event::Data(data)) });
        }
        self.receive_piece(input, now)
    }

    #[inline(never)]
    fn receive_piece<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        if !self.closing.can_receive() {
            return self.ignore(input);
        }
        if input.is_empty() {
            return Ok(Received { consumed: 0, event: None });
        }
        self.keepalive.heard(now);
        let received = self.read_frame(input, now);
        if let Err(error) = received {
            self.fail_receiving(error, now);
        }
        received
    }

    /// After the end there is nothing to be received.
    #[cold]
    fn ignore<'i>(&self, input: &[u8]) -> Result<Received<'i>, ProtocolError> {
        match self.closing.receiving() {
            Receiving::Failed(error) => Err(error),
            Receiving::Open | Receiving::Closed | Receiving::Lost => {
                Ok(Received { consumed: input.len(), event: None })
            }
        }
    }

    fn read_frame<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        let mut consumed = 0;
        if let Next::Header { .. } = self.inbound.next {
            let rules = HeaderRules {
                masked: matches!(self.role, Role::Server),
                reserved: self.config.reserved_bits,
            };
            let Some((header, taken)) = self.inbound.read_header(input, rules)? else {
                return Ok(Received { consumed: input.len(), event: None });
            };
            consumed = taken;
            self.inbound.begin_frame(&header, &self.config, self.outbound.sent_ping())?;
        }
        let rest = input.get_mut(consumed..).unwrap_or_default();
        let Some(taken) = self.inbound.take_payload(rest) else {
            return Ok(Received { consumed, event: None });
        };
        consumed = consumed.saturating_add(taken.payload.len());
        let event = if taken.frame == Frame::Data {
            self.inbound.take_data(taken)?.map(Event::Data)
        } else {
            match self.inbound.take_control(&taken, self.outbound.sent_ping()) {
                Some(frame) => self.end_control(frame, now)?,
                None => None,
            }
        };
        Ok(Received { consumed, event })
    }

    /// Acts on a control frame that is complete.
    fn end_control(
        &mut self,
        frame: Frame,
        now: Instant,
    ) -> Result<Option<Event<'static>>, ProtocolError> {
        Ok(match frame {
            Frame::Data => None,
            Frame::Ping => {
                self.inbound.pong_due = true;
                Some(Event::Ping)
            }
            Frame::Pong { answers } => {
                if answers && self.outbound.sent_ping().is_some() {
                    self.outbound.forget_ping();
                    self.keepalive.answered(now);
                }
                Some(Event::Pong)
            }
            Frame::Close => {
                self.inbound.check_close()?;
                self.outbound.queue_close_echo(self.inbound.control_payload());
                self.closing.close_received(now.after(self.config.close_timeout));
                Some(Event::Close)
            }
        })
    }

    #[cold]
    pub(super) fn fail_receiving(&mut self, error: ProtocolError, now: Instant) -> ProtocolError {
        self.inbound.next = Next::HEADER;
        self.inbound.forget_ping();
        self.outbound.queue_failure(error);
        self.closing.fail(error, now.after(self.config.close_timeout));
        error
    }
}

#[inline]
fn clamp(remaining: u64, available: usize) -> usize {
    usize::try_from(remaining).unwrap_or(usize::MAX).min(available)
}

/// Whether `whole` continues with `piece` at the place where `remaining` of its bytes are still to
/// come, including those of the piece.
fn has_part(whole: Option<&[u8]>, piece: &[u8], remaining: u64) -> bool {
    let Some(whole) = whole else { return false };
    let start = whole.len().checked_sub(clamp(remaining, usize::MAX));
    let rest = start.and_then(|start| whole.get(start..));
    rest.is_some_and(|rest| rest.starts_with(piece))
}
