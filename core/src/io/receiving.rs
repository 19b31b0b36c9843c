//! The receiving half. While it waits for messages it answers control frames, checks the deadlines
//! and closes.

use core::future::poll_fn;
use core::num::NonZeroU32;
use core::task::{Context, Poll, ready};

use embedded_io_async::{Error, ErrorKind};

use super::clock::Clock;
use super::decoder::{Decoder, Found, Want};
use super::shared::Shared;
use super::{ReadHalf, RecvError, WriteHalf};
use crate::close::CloseCode;
use crate::connection::Side;
use crate::error::{ControlError, Failure, ProtocolError};
use crate::frame::MessageKind;

/// The state of the receiving half.
pub(super) struct Incoming<R> {
    half: R,
    pub(super) decoder: Decoder,
    /// Set while `recv` is filling a buffer.
    pub(super) collected: Option<Collected>,
}

/// The part of the current message that `recv` has received.
#[derive(Clone, Copy)]
pub(super) struct Collected {
    pub(super) length: usize,
    /// The fingerprint of that part, if a call of `recv` was dropped.
    pub(super) fingerprint: NonZeroU32,
}

impl<R> Incoming<R> {
    pub(super) const fn new(half: R) -> Self {
        Self { half, decoder: Decoder::new(), collected: None }
    }

    pub(super) fn into_half(self) -> R {
        self.half
    }
}

/// The receiving half's access to both halves.
pub(super) struct Receiver<'s, R, W, C> {
    pub(super) incoming: &'s mut Incoming<R>,
    pub(super) shared: &'s Shared<W, C>,
}

impl<R, W, C> Receiver<'_, R, W, C> {
    /// Returns the same access, for one future.
    pub(super) fn receiving(&mut self) -> Receiving<'_, R, W, C> {
        Receiving { incoming: self.incoming, shared: self.shared }
    }
}

/// A [`Receiver`] while it waits for something. Dropping it ends its wait for room to write.
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
    /// Waits for the start of the next message; returns `None` once the connection has been closed.
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

    /// Reads payload of the message that [`next_message`](Self::next_message) found; returns 0
    /// once, at its end.
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

    /// Begins the closing handshake, and runs the connection until the stream has ended.
    pub(super) async fn close(mut self, code: CloseCode, reason: &str) -> Result<(), super::Error> {
        match self.begin_close(code, reason) {
            Ok(()) | Err(ControlError::Closed) => {}
            Err(error) => return Err(super::SendError::from(error).into()),
        }
        poll_fn(|cx| self.poll(cx, &mut Want::Nothing)).await?;
        Ok(())
    }

    /// Refuses the current message as too big: from here on the connection only closes.
    pub(super) fn refuse(&mut self) {
        self.shared.refuse();
        let told = ProtocolError::MessageTooBig;
        // An error means that the connection is closing already.
        let _ = self.begin_close(told.close_code(), told.explanation());
    }

    /// Fails the connection for a message that breaks the protocol.
    pub(super) fn fail(&mut self, error: ProtocolError) {
        let now = self.shared.clock.now();
        self.shared.tell(|engine| engine.fail(error, now));
        self.let_writer_know();
    }

    fn begin_close(&self, code: CloseCode, reason: &str) -> Result<(), ControlError> {
        let now = self.shared.clock.now();
        self.shared.with_engine(Ok(()), |engine| engine.close(code, reason, now))?;
        self.let_writer_know();
        Ok(())
    }

    /// Runs the connection until what is wanted was found; returns `None` once the connection has
    /// ended.
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
        let mut last_input = LastInput::default();
        loop {
            if self.incoming.half.poll_going_away(cx).is_ready() {
                // An error means that the connection is closing already.
                let _ = self.begin_close(CloseCode::GOING_AWAY, "");
            }
            let status = shared.status();
            if let Some(outcome) = status.wants.over.then(|| shared.outcome()).flatten() {
                return Poll::Ready(outcome.map(|()| None));
            }
            // As long as messages can be sent, deadlines are checked below, once no input is left.
            // Those of a closing connection are checked here, because a peer that never pauses must
            // not postpone them.
            let overdue = !status.can_send && self.is_overdue();
            if shared.is_refused() || !status.can_receive || overdue {
                *want = Want::Nothing;
            }
            if !overdue {
                last_input = LastInput::default();
            } else if !status.can_receive || last_input.is_used_up() {
                shared.check_deadlines(Side::Reader);
                continue;
            }
            shared.tasks.reader.register(cx.waker());
            if !shared.has_output(status.wants) {
                shared.yield_turn(Side::Reader);
            } else if shared.poll_output(cx, Side::Reader, None).is_ready() {
                continue;
            }
            let input = if status.wants.read {
                self.poll_input(cx, want, &mut last_input)
            } else {
                Poll::Pending
            };
            match input {
                Poll::Ready(Ok(Found::Nothing)) => self.let_writer_know(),
                Poll::Ready(Ok(found)) => return Poll::Ready(Ok(Some(found))),
                Poll::Ready(Err(error)) => self.end_input(error),
                Poll::Pending => {
                    let Some(due) = shared.deadline(Side::Reader) else { return Poll::Pending };
                    ready!(shared.clock.poll_until(cx, due));
                    shared.check_deadlines(Side::Reader);
                }
            }
        }
    }

    /// Looks for what is wanted in the bytes that have arrived and in the output that the inflater
    /// still holds. The error says why nothing more can be read: the transport's error, or `None`
    /// at the end of the stream.
    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        want: &mut Want<'_>,
        last_input: &mut LastInput,
    ) -> Poll<Result<Found, Option<ErrorKind>>> {
        let shared = self.shared;
        let Incoming { half, decoder, .. } = &mut *self.incoming;
        let stalled = decoder.is_stalled();
        let mut found = None;
        let mut take = |bytes: &mut [u8]| {
            let now = shared.clock.now();
            let lent = bytes.len();
            let (taken, this) = shared
                .with_engine((0, Found::Nothing), |engine| decoder.take(bytes, want, engine, now));
            last_input.take(lent, taken);
            found = Some(this);
            taken
        };
        let read = if stalled {
            take(&mut []);
            Poll::Ready(Ok(()))
        } else {
            half.poll_read_with(cx, &mut take)
        };
        match read {
            Poll::Ready(Ok(())) => Poll::Ready(found.ok_or(None)),
            Poll::Ready(Err(error)) => Poll::Ready(Err(Some(error.kind()))),
            // Everything that arrived before writing failed has been read.
            Poll::Pending if shared.failed().is_some() => Poll::Ready(Err(None)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Ends the peer's direction of the stream. An error ends the connection, unless nothing more
    /// was to be received: a last frame may then still be sent.
    fn end_input(&mut self, error: Option<ErrorKind>) {
        let shared = self.shared;
        let now = shared.clock.now();
        match error {
            Some(kind) if shared.status().can_receive => {
                shared.note_failure(kind);
                shared.tell(|engine| engine.give_up(Failure::Transport));
            }
            _ => shared.tell(|engine| engine.end_of_input(now)),
        }
    }

    /// Returns true if a deadline of this half has passed.
    fn is_overdue(&self) -> bool {
        let now = self.shared.clock.now();
        self.shared.deadline(Side::Reader).is_some_and(|deadline| deadline <= now)
    }

    /// Wakes the writer's task if the connection is closing, so that it does not wait any longer.
    fn let_writer_know(&self) {
        if !self.shared.status().can_send {
            self.shared.tasks.writer.wake();
        }
    }
}

/// The input that is still read past a deadline: the bytes that had arrived when it passed, which a
/// ring buffer may hold in two pieces. They may include the peer's Close frame.
#[derive(Default)]
struct LastInput {
    pieces: u8,
    /// The unread bytes of the last piece.
    left: usize,
}

impl LastInput {
    /// Notes that `taken` of the `lent` bytes of the stream were taken.
    fn take(&mut self, lent: usize, taken: usize) {
        if self.left == 0 || taken == 0 {
            self.pieces = self.pieces.saturating_add(1);
            self.left = lent;
        }
        self.left = self.left.saturating_sub(taken);
    }

    const fn is_used_up(&self) -> bool {
        self.pieces > 2 || (self.pieces == 2 && self.left == 0)
    }
}
