//! The clock that deadlines are measured by.

use core::task::{Context, Poll};

use crate::Instant;

/// A monotonic clock with timers.
pub trait Clock {
    /// Returns the current time, which never goes back.
    fn now(&self) -> Instant;

    /// Waits until `instant`: ready if [`now`](Self::now) has reached it, otherwise the task is
    /// woken once it has. Several tasks may wait at once. A task that waits for several instants,
    /// or that has stopped waiting, may be woken at any of them.
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

/// A clock that stands still.
///
/// A connection with it has no deadlines: it sends no keepalive pings, never gives up a peer that
/// vanished, waits forever for the answer to a close and for room to write, and measures no
/// latency.
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
