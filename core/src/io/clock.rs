//! The time, for deadlines.

use core::task::{Context, Poll};

use crate::Instant;

/// A monotonic clock that can be waited for.
pub trait Clock {
    /// The time. Never goes back.
    fn now(&self) -> Instant;

    /// Ready if [`now`](Self::now) is `instant` or later; otherwise the task is woken then. Several
    /// tasks may wait at once; one that waits for several instants, or no longer, may be woken at
    /// any of them.
    fn poll_until(&self, cx: &mut Context<'_>, instant: Instant) -> Poll<()>;
}

impl<C: Clock> Clock for &C {
    fn now(&self) -> Instant {
        C::now(self)
    }

    fn poll_until(&self, cx: &mut Context<'_>, instant: Instant) -> Poll<()> {
        C::poll_until(self, cx, instant)
    }
}

/// No clock: time stands still.
///
/// A connection with it has no deadlines at all. No keepalive pings are sent, a peer that vanished
/// is never given up, a close waits forever for a peer that does not answer, a write waits forever
/// for one that stopped reading, and the latency is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Instant {
        Instant::default()
    }

    fn poll_until(&self, _: &mut Context<'_>, _: Instant) -> Poll<()> {
        Poll::Pending
    }
}
