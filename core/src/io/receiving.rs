//! The receiving side: it answers, keeps the deadlines and closes while it waits for messages.

use core::future::poll_fn;
use core::num::NonZeroU32;
use core::pin::pin;
use core::task::Poll;

use embedded_io_async::Error;

use super::clock::{Clock, poll_some};
use super::decoder::{Decoder, Found, Want};
use super::shared::Shared;
use super::{ReadHalf, RecvError, WriteHalf};
use crate::{CloseCode, ControlError, Instant, MessageKind, ProtocolError, TimedOut};

/// What only the receiving side has.
pub(super) struct Incoming<R> {
    half: R,
    /// The stream has ended, or broke after the closing handshake.
    ended: bool,
    pub(super) decoder: Decoder,
    /// When something of a message was last taken.
    progressed: Option<Instant>,
    /// Set while `recv` is filling a buffer.
    pub(super) collected: Option<Collected>,
}

/// What `recv` has of the message under way.
#[derive(Clone, Copy)]
pub(super) struct Collected {
    pub(super) length: usize,
    /// Of the buffer's first bytes, when a call of `recv` was dropped.
    pub(super) checksum: NonZeroU32,
}

impl<R> Incoming<R> {
    pub(super) const fn new(half: R) -> Self {
        Self { half, ended: false, decoder: Decoder::new(), progressed: None, collected: None }
    }

    pub(super) fn into_half(self) -> R {
        self.half
    }
}

/// Both sides, as the receiving one sees them.
pub(super) struct Receiving<'s, R, W, C> {
    pub(super) incoming: &'s mut Incoming<R>,
    pub(super) shared: &'s Shared<W, C>,
}

/// What happened first.
enum Step {
    /// There may be something else to wait for.
    Changed,
    /// Among the bytes that were read.
    Found(Found),
    /// Something of what was read before can be found.
    Stalled,
    /// Nothing more can be read, for this reason if that was too early.
    Ended(RecvError),
    Time,
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Receiving<'_, R, W, C> {
    /// The start of the next message, or `None` when the connection has been closed.
    pub(super) async fn next_message(&mut self) -> Result<Option<MessageKind>, RecvError> {
        self.incoming.collected = None;
        match self.run(&mut Want::Start).await? {
            Some(Found::Start(kind)) => Ok(Some(kind)),
            _ => Ok(None),
        }
    }

    /// Payload of the message that [`next_message`](Self::next_message) told of; 0 at its end, once.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, RecvError> {
        if self.incoming.decoder.finish_message() {
            return Ok(0);
        }
        match self.run(&mut Want::Payload(buffer)).await? {
            Some(Found::Payload(count)) => {
                if count == 0 {
                    self.incoming.decoder.finish_message();
                }
                Ok(count)
            }
            _ => Err(RecvError::Closed),
        }
    }

    /// Begins the closing handshake, and sees it to its end and the stream's.
    pub(super) async fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> Result<(), super::Error> {
        let now = self.shared.clock.now();
        match self.shared.with_engine(Ok(()), |engine| engine.close(code, reason, now)) {
            Ok(()) => self.let_writer_know(),
            Err(ControlError::Closed) => {}
            Err(error) => return Err(super::SendError::from(error).into()),
        }
        self.run(&mut Want::Nothing).await?;
        Ok(())
    }

    /// Refuses the message under way: from here on there is only the connection's end to wait for.
    pub(super) fn refuse(&mut self, reason: RecvError, told: ProtocolError) {
        self.shared.condemn(reason);
        let now = self.shared.clock.now();
        // If it is closing already, that is as good.
        let _ = self
            .shared
            .with_engine(Ok(()), |engine| engine.close(told.close_code(), told.explanation(), now));
        self.let_writer_know();
    }

    /// Runs the connection until what is wanted was found, or to its end: then there is `None`.
    pub(super) async fn run(&mut self, want: &mut Want<'_>) -> Result<Option<Found>, RecvError> {
        loop {
            if is_done(self.shared, self.incoming.ended) {
                self.shared.end();
            }
            if let Some(outcome) = self.shared.outcome() {
                return outcome.map(|()| None);
            }
            if self.shared.verdict().is_some() || !self.can_receive() {
                *want = Want::Nothing;
            }
            // What is thrown away is no reason to stay: a flood does not put off the deadline.
            if matches!(want, Want::Nothing) && self.is_late() {
                self.on_time();
                continue;
            }
            let found = match self.step(want).await {
                Step::Found(found) => found,
                Step::Stalled => self.find_stalled(want),
                Step::Changed => continue,
                Step::Ended(reason) => {
                    self.stream_ended(reason);
                    continue;
                }
                Step::Time => {
                    self.on_time();
                    continue;
                }
            };
            match found {
                Found::Nothing => self.let_writer_know(),
                Found::Failed(error) => {
                    self.shared.condemn(RecvError::Protocol(error));
                    self.let_writer_know();
                }
                found => {
                    self.incoming.progressed = Some(self.shared.clock.now());
                    return Ok(Some(found));
                }
            }
        }
    }

    /// Waits for one thing to happen.
    async fn step(&mut self, want: &mut Want<'_>) -> Step {
        let shared = self.shared;
        let Incoming { half, ended, decoder, progressed, .. } = &mut *self.incoming;
        let (ended, progressed) = (*ended, *progressed);
        let stalled = decoder.is_stalled();
        let deadline = deadline(shared, progressed);
        let mut output = pin!(shared.output(None));
        let mut outputting = false;
        let mut read = pin!(half.read_with(|bytes| {
            let now = shared.clock.now();
            shared.with_engine((0, Found::Nothing), |engine| decoder.take(bytes, want, engine, now))
        }));
        let mut timer = pin!(deadline.map(|deadline| shared.clock.wait_until(deadline)));
        let step = poll_fn(|cx| {
            shared.tasks.reader.register(cx.waker());
            if shared.is_over() || is_done(shared, ended) {
                return Poll::Ready(Step::Changed);
            }
            outputting = outputting || shared.has_output();
            if outputting && let Poll::Ready(result) = output.as_mut().poll(cx) {
                if let Err(kind) = result {
                    shared.break_writing(kind);
                }
                return Poll::Ready(Step::Changed);
            }
            if stalled {
                return Poll::Ready(Step::Stalled);
            }
            if !ended && let Poll::Ready(result) = read.as_mut().poll(cx) {
                return Poll::Ready(match result {
                    Ok(Some(found)) => Step::Found(found),
                    Ok(None) => Step::Ended(RecvError::ConnectionLost),
                    Err(error) => Step::Ended(RecvError::Transport(error.kind())),
                });
            }
            if let Some(kind) = shared.broken() {
                return Poll::Ready(Step::Ended(RecvError::Transport(kind)));
            }
            if self::deadline(shared, progressed) != deadline {
                return Poll::Ready(Step::Changed);
            }
            poll_some(timer.as_mut(), cx).map(|()| Step::Time)
        })
        .await;
        shared.tasks.reader.clear();
        step
    }

    /// What comes out of the bytes that were read before.
    fn find_stalled(&mut self, want: &mut Want<'_>) -> Found {
        if !Decoder::CAN_STALL {
            return Found::Nothing;
        }
        let now = self.shared.clock.now();
        let decoder = &mut self.incoming.decoder;
        self.shared.with_engine(Found::Nothing, |engine| {
            let (_, found) = decoder.take(&mut [], want, engine, now);
            found
        })
    }

    fn stream_ended(&mut self, reason: RecvError) {
        self.incoming.ended = true;
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
        let deadline = self.shared.with_engine(None, |engine| engine.poll_timeout());
        deadline.is_some_and(|deadline| deadline <= now)
    }

    fn on_time(&self) {
        let (shared, progressed) = (self.shared, self.incoming.progressed);
        let now = shared.clock.now();
        match shared.with_engine(Ok(()), |engine| engine.handle_timeout(now)) {
            // The peer's Close frame has come: what happens to the stream then spoils nothing.
            Err(TimedOut::Close) if shared.status().peer_closed => shared.end(),
            Err(timed_out) => {
                shared.condemn(RecvError::TimedOut(timed_out));
                shared.end();
            }
            Ok(()) if stalled_until(shared, progressed).is_some_and(|due| due <= now) => {
                shared.give_up(RecvError::WriteTimedOut);
            }
            Ok(()) => {}
        }
    }

    /// A writer that waits must not go on waiting if the connection is closing.
    fn let_writer_know(&self) {
        if !self.shared.status().can_send {
            self.shared.tasks.writer.wake();
        }
    }
}

/// Whether the closing handshake, or what there was of it, is done, and the stream too.
fn is_done<W: WriteHalf, C: Clock>(shared: &Shared<W, C>, ended: bool) -> bool {
    match (shared.broken(), shared.shut.get()) {
        (None, None) => false,
        (None, Some(true)) => ended,
        (Some(_), _) | (_, Some(false)) => !shared.status().can_receive,
    }
}

/// When the receiving side has something to do that no byte tells it.
fn deadline<W: WriteHalf, C: Clock>(
    shared: &Shared<W, C>,
    progressed: Option<Instant>,
) -> Option<Instant> {
    let engine = shared.with_engine(None, |engine| engine.poll_timeout());
    match (engine, stalled_until(shared, progressed)) {
        (Some(engine), Some(stalled)) => Some(engine.min(stalled)),
        (engine, stalled) => engine.or(stalled),
    }
}

/// When a peer is given up that neither takes what we write nor sends messages. Its pings do not
/// keep it: their pongs are what it does not take.
fn stalled_until<W: WriteHalf, C: Clock>(
    shared: &Shared<W, C>,
    progressed: Option<Instant>,
) -> Option<Instant> {
    let since = shared.stalled_since.get().filter(|_| shared.has_output())?;
    Some(progressed.map_or(since, |progressed| since.max(progressed)).after(shared.write_timeout))
}
