//! The limit of messages that a peer may send in a second.

use std::time::Duration;

use websocket_listener_core::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// A bucket of tokens, one for each message, full after a second of silence.
pub(super) struct MessageRate {
    per_second: u32,
    /// The time at which the bucket is full.
    full: Instant,
}

impl MessageRate {
    /// `None` without a limit.
    pub(super) fn new(per_second: u32, now: Instant) -> Option<Box<Self>> {
        (per_second != u32::MAX).then(|| Box::new(Self { per_second, full: now }))
    }

    /// Takes a token; returns whether there was one, so that another message may begin.
    pub(super) fn allows_one(&mut self, now: Instant) -> bool {
        if self.per_second == 0 {
            return false;
        }
        self.full = self.full.max(now) + SECOND / self.per_second;
        self.full <= now + SECOND
    }
}
