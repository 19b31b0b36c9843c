//! The limits and deadlines of a connection.

use std::time::Duration;

use websocket_listener_core::{Config, PingMode};

/// The limits and deadlines of a connection. Every default but the rate of messages is finite.
///
/// All connections of a listener share one timer, so every deadline fires up to 16 ms late, even
/// after a delay of 0.
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`max_message_bytes`](Self::max_message_bytes) | 1 MiB | bounds the memory of `recv` |
/// | [`max_fragments`](Self::max_fragments) | 16,384 | a tiny fragment costs more than it carries |
/// | [`max_messages_per_second`](Self::max_messages_per_second) | no limit | depends on the application |
/// | [`ping_mode`](Self::ping_mode), [`ping_interval`](Self::ping_interval) | after 20 s of silence | detects dead peers, and keeps middleboxes from forgetting the connection |
/// | [`pong_timeout`](Self::pong_timeout) | 20 s | a phone needs seconds to change cells |
/// | [`automatic_pongs`](Self::automatic_pongs) | on | every method that receives answers pings |
/// | [`close_timeout`](Self::close_timeout) | 5 s | bounds the wait for a peer that does not answer |
/// | [`write_timeout`](Self::write_timeout) | 20 s | ends a connection whose peer reads nothing |
/// | [`min_write_rate`](Self::min_write_rate) | 100 bytes/s | ends a connection whose peer reads a byte now and then |
/// | [`write_queue_bytes`](Self::write_queue_bytes) | 64 KiB | bounds the memory for a slow peer |
/// | [`slow_consumer`](Self::slow_consumer) | drop the newest | does not slow down senders that do not wait |
///
/// ```
/// use std::time::Duration;
/// use websocket_listener::{Options, PingMode};
///
/// let options = Options::new()
///     .max_message_bytes(64 * 1024)
///     .ping_mode(PingMode::LatencyControl)
///     .ping_interval(Duration::from_secs(5));
/// # let _ = options;
/// ```
#[doc(alias("settings", "timeouts", "limits"))]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) max_message_bytes: u64,
    /// In 32 bits, because every connection carries it.
    pub(crate) write_queue_bytes: u32,
    pub(crate) slow_consumer: SlowConsumer,
    pub(crate) max_messages_per_second: u32,
    pub(crate) automatic_pongs: bool,
}

impl Options {
    /// Creates the defaults of the table above.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            config: Config::new(),
            max_message_bytes: 1 << 20,
            write_queue_bytes: 64 * 1024,
            slow_consumer: SlowConsumer::DropNewest,
            max_messages_per_second: u32::MAX,
            automatic_pongs: true,
        }
    }

    /// Sets the limit of a message's payload in bytes, all its fragments together. A larger message
    /// is refused with 1009 as soon as a frame's header announces the excess. `u64::MAX` stands for
    /// no limit, for applications that stream messages.
    #[must_use]
    #[doc(alias("max_payload", "max_message_size", "max_frame_size"))]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        let config = self.config.max_message_bytes(bytes);
        Self { config, max_message_bytes: bytes, ..self }
    }

    /// Sets the limit of frames in a message, empty ones included. A message with more is refused
    /// with 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        Self { config: self.config.max_fragments(fragments), ..self }
    }

    /// Sets the limit of messages from the peer in a second, and in one burst after a second of
    /// silence. One more is refused with 1008. Messages count when they are read, so a receiver
    /// that reads more slowly never refuses one. `u32::MAX` stands for no limit.
    #[must_use]
    #[doc(alias("rate limit", "rate_limit", "throttle"))]
    pub const fn max_messages_per_second(self, messages: u32) -> Self {
        Self { max_messages_per_second: messages, ..self }
    }

    /// Sets the condition for keepalive pings.
    #[must_use]
    #[doc(alias("keepalive", "heartbeat"))]
    pub const fn ping_mode(self, mode: PingMode) -> Self {
        Self { config: self.config.ping_mode(mode), ..self }
    }

    /// Sets the silence before a keepalive ping ([`PingMode::BandwidthSaving`]), or the time between
    /// two pings ([`PingMode::LatencyControl`]).
    #[must_use]
    #[doc(alias("keepalive", "heartbeat", "heartbeat_interval"))]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { config: self.config.ping_interval(interval), ..self }
    }

    /// Sets the time for the peer to send any byte, a pong or another, after a ping has left. A peer
    /// that stays silent is disconnected.
    #[must_use]
    #[doc(alias("idle timeout", "idle_timeout", "read_timeout", "heartbeat_timeout"))]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.pong_timeout(timeout), ..self }
    }

    /// Sets whether every method that receives answers pings. If not, the application does:
    /// [`WebSocket::recv_event`](crate::WebSocket::recv_event) returns pings, and
    /// [`WebSocket::pong`](crate::WebSocket::pong) answers. Pings that other methods receive then
    /// stay unanswered.
    #[must_use]
    pub const fn automatic_pongs(self, automatic: bool) -> Self {
        Self { automatic_pongs: automatic, ..self }
    }

    /// Sets the time for the closing handshake, the end of the TCP stream included.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.close_timeout(timeout), ..self }
    }

    /// Sets the longest wait for a peer that takes nothing, or less than the
    /// [least rate](Self::min_write_rate), of what is sent. Then the connection ends. While this end
    /// receives, messages from the peer extend the wait. In whole milliseconds, at most 49 days.
    #[must_use]
    #[doc(alias = "send_timeout")]
    pub const fn write_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.write_timeout(timeout), ..self }
    }

    /// Sets the least rate, in bytes per second, at which a peer has to take what is sent while this
    /// end waits for it, averaged over the [write timeout](Self::write_timeout). With 0 any progress
    /// suffices. Time in which nothing waits to be sent does not count.
    #[must_use]
    pub const fn min_write_rate(self, bytes_per_second: u16) -> Self {
        Self { config: self.config.min_write_rate(bytes_per_second), ..self }
    }

    /// Sets the limit of bytes queued for a slow peer, at most 4 GiB. A message is accepted while the
    /// queue is below the limit, so the queue exceeds it by one message at most.
    #[must_use]
    #[doc(alias("backpressure", "high_water_mark"))]
    pub const fn write_queue_bytes(self, bytes: usize) -> Self {
        let bytes = if bytes > u32::MAX as usize { u32::MAX } else { bytes as u32 };
        Self { write_queue_bytes: bytes, ..self }
    }

    /// Sets the treatment of messages from senders that do not wait, while the queue is full.
    #[must_use]
    #[doc(alias = "backpressure")]
    pub const fn slow_consumer(self, policy: SlowConsumer) -> Self {
        Self { slow_consumer: policy, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// The treatment of a message for a peer whose [write queue](crate::Options::write_queue_bytes) is
/// full.
///
/// ```
/// use websocket_listener::{Options, SlowConsumer, WebSocketListener};
///
/// // Every trade matters, so a peer that cannot keep up is closed.
/// let trades = Options::new().write_queue_bytes(1 << 20).slow_consumer(SlowConsumer::Close);
/// let builder = WebSocketListener::builder().options(trades);
/// # let _ = builder;
/// ```
///
/// It applies to senders that do not wait: `try_send` and [`broadcast`](crate::broadcast).
/// The others (`send`, `feed`, message writers, `Sink`) wait for room, while the peer reads
/// something within each [write timeout](crate::Options::write_timeout).
#[doc(alias = "backpressure")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// The message is dropped, and the connection continues: for states, each of which replaces the
    /// previous one.
    #[default]
    DropNewest,
    /// The message is dropped, and the connection is closed with 1013 (try again later) once the
    /// queue has been sent: for streams without gaps.
    Close,
}
