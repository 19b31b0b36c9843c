//! What a connection is set up with.

use core::time::Duration;

use crate::ReservedBits;
use crate::time::Milliseconds;

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// Expects masked frames, sends unmasked ones.
    Server,
    /// Expects unmasked frames, sends masked ones.
    Client {
        /// Returns the masking key of each frame: four fresh bytes from a source that a server, or
        /// a page that chooses the payload, cannot predict (RFC 6455 sections 5.3 and 10.3).
        masks: fn() -> [u8; 4],
    },
}

impl Role {
    /// Bytes of the masking key in every frame sent.
    #[cfg(feature = "io")]
    pub(crate) const fn mask_length(self) -> usize {
        match self {
            Self::Server => 0,
            Self::Client { .. } => 4,
        }
    }

    pub(crate) fn mask(self) -> Option<[u8; 4]> {
        match self {
            Self::Server => None,
            Self::Client { masks } => Some(masks()),
        }
    }
}

/// When pings are sent automatically.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PingMode {
    /// Every interval, whatever else is received, so that the latency is always known.
    LatencyControl,
    /// Only after an interval in which nothing was received.
    #[default]
    BandwidthSaving,
    /// Never. The pong deadline still guards the pings that the caller sends.
    Manual,
}

/// Limits and deadlines of one connection. Every default is finite.
///
/// | setting | default |
/// | --- | --- |
/// | message bytes | 1 MiB |
/// | fragments per message | 16,384 |
/// | pings | after 20 s of silence |
/// | pong timeout | 20 s |
/// | close timeout | 5 s |
///
/// ```
/// use core::time::Duration;
/// use websocket_listener_core::{Config, PingMode};
///
/// const CONFIG: Config = Config::new()
///     .max_message_bytes(4096)
///     .ping_mode(PingMode::LatencyControl)
///     .ping_interval(Duration::from_secs(5));
/// # let _ = CONFIG;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub(crate) max_message_bytes: u64,
    pub(crate) max_fragments: u32,
    pub(crate) ping_interval: Milliseconds,
    pub(crate) pong_timeout: Milliseconds,
    pub(crate) close_timeout: Milliseconds,
    pub(crate) ping_mode: PingMode,
    pub(crate) reserved_bits: ReservedBits,
}

impl Config {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_message_bytes: 1 << 20,
            max_fragments: 16_384,
            ping_interval: Milliseconds::new(Duration::from_secs(20)),
            pong_timeout: Milliseconds::new(Duration::from_secs(20)),
            close_timeout: Milliseconds::new(Duration::from_secs(5)),
            ping_mode: PingMode::BandwidthSaving,
            reserved_bits: ReservedBits::NONE,
        }
    }

    /// The most payload bytes of a message, all its fragments together. A larger message is refused
    /// with 1009 as soon as a frame's header announces the excess. `u64::MAX` means no limit, for
    /// callers that stream messages and never hold a whole one.
    #[must_use]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        Self { max_message_bytes: bytes, ..self }
    }

    /// The most frames that a message may consist of, empty ones included. One more is refused with
    /// 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        Self { max_fragments: fragments, ..self }
    }

    /// When pings are sent automatically.
    #[must_use]
    pub const fn ping_mode(self, mode: PingMode) -> Self {
        Self { ping_mode: mode, ..self }
    }

    /// How long a silence lasts before a ping (bandwidth saving), or the time between two pings
    /// (latency control). In whole milliseconds, at most 49 days, as all delays here.
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { ping_interval: Milliseconds::new(interval), ..self }
    }

    /// How long the peer may stay silent after a ping has left. Any byte counts, not only a pong.
    #[must_use]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        Self { pong_timeout: Milliseconds::new(timeout), ..self }
    }

    /// How long the closing handshake may take, the end of the transport's stream included.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        Self { close_timeout: Milliseconds::new(timeout), ..self }
    }

    /// The reserved bits that negotiated extensions own. Messages that set one are handed on as
    /// they are: their text is not checked (see [`Utf8Validator`](crate::Utf8Validator)) and their
    /// bytes do not count towards [`max_message_bytes`](Self::max_message_bytes), because neither
    /// is known before the extension has decoded them. A caller that then finds such a fault calls
    /// [`Connection::fail`](crate::Connection::fail).
    #[must_use]
    pub const fn reserved_bits(self, bits: ReservedBits) -> Self {
        Self { reserved_bits: bits, ..self }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
