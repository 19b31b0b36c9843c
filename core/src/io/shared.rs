//! The part of a connection that its receiving and its sending half have in common.
//!
//! Both may run in tasks of their own, on one executor. Every cell is borrowed for an instant.

use core::cell::{Cell, RefCell, RefMut};

use embedded_io_async::ErrorKind;

use super::clock::Clock;
use super::compression::Deflation;
use super::task::{Tasks, Turn};
use super::{Engine, RecvError, WriteHalf};
use crate::connection::{Side, Wants};
use crate::error::{Failure, TimedOut};
use crate::time::Instant;

/// What makes frames, and where they go.
pub(super) struct Outgoing<W> {
    pub(super) engine: Engine,
    pub(super) deflation: Deflation,
    pub(super) writer: W,
}

/// The engine's answers to the questions that both halves ask.
#[derive(Clone, Copy, Default)]
pub(super) struct Status {
    pub(super) can_receive: bool,
    pub(super) can_send: bool,
    pub(super) wants: Wants,
}

pub(super) struct Shared<W, C> {
    outgoing: RefCell<Outgoing<W>>,
    pub(super) clock: C,
    /// The capacity of the writer.
    pub(super) capacity: usize,
    pub(super) tasks: Tasks,
    pub(super) turn: Turn,
    /// Whether something was written since the last flush.
    pub(super) unflushed: Cell<bool>,
    /// The error of the transport, if that has failed.
    failed: Cell<Option<ErrorKind>>,
    /// Whether a message was longer than the buffer given to `recv`.
    refused: Cell<bool>,
}

impl<W: WriteHalf, C> Shared<W, C> {
    pub(super) fn new(engine: Engine, writer: W, clock: C) -> Self {
        Self {
            capacity: writer.capacity(),
            outgoing: RefCell::new(Outgoing { engine, deflation: Deflation::none(), writer }),
            clock,
            tasks: Tasks::new(),
            turn: Turn::new(),
            unflushed: Cell::new(false),
            failed: Cell::new(None),
            refused: Cell::new(false),
        }
    }
}

impl<W, C> Shared<W, C> {
    pub(super) fn into_writer(self) -> W {
        self.outgoing.into_inner().writer
    }

    /// The engine, for the owner of both halves.
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.outgoing.get_mut().engine
    }

    /// The deflater, for the owner of both halves.
    #[cfg(feature = "deflate")]
    pub(super) fn deflation_mut(&mut self) -> &mut Deflation {
        &mut self.outgoing.get_mut().deflation
    }

    /// All of it; `None` if it is in use, which it never is.
    ///
    /// Not inlined on boards: it is called in dozens of places.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn outgoing(&self) -> Option<RefMut<'_, Outgoing<W>>> {
        self.outgoing.try_borrow_mut().ok()
    }

    /// Runs `f` on the engine. Returns `busy` if it is in use, which it never is: nothing that `f`
    /// calls comes back here.
    pub(super) fn with_engine<T>(&self, busy: T, f: impl FnOnce(&mut Engine) -> T) -> T {
        match self.outgoing() {
            Some(mut outgoing) => f(&mut outgoing.engine),
            None => busy,
        }
    }

    /// Returns what the engine permits and wants; nothing, if it is in use.
    ///
    /// Not inlined on boards: each call would contain the code of the borrow once more.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn status(&self) -> Status {
        self.with_engine(Status::default(), |engine| Status {
            can_receive: engine.can_receive(),
            can_send: engine.can_send(),
            wants: engine.wants(),
        })
    }

    /// Returns whether something waits to be written or flushed, or the stream to be shut down.
    pub(super) fn has_output(&self, wants: Wants) -> bool {
        let Wants { transmit, shut_down, over, .. } = wants;
        let can_write = self.failed().is_none() && !over;
        can_write && (self.unflushed.get() || transmit || shut_down)
    }

    pub(super) fn failed(&self) -> Option<ErrorKind> {
        self.failed.get()
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.get()
    }

    /// Notes that a message was longer than the buffer given to `recv`.
    pub(super) fn refuse(&self) {
        self.refused.set(true);
    }

    /// Notes the error of the transport. The first one remains.
    pub(super) fn note_failure(&self, kind: ErrorKind) {
        if self.failed().is_none() {
            self.failed.set(Some(kind));
        }
    }

    /// Returns how the connection ended, the same at every call; `None` while it has not.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn outcome(&self) -> Option<Result<(), RecvError>> {
        let outcome = self.with_engine(None, |engine| engine.outcome())?;
        if self.is_refused() {
            return Some(Err(RecvError::MessageTooBig));
        }
        Some(outcome.map_err(|failure| match (failure, self.failed()) {
            (Failure::Protocol(error), _) => RecvError::Protocol(error),
            (Failure::TimedOut(TimedOut::Write), _) => RecvError::WriteTimedOut,
            (Failure::TimedOut(timed_out), _) => RecvError::TimedOut(timed_out),
            (Failure::Transport, Some(kind)) => RecvError::Transport(kind),
            // It is never aborted, but dropped.
            (Failure::Disconnected | Failure::Transport | Failure::Aborted, _) => {
                RecvError::ConnectionLost
            }
        }))
    }

    /// Tells the engine what has happened to the stream, and both tasks if that was the end.
    pub(super) fn tell(&self, what: impl FnOnce(&mut Engine)) {
        let over = self.with_engine(false, |engine| {
            what(engine);
            engine.wants().over
        });
        if over {
            self.tasks.wake();
        }
    }

    /// Returns when to call [`check_deadlines`](Self::check_deadlines) for this half.
    pub(super) fn deadline(&self, side: Side) -> Option<Instant> {
        self.with_engine(None, |engine| engine.poll_timeout(side))
    }

    /// Lets the other half write, because this one no longer waits for room.
    pub(super) fn yield_turn(&self, side: Side) {
        self.turn.give(side, &self.tasks);
    }
}

impl<W, C: Clock> Shared<W, C> {
    /// Does what is due for this half.
    pub(super) fn check_deadlines(&self, side: Side) {
        let now = self.clock.now();
        self.tell(|engine| {
            // The outcome says whether it has ended the connection.
            let _ = engine.handle_timeout(side, now);
        });
    }
}
