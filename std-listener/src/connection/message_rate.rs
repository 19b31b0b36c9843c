//! The limit on the messages that a peer sends in a second.

use websocket_listener_core::Instant;

use crate::rate::TokenBucket;

/// One token for each message.
pub(super) struct MessageRate {
    per_second: u32,
    tokens: TokenBucket,
}

impl MessageRate {
    /// `None` without a limit.
    pub(super) fn new(per_second: u32, now: Instant) -> Option<Box<Self>> {
        let rate = || Box::new(Self { per_second, tokens: TokenBucket::new(now) });
        (per_second != u32::MAX).then(rate)
    }

    /// Takes a token; returns whether there was one, so that another message may begin.
    pub(super) fn allows_one(&mut self, now: Instant) -> bool {
        self.tokens.take(self.per_second, now)
    }
}
