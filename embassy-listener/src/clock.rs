//! Time and deadlines by `embassy-time`.

use core::pin::pin;
use core::task::{Context, Poll};

use embassy_time::Timer;
use websocket_listener_core::io::Clock;
use websocket_listener_core::{Instant, Milliseconds};

/// The clock of `embassy-time`, as the clock of a connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbassyClock;

impl Clock for EmbassyClock {
    #[inline(never)]
    fn now(&self) -> Instant {
        Instant::from_micros(embassy_time::Instant::now().as_micros())
    }

    fn poll_until(&self, cx: &mut Context<'_>, instant: Instant) -> Poll<()> {
        if self.now() >= instant {
            return Poll::Ready(());
        }
        let mut due = embassy_time::Instant::from_micros(instant.as_micros());
        // A tick may be longer than a microsecond.
        if due.as_micros() < instant.as_micros() {
            due = due.saturating_add(embassy_time::Duration::from_ticks(1));
        }
        // The driver keeps the timer's waker, so the future need not live on.
        pin!(Timer::at(due)).poll(cx)
    }
}

/// Returns the instant after `timeout`; the last instant if that is beyond the clock.
#[inline(never)]
pub(crate) fn deadline(timeout: embassy_time::Duration) -> embassy_time::Instant {
    embassy_time::Instant::now().saturating_add(timeout)
}

/// Converts milliseconds to a duration.
#[inline(never)]
pub(crate) const fn from_millis(millis: u32) -> embassy_time::Duration {
    embassy_time::Duration::from_millis(millis as u64)
}

/// Converts a duration to milliseconds, at most 49 days, in which options keep it.
pub(crate) const fn millis(duration: core::time::Duration) -> u32 {
    Milliseconds::new(duration).as_millis()
}
