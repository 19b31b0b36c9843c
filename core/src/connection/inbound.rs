//! What is received: headers cut anywhere, payload as it comes, control frames collected.

use super::closing::Receiving;
use super::{Connection, Data, Event, Received};
use crate::frame::{
    FrameHeader, HeaderRules, MAX_CONTROL_PAYLOAD, MAX_HEADER, Mask, OpCode, ReservedBits,
};
use crate::{Config, Instant, MessageKind, ProtocolError, Role, Utf8Validator};

/// The state of the receiving side.
#[derive(Debug)]
pub(super) struct Inbound {
    /// The start of a header that the input cut.
    header: [u8; MAX_HEADER],
    header_length: u8,
    frame: Frame,
    /// Whether `frame` is the last of its message.
    fin: bool,
    mask: Mask,
    remaining: u64,
    message: Option<Message>,
    /// Ping and Close payload is collected here; a pong is written from here.
    control: [u8; MAX_CONTROL_PAYLOAD],
    control_length: u8,
    /// Whether `control` holds a ping that was not answered yet.
    pub(super) pong_due: bool,
}

/// The frame whose payload is being received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// None: a header comes next.
    None,
    Data,
    Ping,
    Close,
    /// A pong is not collected but compared with the ping it may answer.
    Pong {
        answers: bool,
    },
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

impl Inbound {
    pub(super) const fn new() -> Self {
        Self {
            header: [0; MAX_HEADER],
            header_length: 0,
            frame: Frame::None,
            fin: false,
            mask: Mask::new([0; 4]),
            remaining: 0,
            message: None,
            control: [0; MAX_CONTROL_PAYLOAD],
            control_length: 0,
            pong_due: false,
        }
    }

    pub(super) fn control_payload(&self) -> &[u8] {
        self.control.get(..usize::from(self.control_length)).unwrap_or_default()
    }

    pub(super) const fn data_remaining(&self) -> u64 {
        if matches!(self.frame, Frame::Data) { self.remaining } else { 0 }
    }

    /// Reads a header from `input`, or from what an earlier input left of one and `input`. Gives
    /// the bytes taken from `input`.
    #[inline]
    fn read_header(
        &mut self,
        input: &[u8],
        rules: HeaderRules,
    ) -> Result<(Option<FrameHeader>, usize), ProtocolError> {
        if self.header_length == 0
            && let Some((header, taken)) = rules.decode(input)?
        {
            return Ok((Some(header), taken));
        }
        self.read_cut_header(input, rules)
    }

    #[cold]
    fn read_cut_header(
        &mut self,
        input: &[u8],
        rules: HeaderRules,
    ) -> Result<(Option<FrameHeader>, usize), ProtocolError> {
        let mut taken = 0usize;
        for byte in input {
            let Some(place) = self.header.get_mut(usize::from(self.header_length)) else { break };
            *place = *byte;
            self.header_length = self.header_length.saturating_add(1);
            taken = taken.saturating_add(1);
            let so_far = self.header.get(..usize::from(self.header_length)).unwrap_or_default();
            if let Some((header, _)) = rules.decode(so_far)? {
                self.header_length = 0;
                return Ok((Some(header), taken));
            }
        }
        Ok((None, taken))
    }

    /// Takes note of a frame whose header is there, and refuses it if it stands in the wrong place.
    #[inline]
    fn begin_frame(&mut self, header: &FrameHeader, config: &Config) -> Result<(), ProtocolError> {
        self.frame = match header.opcode {
            OpCode::Text => self.begin_message(MessageKind::Text, header)?,
            OpCode::Binary => self.begin_message(MessageKind::Binary, header)?,
            OpCode::Continuation => Frame::Data,
            OpCode::Ping => Frame::Ping,
            OpCode::Pong => Frame::Pong { answers: false },
            OpCode::Close => Frame::Close,
        };
        self.mask = Mask::new(header.mask.unwrap_or_default());
        self.remaining = header.length;
        match self.frame {
            Frame::Data => {
                self.fin = header.fin;
                self.count_fragment(header, config)
            }
            Frame::Ping | Frame::Close => {
                self.control_length = 0;
                self.pong_due = false;
                Ok(())
            }
            Frame::Pong { .. } | Frame::None => Ok(()),
        }
    }

    #[inline]
    fn begin_message(
        &mut self,
        kind: MessageKind,
        header: &FrameHeader,
    ) -> Result<Frame, ProtocolError> {
        if self.message.is_some() {
            return Err(ProtocolError::ExpectedContinuation);
        }
        self.message = Some(Message {
            kind,
            reserved: header.reserved,
            fresh: true,
            fragments: 0,
            bytes: 0,
            text: Utf8Validator::new(),
        });
        Ok(Frame::Data)
    }

    #[inline]
    fn count_fragment(
        &mut self,
        header: &FrameHeader,
        config: &Config,
    ) -> Result<(), ProtocolError> {
        let Some(message) = &mut self.message else {
            return Err(ProtocolError::UnexpectedContinuation);
        };
        if header.opcode == OpCode::Continuation && !header.reserved.is_empty() {
            return Err(ProtocolError::ReservedBits);
        }
        message.fragments = message.fragments.saturating_add(1);
        if message.fragments > config.max_fragments {
            return Err(ProtocolError::TooManyFragments);
        }
        message.bytes = message.bytes.saturating_add(header.length);
        if message.bytes > config.max_message_bytes {
            return Err(ProtocolError::MessageTooBig);
        }
        Ok(())
    }

    /// Unmasks and checks what is there of a message frame's payload.
    #[inline]
    fn take_data<'i>(&mut self, input: &'i mut [u8]) -> Result<Option<Data<'i>>, ProtocolError> {
        let Some(message) = &mut self.message else {
            return Err(ProtocolError::UnexpectedContinuation);
        };
        let available = clamp(self.remaining, input.len());
        let payload = input.get_mut(..available).unwrap_or_default();
        self.mask.apply(payload);
        self.remaining = self.remaining.saturating_sub(available as u64);
        let frame_ends = self.remaining == 0;
        let last = frame_ends && self.fin;
        if message.kind == MessageKind::Text && message.reserved.is_empty() {
            message.text.push(payload).map_err(|_| ProtocolError::InvalidUtf8)?;
            if last && !message.text.is_complete() {
                return Err(ProtocolError::InvalidUtf8);
            }
        }
        if payload.is_empty() && !frame_ends {
            return Ok(None);
        }
        let first = core::mem::replace(&mut message.fresh, false);
        let (kind, reserved) = (message.kind, message.reserved);
        if frame_ends {
            self.frame = Frame::None;
        }
        if last {
            self.message = None;
        }
        Ok(Some(Data { kind, reserved, first, last, payload }))
    }

    /// Collects a control frame's payload; gives the bytes taken.
    fn take_control(&mut self, input: &mut [u8], sent_ping: Option<&[u8]>) -> usize {
        let available = clamp(self.remaining, input.len());
        let payload = input.get_mut(..available).unwrap_or_default();
        self.mask.apply(payload);
        if let Frame::Pong { answers } = &mut self.frame {
            *answers = *answers && has_part(sent_ping, payload, self.remaining);
        } else {
            let room = self.control.get_mut(usize::from(self.control_length)..).unwrap_or_default();
            for (place, byte) in room.iter_mut().zip(&*payload) {
                *place = *byte;
            }
            self.control_length = self.control_length.saturating_add(available as u8);
        }
        self.remaining = self.remaining.saturating_sub(available as u64);
        available
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

impl Connection {
    #[inline]
    pub(super) fn receive_frame<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        let length = input.len();
        match self.closing.receiving() {
            Receiving::Open => {}
            Receiving::Failed(error) => return Err(error),
            Receiving::Closed | Receiving::Lost => {
                return Ok(Received { consumed: length, event: None });
            }
        }
        if length == 0 {
            return Ok(Received { consumed: 0, event: None });
        }
        self.keepalive.heard(now);
        self.read_frame(input, now).inspect_err(|&error| self.fail(error, now))
    }

    #[inline]
    fn read_frame<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        let mut consumed = 0;
        if self.inbound.frame == Frame::None {
            let rules = HeaderRules {
                masked: matches!(self.role, Role::Server),
                reserved: self.config.reserved_bits,
            };
            let (header, taken) = self.inbound.read_header(input, rules)?;
            consumed = taken;
            let Some(header) = header else { return Ok(Received { consumed, event: None }) };
            self.inbound.begin_frame(&header, &self.config)?;
            if let Frame::Pong { answers } = &mut self.inbound.frame {
                let ping = self.outbound.sent_ping();
                *answers = ping.is_some_and(|ping| ping.len() as u64 == header.length);
            }
        }
        let payload = input.get_mut(consumed..).unwrap_or_default();
        if self.inbound.frame == Frame::Data {
            let data = self.inbound.take_data(payload)?;
            let taken = data.as_ref().map_or(0, |data| data.payload.len());
            return Ok(Received {
                consumed: consumed.saturating_add(taken),
                event: data.map(Event::Data),
            });
        }
        let taken = self.inbound.take_control(payload, self.outbound.sent_ping());
        let event = if self.inbound.remaining == 0 { self.end_control(now)? } else { None };
        Ok(Received { consumed: consumed.saturating_add(taken), event })
    }

    /// Acts on a control frame that is complete.
    fn end_control(&mut self, now: Instant) -> Result<Option<Event<'static>>, ProtocolError> {
        let frame = core::mem::replace(&mut self.inbound.frame, Frame::None);
        Ok(match frame {
            Frame::None | Frame::Data => None,
            Frame::Ping => {
                self.inbound.pong_due = true;
                Some(Event::Ping)
            }
            Frame::Pong { answers } => {
                if answers && self.outbound.sent_ping().is_some() {
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
    fn fail(&mut self, error: ProtocolError, now: Instant) {
        self.inbound.frame = Frame::None;
        self.inbound.pong_due = false;
        self.outbound.queue_failure(error.close_code(), error.message());
        self.closing.fail(error, now.after(self.config.close_timeout));
    }
}

#[inline]
fn clamp(remaining: u64, available: usize) -> usize {
    usize::try_from(remaining).unwrap_or(usize::MAX).min(available)
}

/// Whether `whole` goes on with `piece` where `remaining` of its bytes are still to come, those of
/// the piece included.
fn has_part(whole: Option<&[u8]>, piece: &[u8], remaining: u64) -> bool {
    let Some(whole) = whole else { return false };
    let start = whole.len().checked_sub(clamp(remaining, usize::MAX));
    let rest = start.and_then(|start| whole.get(start..));
    rest.is_some_and(|rest| rest.starts_with(piece))
}
