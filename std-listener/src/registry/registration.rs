//! A connection's place in its registry.

use std::sync::Arc;
use std::task::Context;

use websocket_listener_core::Instant;

use super::Registry;
use super::signal::{ABORTED, EXPIRED, GOING_AWAY, LEFT, Signal};

pub(crate) struct Registration {
    registry: Arc<Registry>,
    signal: Arc<Signal>,
    /// The time at which the registry raises `EXPIRED`.
    scheduled: Option<Instant>,
}

impl Registration {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        let signal = registry.add();
        Self { registry, signal, scheduled: None }
    }

    /// Wakes the task at `deadline`, or earlier. A deadline that moves back costs nothing: the task
    /// is woken at the old one, and calls this again.
    pub(crate) fn wake_at(&mut self, deadline: Instant) {
        if self.flags() & LEFT != 0 {
            return;
        }
        if self.scheduled.is_none_or(|scheduled| deadline < scheduled) {
            self.registry.schedule(self.signal.key(), deadline);
            self.scheduled = Some(deadline);
        }
    }

    /// Registers the task, before it waits, to be woken by signals.
    pub(crate) fn register_waker(&self, cx: &Context<'_>) {
        self.signal.register_waker(cx);
    }

    /// Wakes the waiting tasks.
    pub(crate) fn wake(&self) {
        self.signal.wake();
    }

    /// Returns true if the deadline of [`wake_at`](Self::wake_at) has passed since the last call.
    pub(crate) fn take_expired(&mut self) -> bool {
        if self.flags() & EXPIRED == 0 {
            return false;
        }
        self.signal.clear(EXPIRED);
        self.scheduled = None;
        true
    }

    /// Returns true once the listener shuts down. Cheap.
    #[inline]
    pub(crate) fn is_going_away(&self) -> bool {
        self.flags() & (GOING_AWAY | ABORTED) != 0
    }

    /// Returns true once the shutdown no longer waits.
    pub(crate) fn is_aborted(&self) -> bool {
        self.flags() & ABORTED != 0
    }

    /// Returns the signals to the task.
    pub(crate) fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    /// Removes an ended connection, which has no more deadlines.
    pub(crate) fn leave(&mut self) {
        if self.signal.note(LEFT) & LEFT == 0 {
            self.registry.remove(self.signal.key());
        }
    }

    #[inline]
    fn flags(&self) -> u8 {
        self.signal.flags()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.leave();
    }
}
