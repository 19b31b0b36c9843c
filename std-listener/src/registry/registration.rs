//! A connection's place in its registry: signals to its task, and when to wake it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use atomic_waker::AtomicWaker;
use websocket_listener_core::Instant;

use super::Registry;

/// The signals to a connection's task, and how to wake it.
pub(crate) struct Signal {
    waker: AtomicWaker,
    flags: AtomicU8,
    /// The connection's key in the registry. It is here because it takes no room here.
    key: u32,
}

/// The deadline that was scheduled last has passed. Cleared by whoever handles it.
pub(crate) const EXPIRED: u8 = 1;
/// The listener shuts down: close with 1001. Stays set.
pub(crate) const GOING_AWAY: u8 = 2;
/// The shutdown's deadline has passed. Stays set.
pub(crate) const ABORTED: u8 = 4;
/// The negotiation must make room for a newer one. Stays set.
pub(crate) const EVICTED: u8 = 8;
/// The connection has ended, and its key may be another's. Stays set.
const LEFT: u8 = 16;
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
}

pub(crate) struct Registration {
    registry: Arc<Registry>,
    signal: Arc<Signal>,
    /// When the registry will raise `EXPIRED`.
    scheduled: Option<Instant>,
}

/// How far a negotiation has come, and so what ends it early besides eviction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Below HTTP. Once a shutdown begins the peer is refused, but it can only be told after this.
    Layers,
    /// The request is read and answered by the listener.
    Request,
    /// An answer of the application is sent, which may be long. Only the end of a shutdown ends it.
    Answer,
}

/// Why a negotiation ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    Deadline,
    Evicted,
    ShuttingDown,
}

impl Registration {
    pub(crate) fn new(registry: Arc<Registry>, signal: Arc<Signal>) -> Self {
        Self { registry, signal, scheduled: None }
    }

    /// Wakes the task at `deadline`, or not much earlier. A deadline that only moves back costs
    /// nothing: the task is woken for the old one, and comes here again.
    pub(crate) fn wake_at(&mut self, deadline: Instant) {
        if self.flags() & LEFT != 0 {
            return;
        }
        if self.scheduled.is_none_or(|scheduled| deadline < scheduled) {
            self.registry.schedule(self.signal.key, deadline);
            self.scheduled = Some(deadline);
        }
    }

    /// To be called before a task waits: signals from now on wake it.
    pub(crate) fn register_waker(&self, cx: &Context<'_>) {
        self.signal.waker.register(cx.waker());
    }

    /// Wakes the tasks that wait.
    pub(crate) fn wake(&self) {
        self.signal.waker.wake();
    }

    /// Whether the deadline of [`wake_at`](Self::wake_at) has passed since the last call.
    pub(crate) fn take_expired(&mut self) -> bool {
        if self.flags() & EXPIRED == 0 {
            return false;
        }
        self.signal.flags.fetch_and(!EXPIRED, Ordering::AcqRel);
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

    /// Ready as soon as the negotiation has to end without success.
    pub(crate) fn poll_interrupted(
        &mut self,
        stage: Stage,
        cx: &Context<'_>,
    ) -> Poll<Interruption> {
        self.register_waker(cx);
        let flags = self.flags();
        let shutdown = match stage {
            Stage::Layers => STOPPED | ABORTED,
            Stage::Request => GOING_AWAY | STOPPED | ABORTED,
            Stage::Answer => ABORTED,
        };
        if flags & EVICTED != 0 {
            Poll::Ready(Interruption::Evicted)
        } else if flags & shutdown != 0 {
            Poll::Ready(Interruption::ShuttingDown)
        } else if stage != Stage::Answer && self.take_expired() {
            Poll::Ready(Interruption::Deadline)
        } else {
            Poll::Pending
        }
    }

    /// A handle to make this negotiation give up its place.
    pub(crate) fn eviction(&self) -> Eviction {
        Eviction(self.signal.clone())
    }

    /// The connection has ended: nobody waits for it, and it has no more deadlines.
    pub(crate) fn leave(&mut self) {
        if self.signal.flags.fetch_or(LEFT, Ordering::AcqRel) & LEFT == 0 {
            self.registry.remove(self.signal.key);
        }
    }

    #[inline]
    fn flags(&self) -> u8 {
        self.signal.flags.load(Ordering::Acquire)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Makes a negotiation give up its place.
pub(crate) struct Eviction(Arc<Signal>);

impl Eviction {
    pub(crate) fn evict(&self) {
        self.0.raise(EVICTED);
    }
}
