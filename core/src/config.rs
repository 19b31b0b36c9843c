//! The settings of a connection.

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

    /// Returns the mask of the next frame: a new one for a client, none for a server
    /// (RFC 6455 section 5.1).
    pub(crate) fn mask(self) -> Option<[u8; 4]> {
        match self {
            Self::Server => None,
            Self::Client { masks } => Some(masks()),
        }
    }
}

/// The mode of automatic pings.
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
/// | write timeout | 20 s |
/// | least rate of writing | 100 bytes/s |
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
    pub(crate) limits: Limits,
    pub(crate) half_close: bool,
}

/// The part of a [`Config`] that a connection keeps as it is. Each of its bytes is one of every
/// connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) max_message_bytes: u64,
    pub(crate) max_fragments: u32,
    pub(crate) ping_interval: Milliseconds,
    pub(crate) pong_timeout: Milliseconds,
    pub(crate) close_timeout: Milliseconds,
    pub(crate) write_timeout: Milliseconds,
    pub(crate) min_write_rate: u16,
    pub(crate) ping_mode: PingMode,
    pub(crate) reserved_bits: ReservedBits,
}

impl Config {
    /// Returns the defaults.
    #[must_use]
    pub const fn new() -> Self {
        let limits = Limits {
            max_message_bytes: 1 << 20,
            max_fragments: 16_384,
            ping_interval: Milliseconds::new(Duration::from_secs(20)),
            pong_timeout: Milliseconds::new(Duration::from_secs(20)),
            close_timeout: Milliseconds::new(Duration::from_secs(5)),
            write_timeout: Milliseconds::new(Duration::from_secs(20)),
            min_write_rate: 100,
            ping_mode: PingMode::BandwidthSaving,
            reserved_bits: ReservedBits::NONE,
        };
        Self { limits, half_close: true }
    }

    const fn with(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the most payload bytes of a message, all its fragments together. A larger message is
    /// refused with 1009 as soon as a frame's header announces the excess. `u64::MAX` means no
    /// limit, for callers that stream messages and never hold a whole one.
    #[doc(alias = "max_payload")]
    #[doc(alias = "max_frame_size")]
    #[must_use]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        self.with(Limits { max_message_bytes: bytes, ..self.limits })
    }

    /// Sets the most frames that a message may consist of, empty ones included. One more is refused
    /// with 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        self.with(Limits { max_fragments: fragments, ..self.limits })
    }

    /// Sets the mode of automatic pings.
    #[must_use]
    pub const fn ping_mode(self, mode: PingMode) -> Self {
        self.with(Limits { ping_mode: mode, ..self.limits })
    }

    /// Sets the silence before a ping (bandwidth saving), or the time between two pings (latency
    /// control). In whole milliseconds, at most 49 days, as all delays here.
    #[doc(alias = "heartbeat")]
    #[doc(alias = "keepalive")]
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        self.with(Limits { ping_interval: Milliseconds::new(interval), ..self.limits })
    }

    /// Sets the longest silence of the peer after a ping has left. Any byte counts, not only a
    /// pong.
    #[doc(alias = "idle_timeout")]
    #[must_use]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        self.with(Limits { pong_timeout: Milliseconds::new(timeout), ..self.limits })
    }

    /// Sets the longest duration of the closing handshake, the end of the transport's stream
    /// included.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        self.with(Limits { close_timeout: Milliseconds::new(timeout), ..self.limits })
    }

    /// Sets the longest wait for a peer that takes nothing, or less than the [least
    /// rate](Self::min_write_rate), of what is written. While this end receives, messages from the
    /// peer extend it.
    #[must_use]
    pub const fn write_timeout(self, timeout: Duration) -> Self {
        self.with(Limits { write_timeout: Milliseconds::new(timeout), ..self.limits })
    }

    /// Sets the least rate, in bytes per second, at which a peer has to take what is written while
    /// this end waits for it, averaged over the [write timeout](Self::write_timeout). With 0 any
    /// progress suffices.
    #[must_use]
    pub const fn min_write_rate(self, bytes_per_second: u16) -> Self {
        self.with(Limits { min_write_rate: bytes_per_second, ..self.limits })
    }

    /// Sets whether the peer can see that this end has shut down its direction of the stream; true by
    /// default, as with TCP.
    ///
    /// If it can, the connection lasts until the peer has ended its direction as well, so that
    /// nothing in flight is lost, and a client waits for the server to do so first
    /// (RFC 6455 section 7.1.1). If it cannot, the connection is over once it is closed.
    #[must_use]
    pub const fn half_close(self, is_seen: bool) -> Self {
        Self { half_close: is_seen, ..self }
    }

    /// Sets the reserved bits that negotiated extensions own. Messages that set one are handed on
    /// as they are: their text is not checked (see [`Utf8Validator`](crate::Utf8Validator)) and
    /// their bytes do not count towards [`max_message_bytes`](Self::max_message_bytes), because
    /// neither is known before the extension has decoded them. A caller that then finds such a
    /// fault calls [`Connection::fail`](crate::Connection::fail).
    #[must_use]
    pub const fn reserved_bits(self, bits: ReservedBits) -> Self {
        self.with(Limits { reserved_bits: bits, ..self.limits })
    }
}

impl Limits {
    /// Returns true if this many bytes in a write timeout are enough. Without a division, which
    /// boards do in software.
    pub(crate) const fn is_enough(&self, taken: u32) -> bool {
        // Neither product can overflow.
        let thousandths = (taken as u64).wrapping_mul(1_000);
        let timeout = self.write_timeout.as_millis() as u64;
        thousandths >= timeout.wrapping_mul(self.min_write_rate as u64)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
