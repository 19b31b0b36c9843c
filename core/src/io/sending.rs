//! The sending side: frames and control frames, each written whole.

use core::future::poll_fn;
use core::task::{Context, Poll, ready};

use embedded_io_async::{Error, ErrorKind};

use super::clock::Clock;
use super::piece::Piece;
use super::shared::{Ended, Outgoing, Shared};
use super::task::Side;
use super::{Engine, RecvError, SendError, WriteHalf};
use crate::{CloseCode, MessageKind};

/// The sending side while it sends something. Dropped, it no longer waits for room.
struct Sending<'s, W, C> {
    shared: &'s Shared<W, C>,
}

impl<W, C> Drop for Sending<'_, W, C> {
    fn drop(&mut self) {
        self.shared.yield_turn(Side::Writer);
    }
}

impl<W: WriteHalf, C: Clock> Sending<'_, W, C> {
    /// [Outputs](Shared::poll_output), until the write timeout at the latest, and only as long as
    /// something can be sent.
    fn poll(
        &self,
        cx: &mut Context<'_>,
        piece: Option<&mut Piece<'_>>,
    ) -> Poll<Result<usize, SendError>> {
        let shared = self.shared;
        shared.tasks.writer.register(cx.waker());
        let refusal = if piece.is_some() { shared.refusal() } else { shared.failure() };
        let result = match refusal {
            Some(refusal) => Err(refusal),
            None => match shared.poll_output(cx, Side::Writer, piece) {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    let Some(due) = shared.write_deadline() else { return Poll::Pending };
                    ready!(shared.clock.poll_until(cx, due));
                    shared.give_up(RecvError::WriteTimedOut);
                    Err(SendError::TimedOut)
                }
            },
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

    /// Writes one frame of as much of the piece as there is room for, once there is enough; before
    /// it, the waiting control frames. Returns how much of the payload it was.
    ///
    /// Either the frame is written and the future ready in the same poll, or nothing is.
    pub(super) fn frame(
        &self,
        mut piece: Piece<'_>,
    ) -> impl Future<Output = Result<usize, SendError>> {
        let sending = Sending { shared: self };
        poll_fn(move |cx| sending.poll(cx, Some(&mut piece)))
    }

    /// Flushes what was written.
    pub(super) async fn flush_frames(&self) -> Result<(), SendError> {
        if self.unflushed.get() { self.flush().await } else { Ok(()) }
    }

    pub(super) async fn ping(&self, payload: &[u8]) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        self.with_engine(Ok(()), |engine| engine.ping(payload))?;
        // What was queued has changed the time at which the reader wants to be woken.
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

    /// Sends what waits.
    fn flush(&self) -> impl Future<Output = Result<(), SendError>> {
        let sending = Sending { shared: self };
        poll_fn(move |cx| sending.poll(cx, None).map_ok(|_| ()))
    }

    /// Why nothing can be sent, if nothing can.
    fn refusal(&self) -> Option<SendError> {
        if let Some(refusal) = self.failure() {
            return Some(refusal);
        }
        (!self.status().can_send).then_some(SendError::Closed)
    }

    /// Why not even a Close frame can be sent, if none can.
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

    /// Whether [`poll_output`](Self::poll_output) has anything to do.
    pub(super) fn has_output(&self) -> bool {
        if self.broken().is_some() || self.is_over() {
            return false;
        }
        let status = self.status();
        self.unflushed.get() || status.wants_transmit || status.wants_shutdown
    }

    /// Sends the waiting control frames, when it is the side's turn. After them it writes the
    /// piece, if there is one, and returns how much of it the last frame holds; otherwise it
    /// flushes, and shuts the stream down after the last frame.
    pub(super) fn poll_output(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        piece: Option<&mut Piece<'_>>,
    ) -> Poll<Result<usize, SendError>> {
        if !self.turn.take(side) {
            return Poll::Pending;
        }
        // Nobody else has it: it is never borrowed across a call from outside.
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
            let Outgoing { engine, deflation, writer } = &mut *outgoing;
            let mut result = Err(SendError::Transport(ErrorKind::OutOfMemory));
            ready!(self.poll_write_with(cx, writer, room, &mut |out| {
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
        if self.unflushed.get() {
            ready!(self.noted(outgoing.writer.poll_flush(cx)))?;
            self.unflushed.set(false);
            outgoing.engine.flushed(self.clock.now());
        }
        if self.wants_shutdown(outgoing) {
            let shut = ready!(outgoing.writer.poll_shutdown(cx));
            shut.map_err(|error| self.break_writing(error.kind()))?;
            let is_seen = outgoing.writer.shutdown_is_seen();
            self.ended(if is_seen { Ended::OURS } else { Ended::BOTH });
        }
        Poll::Ready(Ok(()))
    }

    /// Writes the waiting control frames.
    fn poll_controls(
        &self,
        cx: &mut Context<'_>,
        outgoing: &mut Outgoing<W>,
    ) -> Poll<Result<(), SendError>> {
        let Outgoing { engine, writer, .. } = outgoing;
        while engine.wants_transmit() {
            let mut total = 0;
            ready!(self.poll_write_with(cx, writer, engine.control_length(), &mut |out| {
                total = self.transmit(engine, out);
                total
            }))?;
            if total == 0 {
                return Poll::Ready(Err(self.break_writing(ErrorKind::OutOfMemory)));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes control frames as far as they fit.
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

    /// Lets `put` write once there is at least this much room; fails if there never will be.
    fn poll_write_with(
        &self,
        cx: &mut Context<'_>,
        writer: &mut W,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), SendError>> {
        if room > self.capacity {
            return Poll::Ready(Ok(()));
        }
        self.noted(writer.poll_write_with(cx, room, &mut |out| {
            let written = put(out);
            if written > 0 {
                self.progressed();
            }
            written
        }))
    }

    /// Notes that the stream waits, or has failed.
    fn noted(&self, poll: Poll<Result<(), W::Error>>) -> Poll<Result<(), SendError>> {
        if poll.is_pending() {
            self.stalled();
        }
        poll.map_err(|error| self.break_writing(error.kind()))
    }
}
