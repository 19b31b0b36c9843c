//! Rates, limited by a token bucket.

use std::time::Duration;

use websocket_listener_core::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// A bucket of tokens, full after a second in which none was taken.
#[derive(Clone, Copy)]
pub(crate) struct TokenBucket {
    /// The time at which the bucket will be full.
    full: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub(crate) const fn new(now: Instant) -> Self {
        Self { full: now }
    }

    /// Takes one of `per_second` tokens; false if none is left.
    pub(crate) fn take(&mut self, per_second: u32, now: Instant) -> bool {
        if per_second == 0 {
            return false;
        }
        let full = self.full.max(now) + SECOND / per_second;
        let left = full <= now + SECOND;
        if left {
            self.full = full;
        }
        left
    }

    pub(crate) fn is_full(self, now: Instant) -> bool {
        self.full <= now
    }
}
