//! A connection's place in its registry.

use std::sync::Arc;
use std::task::Context;

use websocket_listener_core::Instant;

use super::Registry;
use super::signal::{ABORTED, EXPIRED, GOING_AWAY, LEFT, Signal};

pub(crate) struct Registration {
    registry: Arc<Registry>,
    signal: Arc<Signal>,
    /// When the registry will raise `EXPIRED`.
    scheduled: Option<Instant>,
}

impl Registration {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        let signal = registry.add();
        Self { registry, signal, scheduled: None }
    }

    /// Wakes the task at `deadline`, or not much earlier. A deadline that only moves back costs
    /// nothing: the task is woken for the old one, and comes here again.
    pub(crate) fn wake_at(&mut self, deadline: Instant) {
        if self.flags() & LEFT != 0 {
            return;
        }
        if self.scheduled.is_none_or(|scheduled| deadline < scheduled) {
            self.registry.schedule(self.signal.key(), deadline);
            self.scheduled = Some(deadline);
        }
    }

    /// To be called before a task waits: signals from now on wake it.
    pub(crate) fn register_waker(&self, cx: &Context<'_>) {
        self.signal.register_waker(cx);
    }

    /// Wakes the tasks that wait.
    pub(crate) fn wake(&self) {
        self.signal.wake();
    }

    /// Whether the deadline of [`wake_at`](Self::wake_at) has passed since the last call.
    pub(crate) fn take_expired(&mut self) -> bool {
        if self.flags() & EXPIRED == 0 {
            return false;
        }
        self.signal.clear(EXPIRED);
        self.scheduled = None;
        true
    }

    /// Whether the listener shuts down. Cheap.
    #[inline]
    pub(crate) fn is_going_away(&self) -> bool {
        self.flags() & (GOING_AWAY | ABORTED) != 0
    }

    /// Whether the listener no longer waits.
    pub(crate) fn is_aborted(&self) -> bool {
        self.flags() & ABORTED != 0
    }

    /// What wakes the task and says why.
    pub(crate) fn signal(&self) -> &Arc<Signal> {
        &self.signal
    }

    /// The connection has ended: nobody waits for it, and it has no more deadlines.
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
