//! What a connection is set up with.

use std::time::Duration;

use websocket_listener_core::{Config, PingMode};

/// Limits and deadlines of a connection. Every default is finite, except the rate of messages.
///
/// All connections of a listener share one timer: whatever is due happens up to 16 ms late, even
/// after a delay of 0.
///
/// | option | default | why |
/// | --- | --- | --- |
/// | [`max_message_bytes`](Self::max_message_bytes) | 1 MiB | what `recv` may put together in memory |
/// | [`max_fragments`](Self::max_fragments) | 16,384 | tiny fragments cost more than they carry |
/// | [`max_messages_per_second`](Self::max_messages_per_second) | no limit | what is many, the application knows |
/// | [`ping_mode`](Self::ping_mode), [`ping_interval`](Self::ping_interval) | after 20 s of silence | finds dead peers, and keeps middleboxes from forgetting the connection |
/// | [`pong_timeout`](Self::pong_timeout) | 20 s | a phone that changes cells takes seconds |
/// | [`automatic_pongs`](Self::automatic_pongs) | on | whichever method receives answers every ping |
/// | [`close_timeout`](Self::close_timeout) | 5 s | a peer that does not answer is not worth more |
/// | [`write_timeout`](Self::write_timeout) | 20 s | a peer that takes nothing for that long is gone |
/// | [`write_queue_bytes`](Self::write_queue_bytes) | 64 KiB | what may be queued for a slow peer |
/// | [`slow_consumer`](Self::slow_consumer) | drop the newest | senders that do not wait are not slowed down |
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
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) max_message_bytes: u64,
    /// In milliseconds, and the queue in 32 bits, because every connection carries them.
    pub(crate) write_timeout: u32,
    pub(crate) write_queue_bytes: u32,
    pub(crate) slow_consumer: SlowConsumer,
    pub(crate) max_messages_per_second: u32,
    pub(crate) automatic_pongs: bool,
}

impl Options {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            config: Config::new(),
            max_message_bytes: 1 << 20,
            write_timeout: 20_000,
            write_queue_bytes: 64 * 1024,
            slow_consumer: SlowConsumer::DropNewest,
            max_messages_per_second: u32::MAX,
            automatic_pongs: true,
        }
    }

    /// The most payload bytes of a message, all its fragments together. A larger message is refused
    /// with 1009 as soon as a frame's header announces the excess. `u64::MAX` means no limit, for
    /// applications that stream messages and never hold a whole one.
    #[must_use]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        let config = self.config.max_message_bytes(bytes);
        Self { config, max_message_bytes: bytes, ..self }
    }

    /// The most frames that a message may consist of, empty ones included. One more is refused with
    /// 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        Self { config: self.config.max_fragments(fragments), ..self }
    }

    /// The most messages that the peer may send in a second, and in one burst after a second of
    /// silence. One more is refused with 1008. Messages count when they are read, so a receiver
    /// that reads more slowly than this never refuses one. `u32::MAX` means no limit.
    #[must_use]
    pub const fn max_messages_per_second(self, messages: u32) -> Self {
        Self { max_messages_per_second: messages, ..self }
    }

    /// When pings are sent automatically.
    #[must_use]
    pub const fn ping_mode(self, mode: PingMode) -> Self {
        Self { config: self.config.ping_mode(mode), ..self }
    }

    /// How long a silence lasts before a ping (bandwidth saving), or the time between two pings
    /// (latency control).
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { config: self.config.ping_interval(interval), ..self }
    }

    /// How long the peer may stay silent after a ping has left. Any byte counts, not only a pong.
    #[must_use]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.pong_timeout(timeout), ..self }
    }

    /// Whether pings are answered by whichever method receives. If not, answering them is up to the
    /// application: [`WebSocket::recv_event`](crate::WebSocket::recv_event) returns them, and
    /// [`WebSocket::pong`](crate::WebSocket::pong) answers. Pings that other methods receive are
    /// then not answered.
    #[must_use]
    pub const fn automatic_pongs(self, automatic: bool) -> Self {
        Self { automatic_pongs: automatic, ..self }
    }

    /// How long the closing handshake may take, the end of the TCP stream included.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.close_timeout(timeout), ..self }
    }

    /// How long a write may make no progress at all before the connection is given up. In whole
    /// milliseconds, at most 49 days.
    #[must_use]
    pub const fn write_timeout(self, timeout: Duration) -> Self {
        let millis = timeout.as_millis();
        let millis = if millis > u32::MAX as u128 { u32::MAX } else { millis as u32 };
        Self { write_timeout: millis, ..self }
    }

    /// How many bytes may be queued for a peer that does not take them. A message is accepted as
    /// long as the queue is below this, so the queue exceeds it by one message at most. At most 4
    /// GiB.
    #[must_use]
    pub const fn write_queue_bytes(self, bytes: usize) -> Self {
        let bytes = if bytes > u32::MAX as usize { u32::MAX } else { bytes as u32 };
        Self { write_queue_bytes: bytes, ..self }
    }

    /// What happens to a message for a peer whose queue is full, if its sender does not wait.
    #[must_use]
    pub const fn slow_consumer(self, policy: SlowConsumer) -> Self {
        Self { slow_consumer: policy, ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

/// What happens to a message for a peer whose [write queue](crate::Options::write_queue_bytes) is
/// full.
///
/// It is for senders that do not wait: `try_send` and [`broadcast`](crate::broadcast).
/// The others (`send`, `feed`, message writers, `Sink`) wait for room, as long as the peer takes something
/// within the [write timeout](crate::Options::write_timeout).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// The message is dropped whole, and the connection goes on: for states, each of which replaces
    /// the one before.
    #[default]
    DropNewest,
    /// The message is dropped, and the connection is closed with 1013 (try again later) after what
    /// is queued has been sent: for streams of which no part may be missing.
    Close,
}
