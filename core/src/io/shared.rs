//! The part of a connection that its receiving and its sending half share.
//!
//! Each may run in its own task, on one executor. No cell is borrowed across an await.

use core::cell::{Cell, RefCell, RefMut};

use embedded_io_async::ErrorKind;

use super::clock::Clock;
use super::compression::Deflation;
use super::task::{Tasks, Turn};
use super::{Engine, RecvError, WriteHalf};
use crate::connection::{Side, Wants};
use crate::error::{Failure, TimedOut};
use crate::time::Instant;

/// The engine and the deflater, which make frames, and the writer that sends them.
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
    /// Bytes were written since the last flush.
    pub(super) unflushed: Cell<bool>,
    /// The first error of the transport.
    failed: Cell<Option<ErrorKind>>,
    /// A message was longer than the buffer given to `recv`.
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

    /// Returns the engine, for the owner of both halves.
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.outgoing.get_mut().engine
    }

    /// Returns the deflater, for the owner of both halves.
    #[cfg(feature = "deflate")]
    pub(super) fn deflation_mut(&mut self) -> &mut Deflation {
        &mut self.outgoing.get_mut().deflation
    }

    /// Borrows the engine, the deflater and the writer; `None` if they are in use, which they never
    /// are.
    ///
    /// Not inlined on boards, to save flash: it is called in dozens of places.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn outgoing(&self) -> Option<RefMut<'_, Outgoing<W>>> {
        self.outgoing.try_borrow_mut().ok()
    }

    /// Runs `f` on the engine. Returns `busy` if the engine is in use, which it never is: no `f`
    /// calls this function.
    pub(super) fn with_engine<T>(&self, busy: T, f: impl FnOnce(&mut Engine) -> T) -> T {
        match self.outgoing() {
            Some(mut outgoing) => f(&mut outgoing.engine),
            None => busy,
        }
    }

    /// Returns the engine's status; the default one, if the engine is in use.
    ///
    /// Not inlined on boards, to save flash: each call would contain the code of the borrow.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn status(&self) -> Status {
        self.with_engine(Status::default(), |engine| Status {
            can_receive: engine.can_receive(),
            can_send: engine.can_send(),
            wants: engine.wants(),
        })
    }

    /// Returns true if bytes are to be written or flushed, or the stream is to be shut down.
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

    /// Notes an error of the transport, unless there has been one before.
    pub(super) fn note_failure(&self, kind: ErrorKind) {
        if self.failed().is_none() {
            self.failed.set(Some(kind));
        }
    }

    /// Returns the outcome of the connection, the same at every call; `None` until it has ended.
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
            // Connections of this module are dropped, never aborted.
            (Failure::Disconnected | Failure::Transport | Failure::Aborted, _) => {
                RecvError::ConnectionLost
            }
        }))
    }

    /// Runs `what` on the engine, and wakes both tasks if the connection is then over.
    pub(super) fn tell(&self, what: impl FnOnce(&mut Engine)) {
        let over = self.with_engine(false, |engine| {
            what(engine);
            engine.wants().over
        });
        if over {
            self.tasks.wake();
        }
    }

    /// Returns the time at which to call [`check_deadlines`](Self::check_deadlines) for this half.
    pub(super) fn deadline(&self, side: Side) -> Option<Instant> {
        self.with_engine(None, |engine| engine.poll_timeout(side))
    }

    /// Ends this half's turn to write, because it no longer waits for room.
    pub(super) fn yield_turn(&self, side: Side) {
        self.turn.give(side, &self.tasks);
    }
}

impl<W, C: Clock> Shared<W, C> {
    /// Handles the deadlines of this half that have passed.
    pub(super) fn check_deadlines(&self, side: Side) {
        let now = self.clock.now();
        self.tell(|engine| {
            // If a deadline has ended the connection, `outcome` says so.
            let _ = engine.handle_timeout(side, now);
        });
    }
}
