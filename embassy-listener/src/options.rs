//! The limits and deadlines of connections.

use core::time::Duration;

use websocket_listener_core::handshake::{HeadLimits, is_subprotocol};
use websocket_listener_core::{Config, PingMode};

use crate::clock::millis;

/// The limits and deadlines of a listener or a client and its connections.
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`subprotocols`](Self::subprotocols) | none | |
/// | [`handshake_timeout`](Self::handshake_timeout) | 5 s | bounds the time that a silent peer keeps a slot |
/// | [`http_timeout`](Self::http_timeout) | 10 s | bounds the time that a slow reader of a page keeps a slot |
/// | [`max_request_bytes`](Self::max_request_bytes) | 8 KiB | the receive ring is usually the smaller limit |
/// | [`max_request_headers`](Self::max_request_headers) | 64 | browsers send about 20 |
/// | [`max_message_bytes`](Self::max_message_bytes) | 64 KiB | |
/// | [`max_fragments`](Self::max_fragments) | 1,024 | a tiny fragment costs more than it carries |
/// | [`ping_mode`](Self::ping_mode), [`ping_interval`](Self::ping_interval) | after 20 s of silence | detects peers that vanished |
/// | [`pong_timeout`](Self::pong_timeout) | 10 s | |
/// | [`close_timeout`](Self::close_timeout) | 5 s | bounds the time until a used slot is available again |
/// | [`write_timeout`](Self::write_timeout) | 10 s | ends a connection whose peer reads nothing |
///
/// ```
/// use core::time::Duration;
/// use websocket_listener_embassy::Options;
///
/// const OPTIONS: Options = Options::new()
///     .subprotocols(&["telemetry.v1"])
///     .max_message_bytes(4096)
///     .handshake_timeout(Duration::from_secs(2));
/// # let _ = OPTIONS;
/// ```
#[doc(alias("settings", "timeouts", "limits"))]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub(crate) config: Config,
    pub(crate) subprotocols: &'static [&'static str],
    pub(crate) head_limits: HeadLimits,
    pub(crate) handshake_timeout: u32,
    pub(crate) http_timeout: u32,
    pub(crate) close_timeout: u32,
    pub(crate) write_timeout: u32,
}

impl Options {
    /// Creates the defaults of the table above.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            config: Config::new()
                .max_message_bytes(64 * 1024)
                .max_fragments(1024)
                .pong_timeout(Duration::from_secs(10))
                .write_timeout(Duration::from_secs(10)),
            subprotocols: &[],
            head_limits: HeadLimits::DEFAULT,
            handshake_timeout: 5_000,
            http_timeout: 10_000,
            close_timeout: 5_000,
            write_timeout: 10_000,
        }
    }

    /// Sets the supported subprotocols, the preferred one first. A listener agrees on the first of
    /// them that the client offered, or accepts the connection without a subprotocol. A client
    /// offers all of them.
    ///
    /// # Panics
    /// If a name is not a token (RFC 9110 section 5.6.2). In a constant this is a compile-time
    /// error, and the check is not linked:
    ///
    /// ```compile_fail
    /// # use websocket_listener_embassy::Options;
    /// const OPTIONS: Options = Options::new().subprotocols(&["telemetry v1"]);
    /// # let _ = OPTIONS;
    /// ```
    #[must_use]
    pub const fn subprotocols(self, subprotocols: &'static [&'static str]) -> Self {
        let mut names = subprotocols;
        while let [name, others @ ..] = names {
            assert!(is_subprotocol(name), "a subprotocol must be a token");
            names = others;
        }
        Self { subprotocols, ..self }
    }

    /// Sets the time from the opened TCP connection to a whole request, after which the peer gets
    /// 408. This and every other duration here is kept in whole milliseconds, at most 49 days.
    #[must_use]
    pub const fn handshake_timeout(self, timeout: Duration) -> Self {
        Self { handshake_timeout: millis(timeout), ..self }
    }

    /// Sets the time for the whole answer to a plain HTTP request.
    #[must_use]
    pub const fn http_timeout(self, timeout: Duration) -> Self {
        Self { http_timeout: millis(timeout), ..self }
    }

    /// Sets the limit of a request's head in bytes, which the size of the receive ring also bounds.
    /// A longer head is refused with 431.
    #[must_use]
    pub const fn max_request_bytes(self, bytes: usize) -> Self {
        Self { head_limits: HeadLimits { bytes, ..self.head_limits }, ..self }
    }

    /// Sets the limit of headers in a request, at most 64. A request with more is refused with 431.
    #[must_use]
    pub const fn max_request_headers(self, headers: usize) -> Self {
        Self { head_limits: HeadLimits { headers, ..self.head_limits }, ..self }
    }

    /// Sets the limit of a message's payload in bytes, all its fragments together. A larger message
    /// is refused with 1009 as soon as a frame's header announces the excess. `u64::MAX` stands for
    /// no limit, for applications that stream messages.
    #[doc(alias("max_payload", "max_message_size", "max_frame_size"))]
    #[must_use]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        Self { config: self.config.max_message_bytes(bytes), ..self }
    }

    /// Sets the limit of frames in a message, empty ones included. A message with more is refused
    /// with 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        Self { config: self.config.max_fragments(fragments), ..self }
    }

    /// Sets the condition for keepalive pings.
    #[doc(alias("keepalive", "heartbeat"))]
    #[must_use]
    pub const fn ping_mode(self, mode: PingMode) -> Self {
        Self { config: self.config.ping_mode(mode), ..self }
    }

    /// Sets the silence before a keepalive ping ([`PingMode::BandwidthSaving`]), or the time between
    /// two pings ([`PingMode::LatencyControl`]).
    #[doc(alias("keepalive", "heartbeat", "heartbeat_interval"))]
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { config: self.config.ping_interval(interval), ..self }
    }

    /// Sets the time for the peer to send any byte, a pong or another, after a ping has left. A peer
    /// that stays silent is disconnected.
    #[doc(alias("idle_timeout", "read_timeout", "heartbeat_timeout"))]
    #[must_use]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.pong_timeout(timeout), ..self }
    }

    /// Sets the time for the closing handshake, the end of the TCP stream included. It also bounds
    /// the end of a connection that was answered with HTTP, refused or dropped.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.close_timeout(timeout), close_timeout: millis(timeout), ..self }
    }

    /// Sets the time for a write to make progress, after which the connection ends.
    #[doc(alias("send_timeout"))]
    #[must_use]
    pub const fn write_timeout(self, timeout: Duration) -> Self {
        let config = self.config.write_timeout(timeout);
        Self { config, write_timeout: millis(timeout), ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
