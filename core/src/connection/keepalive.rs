//! Pings, pongs and the time between them (RFC 6455 sections 5.5.2 and 5.5.3).

use core::time::Duration;

use crate::config::{Limits, PingMode};
use crate::time::Instant;

#[derive(Debug)]
pub(super) struct Keepalive {
    last_received: Instant,
    ping: Ping,
    /// The time at which the newest ping was written or, once it has left, left. The next interval
    /// of latency control begins here.
    last_ping: Instant,
    /// The time at which the first ping left after which nothing has been received. Later pings do
    /// not give the peer more time.
    awaited: Option<Instant>,
    /// In microseconds.
    latency: u32,
}

const NO_LATENCY: u32 = u32::MAX;

/// The state of the newest ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ping {
    /// Nowhere; or answered.
    Idle,
    Queued,
    /// Written, but maybe not gone yet.
    Written,
    /// Gone. Its pong has not come yet.
    Gone,
}

/// The action due at the time of [`Keepalive::poll_timeout`].
pub(super) enum Due {
    Ping,
    GiveUp,
}

impl Keepalive {
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            last_received: now,
            ping: Ping::Idle,
            last_ping: now,
            awaited: None,
            latency: NO_LATENCY,
        }
    }

    pub(super) const fn latency(&self) -> Option<Duration> {
        match self.latency {
            NO_LATENCY => None,
            micros => Some(Duration::from_micros(micros as u64)),
        }
    }

    pub(super) const fn last_received(&self) -> Instant {
        self.last_received
    }

    /// Any inbound byte is a sign of life.
    #[inline]
    pub(super) fn heard(&mut self, now: Instant) {
        self.last_received = now;
        self.awaited = None;
    }

    /// The peer's system has acknowledged bytes: the peer may be slow, but it has not vanished.
    pub(super) fn acknowledged(&mut self, now: Instant) {
        if let Some(awaited) = &mut self.awaited {
            *awaited = now;
        }
    }

    pub(super) fn ping_queued(&mut self) {
        self.ping = Ping::Queued;
    }

    pub(super) fn ping_written(&mut self, now: Instant) {
        self.ping = Ping::Written;
        self.last_ping = now;
    }

    pub(super) fn flushed(&mut self, now: Instant) {
        if self.ping == Ping::Written {
            self.ping = Ping::Gone;
            self.last_ping = now;
            self.awaited.get_or_insert(now);
        }
    }

    /// The pong that answers the newest ping has come.
    pub(super) fn answered(&mut self, now: Instant) {
        if matches!(self.ping, Ping::Written | Ping::Gone) {
            self.ping = Ping::Idle;
            let micros = now.saturating_since(self.last_ping).as_micros();
            self.latency = u32::try_from(micros).unwrap_or(NO_LATENCY).min(NO_LATENCY - 1);
        }
    }

    pub(super) fn poll_timeout(&self, limits: &Limits) -> Option<Instant> {
        if let Some(since) = self.awaited {
            return Some(since.after(limits.pong_timeout));
        }
        match self.ping {
            // Such a ping waits for the transport, which has a deadline of its own.
            Ping::Queued | Ping::Written => None,
            Ping::Idle | Ping::Gone => match limits.ping_mode {
                PingMode::LatencyControl => Some(self.last_ping.after(limits.ping_interval)),
                PingMode::BandwidthSaving => Some(self.last_received.after(limits.ping_interval)),
                PingMode::Manual => None,
            },
        }
    }

    pub(super) const fn due(&self) -> Due {
        if self.awaited.is_some() { Due::GiveUp } else { Due::Ping }
    }
}
