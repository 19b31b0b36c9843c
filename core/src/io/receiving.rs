//! The receiving side: it answers, keeps the deadlines and closes while it waits for messages.

use core::future::poll_fn;
use core::num::NonZeroU32;
use core::task::{Context, Poll, ready};

use embedded_io_async::Error;

use super::clock::Clock;
use super::decoder::{Decoder, Found, Want};
use super::shared::{Ended, Shared};
use super::task::Side;
use super::{ReadHalf, RecvError, WriteHalf};
use crate::{CloseCode, ControlError, Instant, MessageKind, ProtocolError, TimedOut};

/// How often input is looked at when the close timeout has passed: the peer's Close frame may have come
/// in time, behind a few other frames.
const LAST_LOOKS: u8 = 64;

/// What belongs to the receiving side only.
pub(super) struct Incoming<R> {
    half: R,
    pub(super) decoder: Decoder,
    /// When a part of a message was last taken.
    progressed: Option<Instant>,
    /// Set while `recv` is filling a buffer.
    pub(super) collected: Option<Collected>,
}

/// What `recv` has of the current message.
#[derive(Clone, Copy)]
pub(super) struct Collected {
    pub(super) length: usize,
    /// A hash of the buffer's first bytes, if a call of `recv` was dropped.
    pub(super) checksum: NonZeroU32,
}

impl<R> Incoming<R> {
    pub(super) const fn new(half: R) -> Self {
        Self { half, decoder: Decoder::new(), progressed: None, collected: None }
    }

    pub(super) fn into_half(self) -> R {
        self.half
    }
}

/// Both sides, as the receiving one sees them.
pub(super) struct Receiver<'s, R, W, C> {
    pub(super) incoming: &'s mut Incoming<R>,
    pub(super) shared: &'s Shared<W, C>,
}

impl<R, W, C> Receiver<'_, R, W, C> {
    /// For one future.
    pub(super) fn receiving(&mut self) -> Receiving<'_, R, W, C> {
        Receiving { incoming: self.incoming, shared: self.shared }
    }
}

/// The same while it waits for something. Dropped, it no longer waits for room to write.
pub(super) struct Receiving<'s, R, W, C> {
    pub(super) incoming: &'s mut Incoming<R>,
    pub(super) shared: &'s Shared<W, C>,
}

impl<R, W, C> Drop for Receiving<'_, R, W, C> {
    fn drop(&mut self) {
        self.shared.yield_turn(Side::Reader);
    }
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Receiving<'_, R, W, C> {
    /// The start of the next message, or `None` when the connection has been closed.
    pub(super) fn next_message(
        mut self,
    ) -> impl Future<Output = Result<Option<MessageKind>, RecvError>> {
        poll_fn(move |cx| {
            self.incoming.collected = None;
            Poll::Ready(Ok(match ready!(self.poll(cx, &mut Want::Start))? {
                Some(Found::Start(kind)) => Some(kind),
                _ => None,
            }))
        })
    }

    /// Payload of the message that [`next_message`](Self::next_message) found; 0 at its end, once.
    pub(super) fn read(
        mut self,
        buffer: &mut [u8],
    ) -> impl Future<Output = Result<usize, RecvError>> {
        poll_fn(move |cx| {
            if self.incoming.decoder.finish_message() {
                return Poll::Ready(Ok(0));
            }
            match ready!(self.poll(cx, &mut Want::Payload(buffer)))? {
                Some(Found::Payload(count)) => {
                    if count == 0 {
                        self.incoming.decoder.finish_message();
                    }
                    Poll::Ready(Ok(count))
                }
                _ => Poll::Ready(Err(RecvError::Closed)),
            }
        })
    }

    /// Begins the closing handshake, and runs it to its end and that of the stream.
    pub(super) async fn close(mut self, code: CloseCode, reason: &str) -> Result<(), super::Error> {
        match self.begin_close(code, reason) {
            Ok(()) | Err(ControlError::Closed) => {}
            Err(error) => return Err(super::SendError::from(error).into()),
        }
        poll_fn(|cx| self.poll(cx, &mut Want::Nothing)).await?;
        Ok(())
    }

    /// Refuses the current message: all that is left is to wait for the connection's end.
    pub(super) fn refuse(&mut self, reason: RecvError, told: ProtocolError) {
        self.shared.condemn(reason);
        // If it is closing already, that is as good.
        let _ = self.begin_close(told.close_code(), told.explanation());
    }

    fn begin_close(&self, code: CloseCode, reason: &str) -> Result<(), ControlError> {
        let now = self.shared.clock.now();
        self.shared.with_engine(Ok(()), |engine| engine.close(code, reason, now))?;
        self.let_writer_know();
        Ok(())
    }

    /// Runs the connection until what is wanted was found, or to its end: then returns `None`.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        want: &mut Want<'_>,
    ) -> Poll<Result<Option<Found>, RecvError>> {
        let result = ready!(self.poll_found(cx, want));
        self.shared.tasks.reader.clear();
        self.shared.yield_turn(Side::Reader);
        Poll::Ready(result)
    }

    fn poll_found(
        &mut self,
        cx: &mut Context<'_>,
        want: &mut Want<'_>,
    ) -> Poll<Result<Option<Found>, RecvError>> {
        let shared = self.shared;
        let mut last_looks = 0u8;
        loop {
            if is_done(shared) {
                shared.end();
            }
            if let Some(outcome) = shared.outcome() {
                return Poll::Ready(outcome.map(|()| None));
            }
            if self.incoming.half.poll_going_away(cx).is_ready() {
                // If it is closing already, that is as good.
                let _ = self.begin_close(CloseCode::GOING_AWAY, "");
            }
            let status = shared.status();
            let late = !status.can_send && self.is_late();
            if shared.verdict().is_some() || !status.can_receive || late {
                *want = Want::Nothing;
            }
            // What still comes is no reason to stay, but for a Close frame that nobody has looked at.
            if late {
                if !status.can_receive || last_looks == LAST_LOOKS {
                    self.on_time();
                    continue;
                }
                last_looks = last_looks.saturating_add(1);
            }
            shared.tasks.reader.register(cx.waker());
            if !shared.has_output() {
                shared.yield_turn(Side::Reader);
            } else if shared.poll_output(cx, Side::Reader, None).is_ready() {
                continue;
            }
            match self.poll_input(cx, want) {
                Poll::Ready(Ok(Found::Nothing)) => self.let_writer_know(),
                Poll::Ready(Ok(Found::Failed(error))) => {
                    shared.condemn(RecvError::Protocol(error));
                    self.let_writer_know();
                }
                Poll::Ready(Ok(found)) => {
                    self.incoming.progressed = Some(shared.clock.now());
                    return Poll::Ready(Ok(Some(found)));
                }
                Poll::Ready(Err(reason)) => self.stream_ended(reason),
                Poll::Pending => {
                    let Some(due) = self.deadline() else { return Poll::Pending };
                    ready!(shared.clock.poll_until(cx, due));
                    self.on_time();
                }
            }
        }
    }

    /// Looks for what is wanted among the bytes that have come, and in what earlier bytes left. The
    /// error is why nothing more can be read; it counts if the connection could still receive.
    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        want: &mut Want<'_>,
    ) -> Poll<Result<Found, RecvError>> {
        let shared = self.shared;
        let Incoming { half, decoder, .. } = &mut *self.incoming;
        let stalled = decoder.is_stalled();
        let mut found = None;
        let mut take = |bytes: &mut [u8]| {
            let now = shared.clock.now();
            let (taken, this) = shared
                .with_engine((0, Found::Nothing), |engine| decoder.take(bytes, want, engine, now));
            found = Some(this);
            taken
        };
        let read = if stalled {
            take(&mut []);
            Poll::Ready(Ok(()))
        } else if shared.has_ended(Ended::PEERS) {
            Poll::Pending
        } else {
            half.poll_read_with(cx, &mut take)
        };
        match (read, shared.broken()) {
            (Poll::Ready(Ok(())), _) => Poll::Ready(found.ok_or(RecvError::ConnectionLost)),
            (Poll::Ready(Err(error)), _) => Poll::Ready(Err(RecvError::Transport(error.kind()))),
            (Poll::Pending, Some(kind)) => Poll::Ready(Err(RecvError::Transport(kind))),
            (Poll::Pending, None) => Poll::Pending,
        }
    }

    fn stream_ended(&mut self, reason: RecvError) {
        self.shared.ended(Ended::PEERS);
        if self.can_receive() {
            self.shared.condemn(reason);
            self.shared.end();
        }
    }

    fn can_receive(&self) -> bool {
        self.shared.status().can_receive
    }

    /// Whether the connection should have ended by now.
    fn is_late(&self) -> bool {
        let now = self.shared.clock.now();
        let deadline = self
            .shared
            .with_engine(None, |engine| engine.poll_timeout(crate::connection::Side::Reader));
        deadline.is_some_and(|deadline| deadline <= now)
    }

    fn on_time(&self) {
        let shared = self.shared;
        let now = shared.clock.now();
        match shared.with_engine(Ok(()), |engine| {
            engine.handle_timeout(crate::connection::Side::Reader, now)
        }) {
            // The peer's Close frame has come: what happens to the stream after that does no harm.
            Err(TimedOut::Close) if shared.status().peer_closed => shared.end(),
            Err(timed_out) => {
                shared.condemn(RecvError::TimedOut(timed_out));
                shared.end();
            }
            Ok(()) if self.stalled_until().is_some_and(|due| due <= now) => {
                shared.give_up(RecvError::WriteTimedOut);
            }
            Ok(()) => {}
        }
    }

    /// When there is something to do even if no byte comes.
    fn deadline(&self) -> Option<Instant> {
        let engine = self
            .shared
            .with_engine(None, |engine| engine.poll_timeout(crate::connection::Side::Reader));
        match (engine, self.stalled_until()) {
            (Some(engine), Some(stalled)) => Some(engine.min(stalled)),
            (engine, stalled) => engine.or(stalled),
        }
    }

    /// When to give up a peer that neither takes what we write nor sends messages. Its pings do not
    /// save it, because it does not take their pongs.
    fn stalled_until(&self) -> Option<Instant> {
        let since = self.shared.stalled_since.get().filter(|_| self.shared.has_output())?;
        let idle_since = self.incoming.progressed.map_or(since, |progressed| since.max(progressed));
        Some(idle_since.after(self.shared.write_timeout))
    }

    /// A writer that waits must not go on waiting if the connection is closing.
    fn let_writer_know(&self) {
        if !self.shared.status().can_send {
            self.shared.tasks.writer.wake();
        }
    }
}

/// Whether the closing handshake, as far as there was one, is done, and the stream has ended.
fn is_done<W: WriteHalf, C: Clock>(shared: &Shared<W, C>) -> bool {
    match shared.broken() {
        Some(_) => !shared.status().can_receive,
        None => shared.has_ended(Ended::BOTH),
    }
}
