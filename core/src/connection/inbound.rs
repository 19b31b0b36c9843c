//! Receiving: headers cut anywhere, and payload as it comes.

use super::control::ControlFrame;
use super::ending::Receiving;
use super::{Connection, ControlMemory, Data, Event, Received};
use crate::config::{Limits, Role};
use crate::error::ProtocolError;
use crate::frame::{FrameHeader, HeaderRules, MAX_HEADER, Mask, MessageKind, OpCode, ReservedBits};
use crate::time::Instant;
use crate::utf8::Utf8Validator;

/// The state of the receiving side.
#[derive(Debug)]
pub(super) struct Inbound {
    next: Next,
    message: Option<Message>,
}

/// The place of the next byte.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A header, of which earlier input had only this many bytes.
    Header { length: u8, bytes: [u8; MAX_HEADER] },
    /// The payload of a frame.
    Payload {
        frame: Frame,
        /// True if the frame is the last of its message.
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
    Control(ControlFrame),
}

/// The part of a frame's payload that is there, unmasked.
struct Taken<'i> {
    frame: Frame,
    /// True if the frame is the last of its message.
    fin: bool,
    /// The bytes that the frame still owed, including this piece.
    owed: u64,
    /// True if the frame ends with it.
    ends: bool,
    payload: &'i mut [u8],
}

/// The message being received.
#[derive(Clone, Copy, Debug)]
struct Message {
    kind: MessageKind,
    reserved: ReservedBits,
    /// True if no piece of it has been handed on yet.
    fresh: bool,
    fragments: u32,
    bytes: u64,
    text: Utf8Validator,
}

impl Message {
    /// Checks a further frame of it against the limits.
    #[inline]
    fn count_fragment(&mut self, length: u64, limits: &Limits) -> Result<(), ProtocolError> {
        self.fragments = self.fragments.saturating_add(1);
        if self.fragments > limits.max_fragments {
            return Err(ProtocolError::TooManyFragments);
        }
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > limits.max_message_bytes && self.reserved.is_empty() {
            return Err(ProtocolError::MessageTooBig);
        }
        Ok(())
    }
}

impl Inbound {
    pub(super) const fn new() -> Self {
        Self { next: Next::HEADER, message: None }
    }

    pub(super) const fn data_remaining(&self) -> u64 {
        match self.next {
            Next::Payload { frame: Frame::Data, remaining, .. } => remaining,
            _ => 0,
        }
    }

    /// Returns whether no message is under way, and no part of a header is held back.
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

    /// Begins a message or continues one (RFC 6455 section 5.4), of the type that its first frame
    /// says (RFC 6455 section 6.2). Reserved bits stand on that frame only (RFC 7692 section 6).
    #[inline]
    fn begin_data(
        &mut self,
        header: &FrameHeader,
        limits: &Limits,
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
        message.count_fragment(header.length, limits)?;
        Ok(Frame::Data)
    }

    /// Unmasks what is there of the frame's payload (RFC 6455 section 6.2). `None` inside a header.
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

    /// Hands on what was taken of a message, in the order in which it was sent
    /// (RFC 6455 section 5.4), as a part of it (RFC 6455 section 6.2). Text is checked
    /// (RFC 6455 section 5.6): what is not UTF-8 fails the connection (RFC 6455 section 8.1).
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
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Takes in what the transport received.
    ///
    /// Consumes a prefix of `input`, and says what it was. Call it again with the rest until
    /// everything is consumed. Payload is unmasked in place. Control frames and headers that are
    /// cut off are kept inside, so the caller never has to keep them.
    ///
    /// After a Close frame or [`end_of_input`](Self::end_of_input) all input is consumed without an
    /// event.
    ///
    /// # Errors
    /// The peer broke a rule. A Close frame with the fitting code has been queued, and every later
    /// call returns the same error.
    #[inline]
    pub fn receive<'i>(
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

    /// As [`receive`](Self::receive), for what is not a [whole message](Self::receive_whole).
    #[inline(never)]
    pub(crate) fn receive_piece<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        if !self.ending.can_receive() {
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

    /// Takes in what comes after the end, without looking at it (RFC 6455 section 7.1.7).
    #[cold]
    fn ignore<'i>(&self, input: &[u8]) -> Result<Received<'i>, ProtocolError> {
        match self.ending.receiving() {
            Receiving::Failed(error) => Err(error),
            Receiving::Open | Receiving::Closed | Receiving::Lost(_) => {
                Ok(Received { consumed: input.len(), event: None })
            }
        }
    }

    /// Reads a frame, or what is there of it (RFC 6455 section 6.2).
    fn read_frame<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        let mut consumed = 0;
        if let Next::Header { .. } = self.inbound.next {
            let rules = HeaderRules {
                masked: matches!(self.role, Role::Server),
                reserved: self.limits.reserved_bits,
            };
            let Some((header, taken)) = self.inbound.read_header(input, rules)? else {
                return Ok(Received { consumed: input.len(), event: None });
            };
            consumed = taken;
            self.begin_received(&header)?;
        }
        let rest = input.get_mut(consumed..).unwrap_or_default();
        let Some(taken) = self.inbound.take_payload(rest) else {
            return Ok(Received { consumed, event: None });
        };
        consumed = consumed.saturating_add(taken.payload.len());
        let event = match taken.frame {
            Frame::Data => {
                let data = self.inbound.take_data(taken)?;
                if data.is_some() {
                    self.progress.message_received(now);
                }
                data.map(Event::Data)
            }
            Frame::Control(frame) => self.take_control(frame, &taken, now)?,
        };
        Ok(Received { consumed, event })
    }

    /// Notes a frame whose header is there, and refuses it if it is in the wrong place.
    #[inline]
    fn begin_received(&mut self, header: &FrameHeader) -> Result<(), ProtocolError> {
        let frame = match header.opcode {
            OpCode::Text | OpCode::Binary | OpCode::Continuation => {
                self.inbound.begin_data(header, &self.limits)?
            }
            control => Frame::Control(self.control.begin(control, header.length)),
        };
        self.inbound.next = Next::Payload {
            frame,
            fin: header.fin,
            mask: Mask::new(header.mask.unwrap_or_default()),
            remaining: header.length,
        };
        Ok(())
    }

    /// Takes in what is there of a control frame; acts on it at its end.
    fn take_control(
        &mut self,
        mut frame: ControlFrame,
        taken: &Taken<'_>,
        now: Instant,
    ) -> Result<Option<Event<'static>>, ProtocolError> {
        self.control.take(&mut frame, taken.payload, taken.owed);
        if taken.ends {
            return self.end_control(frame, now).map(Some);
        }
        if let Next::Payload { frame: unfinished, .. } = &mut self.inbound.next {
            *unfinished = Frame::Control(frame);
        }
        Ok(None)
    }

    /// Fails the connection for what an extension found wrong with a message, as if
    /// [`receive`](Self::receive) had returned this error. Does nothing if no more is received
    /// anyway.
    pub fn fail(&mut self, error: ProtocolError, now: Instant) {
        if self.ending.can_receive() {
            self.fail_receiving(error, now);
        }
    }

    /// Fails the connection (RFC 6455 section 7.1.7).
    #[cold]
    pub(super) fn fail_receiving(&mut self, error: ProtocolError, now: Instant) -> ProtocolError {
        self.inbound.next = Next::HEADER;
        self.control.queue_failure(error);
        self.ending.fail(error, now.after(self.limits.close_timeout));
        error
    }
}

#[inline]
fn clamp(remaining: u64, available: usize) -> usize {
    usize::try_from(remaining).unwrap_or(usize::MAX).min(available)
}
