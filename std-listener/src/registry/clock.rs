//! Tokio's clock as the engine's instants.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time;
use websocket_listener_core::Instant;

/// The time between the origin and the first call, at most.
const PAST: [Duration; 3] =
    [Duration::from_secs(366 * 24 * 3600), Duration::from_secs(24 * 3600), Duration::ZERO];

/// The origin of the engine's instants, long before the first call. Runtimes have clocks of their own
/// once tests pause them, and the clock of the first caller may be ahead of all others.
fn origin() -> time::Instant {
    static ORIGIN: OnceLock<time::Instant> = OnceLock::new();
    *ORIGIN.get_or_init(|| {
        let now = time::Instant::now();
        PAST.into_iter().find_map(|past| now.checked_sub(past)).unwrap_or(now)
    })
}

/// Returns the current instant of Tokio's clock, which a test may have paused.
pub(crate) fn now() -> Instant {
    let origin = origin();
    let micros = time::Instant::now().saturating_duration_since(origin).as_micros();
    Instant::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// Converts an instant to one of Tokio's clock.
pub(crate) fn to_tokio(instant: Instant) -> time::Instant {
    origin() + Duration::from_micros(instant.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test that has advanced its clock does not hold back the clock of the next test.
    #[test]
    fn a_clock_that_runs_ahead_in_one_runtime_does_not_stop_in_another() {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let ahead = builder.enable_time().start_paused(true).build().unwrap();
        ahead.block_on(async {
            time::advance(Duration::from_secs(3600)).await;
            now();
        });
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let other = builder.enable_time().start_paused(true).build().unwrap();
        other.block_on(async {
            let before = now();
            time::advance(Duration::from_secs(5)).await;
            assert_eq!(now().saturating_since(before), Duration::from_secs(5));
            let rounded = time::Instant::now() - to_tokio(now());
            assert!(rounded < Duration::from_micros(1));
        });
    }
}
