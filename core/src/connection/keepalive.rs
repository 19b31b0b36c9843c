//! Pings, pongs and the time between them (RFC 6455 sections 5.5.2 and 5.5.3).

use core::time::Duration;

use crate::{Config, Instant, PingMode};

#[derive(Debug)]
pub(super) struct Keepalive {
    last_received: Instant,
    /// When the next interval of latency control began.
    last_ping: Instant,
    ping: Ping,
    /// When the first ping went that nothing has been received since. Pings behind it do not give
    /// the peer more time.
    awaited: Option<Instant>,
    latency: Option<Duration>,
}

/// Where the newest ping is.
#[derive(Clone, Copy, Debug)]
enum Ping {
    /// Nowhere; or answered.
    Idle,
    Queued,
    /// Written at that time, but maybe not gone yet.
    Written(Instant),
    /// Gone at that time. Its pong has not come yet.
    Gone(Instant),
}

/// What is due.
pub(super) enum Due {
    Nothing,
    Ping,
    GiveUp,
}

impl Keepalive {
    pub(super) const fn new(now: Instant) -> Self {
        Self { last_received: now, last_ping: now, ping: Ping::Idle, awaited: None, latency: None }
    }

    pub(super) const fn latency(&self) -> Option<Duration> {
        self.latency
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

    pub(super) fn ping_queued(&mut self) {
        self.ping = Ping::Queued;
    }

    pub(super) fn ping_written(&mut self, now: Instant) {
        self.last_ping = now;
        self.ping = Ping::Written(now);
    }

    pub(super) fn flushed(&mut self, now: Instant) {
        if let Ping::Written(_) = self.ping {
            self.ping = Ping::Gone(now);
            self.awaited.get_or_insert(now);
        }
    }

    /// The pong that answers the newest ping has come.
    pub(super) fn answered(&mut self, now: Instant) {
        if let Ping::Written(sent) | Ping::Gone(sent) = self.ping {
            self.latency = Some(now.saturating_since(sent));
            self.ping = Ping::Idle;
        }
    }

    pub(super) fn poll_timeout(&self, config: &Config) -> Option<Instant> {
        if let Some(since) = self.awaited {
            return Some(since.after(config.pong_timeout));
        }
        match self.ping {
            // They wait for the transport, which has a deadline of its own.
            Ping::Queued | Ping::Written(_) => None,
            Ping::Idle | Ping::Gone(_) => match config.ping_mode {
                PingMode::LatencyControl => Some(self.last_ping.after(config.ping_interval)),
                PingMode::BandwidthSaving => Some(self.last_received.after(config.ping_interval)),
                PingMode::Manual => None,
            },
        }
    }

    pub(super) fn handle_timeout(&self, config: &Config, now: Instant) -> Due {
        match self.poll_timeout(config) {
            Some(due) if due <= now && self.awaited.is_some() => Due::GiveUp,
            Some(due) if due <= now => Due::Ping,
            _ => Due::Nothing,
        }
    }
}
