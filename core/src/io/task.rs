//! The tasks of the two sides, and their turns to write.

use core::cell::Cell;
use core::task::Waker;

use crate::connection::Side;

/// The task that last registered, if it was not woken since.
#[derive(Default)]
pub(super) struct Task(Cell<Option<Waker>>);

impl Task {
    pub(super) const fn new() -> Self {
        Self(Cell::new(None))
    }

    pub(super) fn register(&self, waker: &Waker) {
        let known = self.0.take().filter(|known| known.will_wake(waker));
        self.0.set(Some(known.unwrap_or_else(|| waker.clone())));
    }

    /// Forgets the task, which no longer waits.
    pub(super) fn clear(&self) {
        self.0.take();
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

/// The tasks of the two sides.
pub(super) struct Tasks {
    pub(super) reader: Task,
    pub(super) writer: Task,
}

impl Tasks {
    pub(super) const fn new() -> Self {
        Self { reader: Task::new(), writer: Task::new() }
    }

    pub(super) fn wake(&self) {
        self.reader.wake();
        self.writer.wake();
    }

    fn wake_other(&self, side: Side) {
        match side {
            Side::Reader => self.writer.wake(),
            Side::Writer => self.reader.wake(),
        }
    }
}

/// The turn to wait for room in the stream, which wakes only one task.
pub(super) struct Turn(Cell<Option<Holder>>);

#[derive(Clone, Copy)]
struct Holder {
    side: Side,
    /// The other side waits for the turn.
    contended: bool,
}

impl Turn {
    pub(super) const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Takes the turn; returns false if the other side has it. The side's task, if registered, is
    /// then woken once it may write.
    pub(super) fn take(&self, side: Side) -> bool {
        let holder = self.0.get().unwrap_or(Holder { side, contended: false });
        let own = holder.side == side;
        self.0.set(Some(Holder { contended: holder.contended || !own, ..holder }));
        own
    }

    /// Ends the side's turn, if it has it, and wakes the other side's task if that waits for it.
    pub(super) fn give(&self, side: Side, tasks: &Tasks) {
        let Some(holder) = self.0.get().filter(|holder| holder.side == side) else { return };
        self.0.set(None);
        if holder.contended {
            tasks.wake_other(side);
        }
    }
}
