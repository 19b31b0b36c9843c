//! What the receiving and the sending side have in common.
//!
//! Both may run in tasks of their own, on one executor. Every cell is borrowed for an instant.

use core::cell::{Cell, RefCell, RefMut};

use embedded_io_async::ErrorKind;

use super::clock::Clock;
use super::compression::Deflation;
use super::task::{Side, Tasks, Turn};
use super::{Engine, RecvError, SendError, WriteHalf};
use crate::time::Milliseconds;
use crate::{CloseCode, Instant};

/// What frames are made with, and where they go.
pub(super) struct Outgoing<W> {
    pub(super) engine: Engine,
    pub(super) deflation: Deflation,
    pub(super) writer: W,
}

/// What the engine says of itself: see there.
#[derive(Clone, Copy, Default)]
pub(super) struct Status {
    pub(super) can_receive: bool,
    pub(super) can_send: bool,
    pub(super) wants_transmit: bool,
    /// Whether the stream is to be shut down.
    pub(super) wants_shutdown: bool,
    pub(super) peer_closed: bool,
}

/// Which directions of the stream have ended.
#[derive(Clone, Copy)]
pub(super) struct Ended(u8);

impl Ended {
    const NEITHER: Self = Self(0);
    /// The writing side was shut down.
    pub(super) const OURS: Self = Self(1);
    /// The peer's has ended, or broke after the closing handshake.
    pub(super) const PEERS: Self = Self(2);
    /// Both have; or the writing side was shut down, and the peer cannot see that.
    pub(super) const BOTH: Self = Self(3);

    pub(super) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

pub(super) struct Shared<W, C> {
    outgoing: RefCell<Outgoing<W>>,
    pub(super) clock: C,
    /// The capacity of the writer.
    pub(super) capacity: usize,
    pub(super) write_timeout: Milliseconds,
    pub(super) tasks: Tasks,
    pub(super) turn: Turn,
    /// Whether something was written since the last flush.
    pub(super) unflushed: Cell<bool>,
    /// The time since which somebody has waited to write, and not a byte was written. Not kept in
    /// the waiting futures: one that is dropped and made again does not wait longer.
    pub(super) stalled_since: Cell<Option<Instant>>,
    ended: Cell<Ended>,
    /// Nothing can be written any more.
    broken: Cell<Option<ErrorKind>>,
    /// Why the connection ends, if not by a closing handshake.
    verdict: Cell<Option<RecvError>>,
    over: Cell<bool>,
}

impl<W: WriteHalf, C: Clock> Shared<W, C> {
    pub(super) fn new(engine: Engine, writer: W, clock: C, write_timeout: Milliseconds) -> Self {
        Self {
            capacity: writer.capacity(),
            outgoing: RefCell::new(Outgoing { engine, deflation: Deflation::none(), writer }),
            clock,
            write_timeout,
            tasks: Tasks::new(),
            turn: Turn::new(),
            unflushed: Cell::new(false),
            stalled_since: Cell::new(None),
            ended: Cell::new(Ended::NEITHER),
            broken: Cell::new(None),
            verdict: Cell::new(None),
            over: Cell::new(false),
        }
    }

    pub(super) fn into_writer(self) -> W {
        self.outgoing.into_inner().writer
    }

    /// For whoever owns both sides.
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.outgoing.get_mut().engine
    }

    /// For whoever owns both sides.
    #[cfg(feature = "deflate")]
    pub(super) fn deflation_mut(&mut self) -> &mut Deflation {
        &mut self.outgoing.get_mut().deflation
    }

    /// Takes note of an end of the stream.
    pub(super) fn ended(&self, direction: Ended) {
        self.ended.set(Ended(self.ended.get().0 | direction.0));
    }

    /// Runs `f` on the engine. Returns `busy` if it is in use, which it never is: nothing that `f`
    /// calls comes back here.
    pub(super) fn with_engine<T>(&self, busy: T, f: impl FnOnce(&mut Engine) -> T) -> T {
        match self.outgoing() {
            Some(mut outgoing) => f(&mut outgoing.engine),
            None => busy,
        }
    }

    /// What the engine permits and wants; nothing, if it is in use.
    ///
    /// Not inlined on boards: each call would contain the code of the borrow once more.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn status(&self) -> Status {
        let Some(outgoing) = self.outgoing() else { return Status::default() };
        let engine = &outgoing.engine;
        Status {
            can_receive: engine.can_receive(),
            can_send: engine.can_send(),
            wants_transmit: engine.wants_transmit(),
            wants_shutdown: self.wants_shutdown(&outgoing),
            peer_closed: engine.peer_closed(),
        }
    }

    /// Whether the stream is to be shut down: after the last Close frame, but by a client not
    /// before the server's has ended, if it ever will.
    pub(super) fn wants_shutdown(&self, outgoing: &Outgoing<W>) -> bool {
        let Outgoing { engine, writer, .. } = outgoing;
        let peer_first = engine.lets_peer_end_first() && writer.shutdown_is_seen();
        let waits = peer_first && !self.has_ended(Ended::PEERS);
        engine.is_closed() && !self.has_ended(Ended::OURS) && !waits
    }

    /// All of it; `None` if it is in use, which it never is.
    ///
    /// Not inlined on boards: it is called in dozens of places.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn outgoing(&self) -> Option<RefMut<'_, Outgoing<W>>> {
        self.outgoing.try_borrow_mut().ok()
    }

    /// Notes that somebody waits for the stream to take something.
    #[cold]
    pub(super) fn stalled(&self) {
        if self.stalled_since.get().is_none() {
            self.stalled_since.set(Some(self.clock.now()));
        }
    }

    /// Notes that bytes were written.
    pub(super) fn progressed(&self) {
        self.stalled_since.set(None);
        self.unflushed.set(true);
    }

    /// When a writer gives up because nothing was written for the write timeout.
    pub(super) fn write_deadline(&self) -> Option<Instant> {
        self.stalled_since.get().map(|since| since.after(self.write_timeout))
    }

    pub(super) fn has_ended(&self, direction: Ended) -> bool {
        self.ended.get().contains(direction)
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }

    pub(super) fn broken(&self) -> Option<ErrorKind> {
        self.broken.get()
    }

    pub(super) fn verdict(&self) -> Option<RecvError> {
        self.verdict.get()
    }

    /// How the connection ended: the same at every call once it has.
    pub(super) fn outcome(&self) -> Option<Result<(), RecvError>> {
        self.is_over().then(|| self.verdict.get().map_or(Ok(()), Err))
    }

    /// Notes why the connection is about to end. The first reason remains.
    pub(super) fn condemn(&self, reason: RecvError) {
        if self.verdict.get().is_none() {
            self.verdict.set(Some(reason));
        }
    }

    /// Writing failed with this error. What the peer sent before may still be read.
    pub(super) fn break_writing(&self, kind: ErrorKind) -> SendError {
        self.broken.set(Some(kind));
        self.tasks.wake();
        SendError::Transport(kind)
    }

    /// Nothing more happens on this connection.
    pub(super) fn end(&self) {
        self.with_engine((), Engine::end_of_stream);
        self.over.set(true);
        self.tasks.wake();
    }

    /// Gives up the peer.
    pub(super) fn give_up(&self, reason: RecvError) {
        self.condemn(reason);
        let now = self.clock.now();
        // The peer gets no Close frame, but it was this end that ended the connection.
        let _ = self.with_engine(Ok(()), |engine| engine.close(CloseCode::NO_STATUS, "", now));
        self.end();
    }
}

impl<W, C> Shared<W, C> {
    /// The side no longer waits for room, so the other may.
    pub(super) fn yield_turn(&self, side: Side) {
        self.turn.give(side, &self.tasks);
    }
}
