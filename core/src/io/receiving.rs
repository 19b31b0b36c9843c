//! The receiving half: it answers, keeps the deadlines and closes while it waits for messages.

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

/// What `recv` has of the current message.
#[derive(Clone, Copy)]
pub(super) struct Collected {
    pub(super) length: usize,
    /// That of the buffer's first bytes, if a call of `recv` was dropped.
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

/// Both halves, as the receiving one sees them.
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

    /// Refuses the current message as too big: all that is left is to wait for the connection's end.
    pub(super) fn refuse(&mut self) {
        self.shared.refuse();
        let told = ProtocolError::MessageTooBig;
        // If it is closing already, that is as good.
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
        let mut last_input = LastInput::default();
        loop {
            if self.incoming.half.poll_going_away(cx).is_ready() {
                // If it is closing already, that is as good.
                let _ = self.begin_close(CloseCode::GOING_AWAY, "");
            }
            let status = shared.status();
            if let Some(outcome) = status.wants.over.then(|| shared.outcome()).flatten() {
                return Poll::Ready(outcome.map(|()| None));
            }
            // A wait for the peer's silence has its deadline below; this one must not be put off by
            // a peer that never pauses.
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

    /// Looks for what is wanted among the bytes that have come, and in what earlier bytes left. The
    /// error says why nothing more can be read: the transport's, or `None` at the stream's end.
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
            // Everything that came before writing failed has been read.
            Poll::Pending if shared.failed().is_some() => Poll::Ready(Err(None)),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Ends the peer's direction of the stream. An error ends the connection, unless nothing more
    /// was to be received: then a last frame may still leave.
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

    /// Whether the connection should have ended by now.
    fn is_overdue(&self) -> bool {
        let now = self.shared.clock.now();
        self.shared.deadline(Side::Reader).is_some_and(|deadline| deadline <= now)
    }

    /// Wakes a writer that must not go on waiting, because the connection is closing.
    fn let_writer_know(&self) {
        if !self.shared.status().can_send {
            self.shared.tasks.writer.wake();
        }
    }
}

/// How much is still read past a deadline: what was there when it passed, which a ring may hold in
/// two pieces. The peer's Close frame may be in it.
#[derive(Default)]
struct LastInput {
    pieces: u8,
    /// The unread bytes of the last piece.
    left: usize,
}

impl LastInput {
    /// Notes that so many bytes were taken of those that the stream has lent.
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
