//! The signals to a connection's task.

use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Context;

use atomic_waker::AtomicWaker;

/// The signals to a connection's task, and the waker of the task.
pub(crate) struct Signal {
    waker: AtomicWaker,
    flags: AtomicU8,
    /// The connection's key in the registry, kept here because padding leaves room for it.
    key: u32,
}

/// The scheduled deadline has passed. The task that handles it clears the flag.
pub(crate) const EXPIRED: u8 = 1;
/// The listener shuts down: close with 1001. Stays set.
pub(crate) const GOING_AWAY: u8 = 2;
/// The shutdown's deadline has passed. Stays set.
pub(crate) const ABORTED: u8 = 4;
/// The negotiation has to make room for a newer one. Stays set.
pub(crate) const EVICTED: u8 = 8;
/// The connection has ended, and another may have its key. Stays set.
pub(super) const LEFT: u8 = 16;
/// The listener no longer listens. Stays set.
pub(crate) const STOPPED: u8 = 32;

impl Signal {
    pub(crate) fn new(key: u32) -> Self {
        Self { waker: AtomicWaker::new(), flags: AtomicU8::new(0), key }
    }

    pub(crate) fn raise(&self, flags: u8) {
        self.flags.fetch_or(flags, Ordering::AcqRel);
        self.waker.wake();
    }

    /// Wakes the task.
    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    /// Sets flags without waking the task; returns the previous flags.
    pub(super) fn note(&self, flags: u8) -> u8 {
        self.flags.fetch_or(flags, Ordering::AcqRel)
    }

    pub(super) fn clear(&self, flags: u8) {
        self.flags.fetch_and(!flags, Ordering::AcqRel);
    }

    /// Returns the flags.
    #[inline]
    pub(crate) fn flags(&self) -> u8 {
        self.flags.load(Ordering::Acquire)
    }

    pub(super) fn register_waker(&self, cx: &Context<'_>) {
        self.waker.register(cx.waker());
    }

    pub(super) fn key(&self) -> u32 {
        self.key
    }
}
