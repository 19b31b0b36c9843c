//! The sending half: data frames and control frames, each written whole.

use core::future::poll_fn;
use core::task::{Context, Poll, ready};

use embedded_io_async::{Error, ErrorKind};

use super::clock::Clock;
use super::compression::Deflation;
use super::piece::Piece;
use super::shared::{Outgoing, Shared};
use super::{Engine, RecvError, SendError, WriteHalf};
use crate::close::CloseCode;
use crate::connection::Side;
use crate::frame::MessageKind;

/// The sending half while it sends something. Dropping it ends its wait for room.
struct Sending<'s, W, C: Clock> {
    shared: &'s Shared<W, C>,
}

impl<W, C: Clock> Drop for Sending<'_, W, C> {
    fn drop(&mut self) {
        self.shared.stop_sending();
    }
}

impl<W, C: Clock> Shared<W, C> {
    /// Ends the writer's wait for room.
    ///
    /// Not inlined on boards, to save flash: several futures call it.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn stop_sending(&self) {
        self.yield_turn(Side::Writer);
        self.with_engine((), |engine| {
            if engine.is_write_blocked() && !self.has_output(engine.wants()) {
                // The frame that waited for room will not be written, and nothing else waits.
                engine.written(0, || self.clock.now());
            }
        });
    }
}

impl<W: WriteHalf, C: Clock> Sending<'_, W, C> {
    /// Runs [`Shared::poll_output`] until it is done, the write timeout has passed, or nothing can
    /// be sent any more.
    fn poll(
        &self,
        cx: &mut Context<'_>,
        mut piece: Option<&mut Piece<'_>>,
    ) -> Poll<Result<usize, SendError>> {
        let shared = self.shared;
        shared.tasks.writer.register(cx.waker());
        let result = loop {
            let refusal = if piece.is_some() { shared.refusal() } else { shared.failure() };
            if let Some(refusal) = refusal {
                break Err(refusal);
            }
            if let Poll::Ready(result) = shared.poll_output(cx, Side::Writer, piece.as_deref_mut())
            {
                break result;
            }
            let Some(due) = shared.deadline(Side::Writer) else { return Poll::Pending };
            ready!(shared.clock.poll_until(cx, due));
            shared.check_deadlines(Side::Writer);
        };
        shared.tasks.writer.clear();
        shared.yield_turn(Side::Writer);
        Poll::Ready(result)
    }
}

impl<W: WriteHalf, C: Clock> Shared<W, C> {
    /// Writes a whole message, in as many frames as it takes, and flushes it.
    pub(super) fn send(
        &self,
        kind: MessageKind,
        payload: &[u8],
    ) -> impl Future<Output = Result<(), SendError>> {
        let sending = Sending { shared: self };
        let mut message = Some(Piece::message(kind, payload));
        poll_fn(move |cx| {
            loop {
                ready!(sending.poll(cx, message.as_mut()))?;
                if message.take().is_none() {
                    return Poll::Ready(Ok(()));
                }
            }
        })
    }

    /// Writes the pending control frames, then one frame of as much of the piece as there is room
    /// for, once there is enough. Returns the number of payload bytes in the frame.
    ///
    /// The future is ready in the poll that writes the frame: a pending one has written nothing of
    /// the piece.
    pub(super) fn frame(
        &self,
        mut piece: Piece<'_>,
    ) -> impl Future<Output = Result<usize, SendError>> {
        let sending = Sending { shared: self };
        poll_fn(move |cx| sending.poll(cx, Some(&mut piece)))
    }

    /// Flushes the frames that were written.
    pub(super) async fn flush_frames(&self) -> Result<(), SendError> {
        if self.unflushed.get() { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn ping(&self, payload: &[u8]) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        self.with_engine(Ok(()), |engine| engine.ping(payload))?;
        // The queued ping has changed the deadline that the reader waits for.
        self.tasks.reader.wake();
        self.flush().await
    }

    pub(super) async fn close(&self, code: CloseCode, reason: &str) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        let now = self.clock.now();
        self.with_engine(Ok(()), |engine| engine.close(code, reason, now))?;
        self.tasks.reader.wake();
        self.flush().await
    }

    /// Writes the pending control frames, and flushes.
    fn flush(&self) -> impl Future<Output = Result<(), SendError>> {
        let sending = Sending { shared: self };
        poll_fn(move |cx| sending.poll(cx, None).map_ok(|_| ()))
    }

    /// Returns the reason for which nothing but control frames can be sent, if there is one.
    fn refusal(&self) -> Option<SendError> {
        if let Some(refusal) = self.failure() {
            return Some(refusal);
        }
        (!self.status().can_send).then_some(SendError::Closed)
    }

    /// Returns the reason for which nothing can be sent, not even a Close frame, if there is one.
    fn failure(&self) -> Option<SendError> {
        if let Some(kind) = self.failed() {
            return Some(SendError::Transport(kind));
        }
        Some(match self.outcome()? {
            Err(RecvError::TimedOut(_) | RecvError::WriteTimedOut) => SendError::TimedOut,
            _ => SendError::Closed,
        })
    }

    /// Writes the pending control frames (RFC 6455 section 6.1), if it is this side's turn. Then
    /// writes the piece, if there is one, and returns the number of its bytes in the last frame;
    /// otherwise flushes, and shuts the stream down after the last frame.
    pub(super) fn poll_output(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        piece: Option<&mut Piece<'_>>,
    ) -> Poll<Result<usize, SendError>> {
        if !self.turn.take(side) {
            return Poll::Pending;
        }
        // Always available: no call from outside finds it borrowed.
        let Some(mut outgoing) = self.outgoing() else { return Poll::Pending };
        let output = match piece {
            Some(piece) => self.poll_piece(cx, &mut outgoing, piece),
            None => self.poll_flushed(cx, &mut outgoing).map_ok(|()| 0),
        };
        if output.is_ready() {
            self.yield_turn(side);
        }
        output
    }

    fn poll_piece(
        &self,
        cx: &mut Context<'_>,
        outgoing: &mut Outgoing<W>,
        piece: &mut Piece<'_>,
    ) -> Poll<Result<usize, SendError>> {
        loop {
            ready!(self.poll_controls(cx, outgoing))?;
            let room = piece.least_room(outgoing, self.capacity);
            let mut result = Err(SendError::Transport(ErrorKind::OutOfMemory));
            ready!(self.poll_write_with(cx, outgoing, room, &mut |out, engine, deflation| {
                let (frame, payload) = match piece.write(out, engine, deflation) {
                    Ok(written) => (written.frame, Ok(written.payload)),
                    Err(error) => (0, Err(error)),
                };
                result = payload;
                frame
            }))?;
            if result.is_err() || !piece.is_unfinished() {
                return Poll::Ready(result);
            }
        }
    }

    fn poll_flushed(
        &self,
        cx: &mut Context<'_>,
        outgoing: &mut Outgoing<W>,
    ) -> Poll<Result<(), SendError>> {
        ready!(self.poll_controls(cx, outgoing))?;
        let Outgoing { engine, writer, .. } = outgoing;
        if self.unflushed.get() {
            let flushed = writer.poll_flush(cx);
            ready!(self.noted(engine, flushed))?;
            self.unflushed.set(false);
            engine.flushed(self.clock.now());
        }
        if engine.wants().shut_down {
            match ready!(writer.poll_shutdown(cx)) {
                Ok(()) => engine.shut_down(),
                Err(error) => return Poll::Ready(Err(self.break_writing(engine, error.kind()))),
            }
            if engine.wants().over {
                self.tasks.wake();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes the pending control frames.
    fn poll_controls(
        &self,
        cx: &mut Context<'_>,
        outgoing: &mut Outgoing<W>,
    ) -> Poll<Result<(), SendError>> {
        while outgoing.engine.wants_transmit() {
            let mut total = 0;
            let room = outgoing.engine.control_length();
            ready!(self.poll_write_with(cx, outgoing, room, &mut |out, engine, _| {
                total = self.transmit(engine, out);
                total
            }))?;
            if total == 0 {
                let error = self.break_writing(&mut outgoing.engine, ErrorKind::OutOfMemory);
                return Poll::Ready(Err(error));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes as many control frames as fit; returns their length.
    fn transmit(&self, engine: &mut Engine, out: &mut [u8]) -> usize {
        let now = self.clock.now();
        let mut total = 0usize;
        loop {
            let room = out.get_mut(total..).unwrap_or_default();
            match engine.transmit(room, now) {
                0 => return total,
                written => total = total.saturating_add(written),
            }
        }
    }

    /// Lets `put` write once there are at least `room` bytes of room; does nothing if the transport
    /// can never offer as much.
    fn poll_write_with(
        &self,
        cx: &mut Context<'_>,
        outgoing: &mut Outgoing<W>,
        room: usize,
        put: Put<'_>,
    ) -> Poll<Result<(), SendError>> {
        if room > self.capacity {
            return Poll::Ready(Ok(()));
        }
        let Outgoing { engine, deflation, writer } = outgoing;
        let mut written = 0;
        let poll = writer.poll_write_with(cx, room, &mut |out| {
            written = put(out, engine, deflation);
            written
        });
        if written > 0 {
            self.unflushed.set(true);
            engine.written(written as u64, || self.clock.now());
        }
        self.noted(engine, poll)
    }

    /// Notes that the stream accepts no more bytes for now, or that it has failed.
    fn noted(
        &self,
        engine: &mut Engine,
        poll: Poll<Result<(), W::Error>>,
    ) -> Poll<Result<(), SendError>> {
        if poll.is_pending() && !engine.is_write_blocked() {
            engine.write_blocked(self.clock.now());
        }
        poll.map_err(|error| self.break_writing(engine, error.kind()))
    }

    /// Notes that writing has failed with this error. Bytes that the peer has sent can still be
    /// read.
    #[cold]
    fn break_writing(&self, engine: &mut Engine, kind: ErrorKind) -> SendError {
        self.note_failure(kind);
        engine.write_failed();
        self.tasks.wake();
        SendError::Transport(kind)
    }
}

/// A function that writes into the room that the transport lends and returns the number of bytes.
/// A trait object, because a type parameter would duplicate the transport's code for each function.
type Put<'f> = &'f mut dyn FnMut(&mut [u8], &mut Engine, &mut Deflation) -> usize;
