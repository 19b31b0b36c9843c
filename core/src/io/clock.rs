//! The time, for deadlines.

use core::pin::Pin;
use core::task::{Context, Poll};

use crate::Instant;

/// A monotonic clock that can be waited for.
#[expect(async_fn_in_trait, reason = "a connection lives in one task, or in two of one executor")]
pub trait Clock {
    /// The time. Never goes back.
    fn now(&self) -> Instant;

    /// Waits until [`now`](Self::now) is `instant` or later; not at all if it is already.
    ///
    /// # Cancel safety
    /// A dropped wait leaves nothing behind.
    async fn wait_until(&self, instant: Instant);
}

impl<C: Clock> Clock for &C {
    fn now(&self) -> Instant {
        C::now(self)
    }

    async fn wait_until(&self, instant: Instant) {
        C::wait_until(self, instant).await;
    }
}

/// No clock: time stands still.
///
/// A connection with it has no deadlines at all. No keepalive pings are sent, a peer that vanished
/// is never given up, a peer that never answers a close is waited for without end, a write to a
/// peer that stopped reading as well, and the latency is not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Instant {
        Instant::default()
    }

    async fn wait_until(&self, _: Instant) {
        core::future::pending::<()>().await;
    }
}

/// Polls the wait, if there is one.
pub(super) fn poll_some(
    wait: Pin<&mut Option<impl Future<Output = ()>>>,
    cx: &mut Context<'_>,
) -> Poll<()> {
    wait.as_pin_mut().map_or(Poll::Pending, |wait| wait.poll(cx))
}
