//! Who is to be woken.

use core::cell::Cell;
use core::task::Waker;

/// The task that last waited here, if it was not woken since.
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

    /// The task waits no longer.
    pub(super) fn clear(&self) {
        self.0.take();
    }

    pub(super) fn wake(&self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

/// Those of the two sides.
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
}
