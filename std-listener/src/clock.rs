//! Tokio's clock in the engine's measure.

use std::sync::OnceLock;

use tokio::time;
use websocket_listener_core::Instant;

/// The instant that the engine counts from: that of the first call.
fn origin() -> time::Instant {
    static ORIGIN: OnceLock<time::Instant> = OnceLock::new();
    *ORIGIN.get_or_init(time::Instant::now)
}

/// Now, by Tokio's clock, which a test may have paused.
pub(crate) fn now() -> Instant {
    let origin = origin();
    let micros = time::Instant::now().saturating_duration_since(origin).as_micros();
    Instant::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// The same instant on Tokio's clock.
pub(crate) fn to_tokio(instant: Instant) -> time::Instant {
    origin() + std::time::Duration::from_micros(instant.as_micros())
}
