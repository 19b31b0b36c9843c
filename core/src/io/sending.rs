//! Frames and control frames, each written whole.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use embedded_io_async::{Error, ErrorKind};

use super::clock::{Clock, poll_some};
use super::compression::Deflation;
use super::shared::Shared;
use super::sizes::{fitting, header_length};
use super::{Engine, RecvError, SendError, WriteHalf};
use crate::frame::copy;
use crate::{CloseCode, DataFrame, MAX_CONTROL_FRAME, MessageKind, ReservedBits, Utf8Validator};

/// No fragment takes fewer bytes than this, its header included, unless the buffer or the message
/// is that small: it is worth a wait, and peers count fragments.
const SMALLEST_FRAGMENT: usize = 128;

/// The room that is tried first for a control frame, whose length only the engine knows.
const SMALLEST_CONTROL: usize = 16;

/// The room to try after that much was not enough.
fn more_for_controls(room: usize) -> usize {
    room.saturating_mul(2).clamp(SMALLEST_CONTROL, MAX_CONTROL_FRAME)
}

/// Some payload of a message.
pub(super) struct Piece<'p> {
    kind: MessageKind,
    /// Whether the message starts with it.
    first: bool,
    /// Whether the message ends with it.
    last: bool,
    /// Whether all of it is to be written, in as many frames as it takes, or as much as fits in one.
    whole: bool,
    payload: &'p [u8],
    /// Checks text that may not be.
    text: Option<&'p mut Utf8Validator>,
    /// Once it was written: how much of it the last frame holds.
    written: Option<Result<usize, SendError>>,
}

impl<'p> Piece<'p> {
    /// A message.
    fn message(kind: MessageKind, payload: &'p [u8]) -> Self {
        let (first, last, whole) = (true, true, true);
        Self { kind, first, last, whole, payload, text: None, written: None }
    }

    /// Some of a message, for one frame.
    pub(super) fn part(
        kind: MessageKind,
        first: bool,
        last: bool,
        payload: &'p [u8],
        text: Option<&'p mut Utf8Validator>,
    ) -> Self {
        Self { kind, first, last, whole: false, payload, text, written: None }
    }

    /// Takes note of a frame with so much of it, or why there is none.
    fn note(&mut self, taken: Result<usize, SendError>) {
        self.first = false;
        self.payload = self.payload.get(taken.unwrap_or(0)..).unwrap_or_default();
        if taken.is_err() || !self.whole || self.payload.is_empty() {
            self.written = Some(taken);
        }
    }
}

impl<W: WriteHalf, C: Clock> Shared<W, C> {
    /// Why nothing can be sent, if so.
    pub(super) fn refusal(&self) -> Option<SendError> {
        if let Some(refusal) = self.failure() {
            return Some(refusal);
        }
        (!self.status().can_send).then_some(SendError::Closed)
    }

    /// Why not even a Close frame can be sent, if so.
    fn failure(&self) -> Option<SendError> {
        if let Some(kind) = self.broken() {
            return Some(SendError::Transport(kind));
        }
        if !self.is_over() {
            return None;
        }
        Some(match self.verdict() {
            Some(RecvError::Transport(kind)) => SendError::Transport(kind),
            Some(RecvError::TimedOut(_) | RecvError::WriteTimedOut) => SendError::TimedOut,
            _ => SendError::Closed,
        })
    }

    /// Writes a whole message, in as many frames as it takes.
    pub(super) async fn send(&self, kind: MessageKind, payload: &[u8]) -> Result<(), SendError> {
        let mut message = Piece::message(kind, payload);
        // One wait for both: each would be in the program once more.
        loop {
            let unwritten = message.written.is_none().then_some(&mut message);
            let flushes = unwritten.is_none();
            self.write(unwritten).await?;
            if flushes {
                return Ok(());
            }
            message.written.unwrap_or(Err(SendError::Closed))?;
        }
    }

    /// Writes one frame of as much of the piece as there is room for, once there is enough; before
    /// it, the control frames that wait. Gives how much of the payload it was.
    ///
    /// Either the frame is written and the future ready in the same poll, or nothing is.
    pub(super) async fn frame(&self, mut piece: Piece<'_>) -> Result<usize, SendError> {
        self.write(Some(&mut piece)).await?;
        piece.written.unwrap_or(Err(SendError::Closed))
    }

    /// Sees to it that what was written leaves.
    pub(super) async fn flush_frames(&self) -> Result<(), SendError> {
        if self.unflushed.get() { self.write(None).await } else { Ok(()) }
    }

    pub(super) async fn ping(&self, payload: &[u8]) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        self.with_engine(Ok(()), |engine| engine.ping(payload))?;
        self.send_control().await
    }

    pub(super) async fn close(&self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        self.begin_close(code, reason)?;
        self.send_control().await
    }

    /// Queues the Close frame.
    pub(super) fn begin_close(&self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let now = self.clock.now();
        self.with_engine(Ok(()), |engine| engine.close(code, reason, now))?;
        self.wake();
        Ok(())
    }

    /// Sends the control frames that wait.
    async fn send_control(&self) -> Result<(), SendError> {
        // What was queued has changed the time that the reader wants to be woken at.
        self.tasks.reader.wake();
        self.write(None).await
    }

    /// Whether [`output`](Self::output) has anything to do.
    pub(super) fn has_output(&self) -> bool {
        if self.broken().is_some() || self.is_over() {
            return false;
        }
        let status = self.status();
        self.unflushed.get()
            || status.wants_transmit
            || (status.is_closed && self.shut.get().is_none())
    }

    /// Sends the control frames that wait. Behind them it writes a frame of the piece, if there is
    /// one; else it flushes, and shuts the stream down after the last.
    pub(super) async fn output(&self, mut piece: Option<&mut Piece<'_>>) -> Result<(), ErrorKind> {
        let mut writer = self.lock().await;
        let mut controls = if piece.is_some() { 0 } else { SMALLEST_CONTROL };
        while self.has_to_write(piece.as_deref()) {
            let least = piece.as_deref().map_or(0, |piece| self.least_room(piece));
            let room = least.max(controls).min(self.capacity);
            let write = pin!(writer.write_with(room, |out| self.fill(out, piece.as_deref_mut())));
            controls = match self.written(write).await? {
                Filled::Frame => 0,
                Filled::Never if self.status().wants_transmit => {
                    return Err(ErrorKind::OutOfMemory);
                }
                Filled::Controls | Filled::Never => more_for_controls(controls),
            };
        }
        if piece.is_some() {
            return Ok(());
        }
        if self.unflushed.get() {
            self.flush(&mut writer).await?;
        }
        if self.shut.get().is_none() && self.status().is_closed {
            let visible = writer.shutdown().await.map_err(|error| error.kind())?;
            self.shut.set(Some(visible));
        }
        Ok(())
    }

    /// Whether the piece was not written yet, or without one, control frames wait.
    fn has_to_write(&self, piece: Option<&Piece<'_>>) -> bool {
        piece.map_or_else(|| self.status().wants_transmit, |piece| piece.written.is_none())
    }

    async fn flush(&self, writer: &mut W) -> Result<(), ErrorKind> {
        self.written(pin!(writer.flush())).await?;
        self.unflushed.set(false);
        let now = self.clock.now();
        self.with_engine((), |engine| engine.flushed(now));
        Ok(())
    }

    /// Writes the control frames that wait, as far as they fit.
    fn transmit(&self, out: &mut [u8]) -> usize {
        let now = self.clock.now();
        self.with_engine(0, |engine| {
            let mut total = 0usize;
            loop {
                let room = out.get_mut(total..).unwrap_or_default();
                let written = engine.transmit(room, now);
                if written == 0 {
                    break;
                }
                self.progressed();
                total = total.saturating_add(written);
            }
            total
        })
    }

    /// Writes what fits of the piece, behind the control frames that wait.
    fn fill(&self, out: &mut [u8], piece: Option<&mut Piece<'_>>) -> (usize, Filled) {
        let whole_buffer = out.len() >= self.capacity;
        let controls = self.transmit(out);
        let hopeless = whole_buffer && controls == 0;
        let filled = if hopeless { Filled::Never } else { Filled::Controls };
        let Some(piece) = piece else { return (controls, filled) };
        let room = out.get_mut(controls..).unwrap_or_default();
        let enough = room.len() >= self.least_room(piece) && !self.status().wants_transmit;
        let fitting = fitting(room.len(), self.mask_length());
        if !enough || (fitting == 0 && !piece.payload.is_empty()) {
            if hopeless {
                piece.note(Err(SendError::Transport(ErrorKind::OutOfMemory)));
            }
            return (controls, Filled::Controls);
        }
        let written = self.with_protocol(Err(SendError::Closed), |engine, deflation| {
            let compressed = deflation.compresses(piece.first, piece.last, piece.payload.len());
            let frame = if compressed {
                deflate(engine, deflation, room, piece, self.mask_length())
            } else {
                encode(engine, room, piece, fitting.min(piece.payload.len()))
            }?;
            if piece.first {
                deflation.begun(compressed);
            }
            Ok(frame)
        });
        piece.note(written.as_ref().map(|frame| frame.taken).map_err(|error| *error));
        let Ok(frame) = written else { return (controls, Filled::Controls) };
        self.progressed();
        (controls.saturating_add(frame.length), Filled::Frame)
    }

    /// The least room that is worth a frame of the piece.
    fn least_room(&self, piece: &Piece<'_>) -> usize {
        let whole = header_length(piece.payload.len(), self.mask_length())
            .saturating_add(piece.payload.len());
        let fragment = SMALLEST_FRAGMENT.min(self.capacity / 2);
        let compressed = self.with_protocol(false, |_, deflation| {
            deflation.compresses(piece.first, piece.last, piece.payload.len())
        });
        let payload = if compressed { Deflation::LEAST_ROOM } else { 1 };
        let least = header_length(payload, self.mask_length()).saturating_add(payload);
        if compressed { whole.max(least) } else { whole }.min(fragment.max(least))
    }

    /// Lets [`output`](Self::output) do its work, no longer than the write timeout, nor longer than
    /// something can be sent.
    async fn write(&self, piece: Option<&mut Piece<'_>>) -> Result<(), SendError> {
        let refusal = if piece.is_some() { Self::refusal } else { Self::failure };
        let mut output = pin!(self.output(piece));
        loop {
            let deadline = self.write_deadline();
            let mut timer = pin!(deadline.map(|deadline| self.clock.wait_until(deadline)));
            let step = poll_fn(|cx| {
                self.tasks.writer.register(cx.waker());
                if let Some(refusal) = refusal(self) {
                    return Poll::Ready(Err(refusal));
                }
                if let Poll::Ready(result) = output.as_mut().poll(cx) {
                    self.tasks.writer.clear();
                    return Poll::Ready(Ok(Some(result)));
                }
                if self.write_deadline() != deadline {
                    return Poll::Ready(Ok(None));
                }
                poll_some(timer.as_mut(), cx).map(|()| Ok(None))
            });
            match step.await? {
                Some(Ok(())) => return Ok(()),
                Some(Err(kind)) => {
                    self.break_writing(kind);
                    return Err(SendError::Transport(kind));
                }
                None if self.write_deadline().is_some_and(|due| due <= self.clock.now()) => {
                    self.give_up(RecvError::WriteTimedOut);
                    return Err(SendError::TimedOut);
                }
                None => {}
            }
        }
    }
}

/// What was written at once.
#[derive(Clone, Copy)]
enum Filled {
    /// Control frames, and one of the piece.
    Frame,
    /// Control frames at most: there must be more room first.
    Controls,
    /// Nothing, and there never is more room.
    Never,
}

/// What was written of a piece.
struct Frame {
    /// Of the whole frame.
    length: usize,
    /// How much of the piece it holds.
    taken: usize,
}

/// Writes the frame of the first `length` bytes of the piece.
fn encode(
    engine: &mut Engine,
    out: &mut [u8],
    piece: &mut Piece<'_>,
    length: usize,
) -> Result<Frame, SendError> {
    let payload = piece.payload.get(..length).unwrap_or_default();
    let last = piece.last && length == piece.payload.len();
    let text = piece.checked(payload, last)?;
    let frame = DataFrame {
        kind: piece.kind,
        reserved: ReservedBits::NONE,
        first: piece.first,
        last,
        length: length as u64,
    };
    let written = engine.begin(frame, |header| header.write(out, [payload, &[]]))?;
    piece.keep(text);
    Ok(Frame { length: written, taken: length })
}

/// Writes a frame of as much of the piece as fits when it is compressed.
///
/// An error behind the deflater's work does no harm: no later message can be sent either.
fn deflate(
    engine: &mut Engine,
    deflation: &mut Deflation,
    out: &mut [u8],
    piece: &mut Piece<'_>,
    mask_length: usize,
) -> Result<Frame, SendError> {
    piece.checked(piece.payload, piece.last)?;
    // The length is known only afterwards: the longest header may have been too long.
    let longest = header_length(out.len(), mask_length);
    let room = out.get_mut(longest..).unwrap_or_default();
    let deflated = deflation.deflate(piece.payload, piece.last, room).ok_or(SendError::Closed)?;
    let taken = piece.payload.get(..deflated.consumed).unwrap_or_default();
    let text = piece.checked(taken, deflated.done)?;
    let header = engine.begin_frame(DataFrame {
        kind: piece.kind,
        reserved: ReservedBits::RSV1,
        first: piece.first,
        last: deflated.done,
        length: deflated.produced as u64,
    })?;
    piece.keep(text);
    let head = header.as_bytes().len();
    let end = head.saturating_add(deflated.produced);
    for place in head..end {
        let from = place.wrapping_sub(head).wrapping_add(longest);
        let byte = out.get(from).copied().unwrap_or_default();
        if let Some(place) = out.get_mut(place) {
            *place = byte;
        }
    }
    let (head, rest) = out.split_at_mut_checked(head).unwrap_or_default();
    copy(head, header.as_bytes());
    if let Some(mut mask) = header.mask() {
        mask.apply(rest.get_mut(..deflated.produced).unwrap_or_default());
    }
    Ok(Frame { length: end, taken: deflated.consumed })
}

impl Piece<'_> {
    /// The state of the check of the text behind this much more of it, if it is one to be checked.
    fn checked(&self, payload: &[u8], last: bool) -> Result<Option<Utf8Validator>, SendError> {
        let Some(mut text) = self.text.as_deref().copied() else { return Ok(None) };
        text.push(payload).map_err(|_| SendError::InvalidUtf8)?;
        if last && !text.is_complete() {
            return Err(SendError::InvalidUtf8);
        }
        Ok(Some(text))
    }

    fn keep(&mut self, text: Option<Utf8Validator>) {
        if let (Some(state), Some(checked)) = (&mut self.text, text) {
            **state = checked;
        }
    }
}
