//! What connections are set up with.

use core::time::Duration;

use websocket_listener_core::handshake::{HeadLimits, is_subprotocol};
use websocket_listener_core::{Config, PingMode};

use crate::clock::millis;

/// Limits and deadlines of a listener or a client and its connections. Every default is finite, and
/// smaller than the Tokio listener's.
///
/// | option | default | why |
/// | --- | --- | --- |
/// | [`subprotocols`](Self::subprotocols) | none | |
/// | [`handshake_timeout`](Self::handshake_timeout) | 5 s | a silent peer keeps a slot no longer |
/// | [`http_timeout`](Self::http_timeout) | 10 s | nor does one that takes a page slowly |
/// | [`max_request_bytes`](Self::max_request_bytes) | 8 KiB | and never more than the receive ring |
/// | [`max_request_headers`](Self::max_request_headers) | 64 | browsers send about 20 |
/// | [`max_message_bytes`](Self::max_message_bytes) | 64 KiB | |
/// | [`max_fragments`](Self::max_fragments) | 1,024 | tiny fragments cost more than they carry |
/// | [`ping_mode`](Self::ping_mode), [`ping_interval`](Self::ping_interval) | after 20 s of silence | finds peers that vanished |
/// | [`pong_timeout`](Self::pong_timeout) | 10 s | |
/// | [`close_timeout`](Self::close_timeout) | 5 s | a slot is free again this long after its use at the latest |
/// | [`write_timeout`](Self::write_timeout) | 10 s | a peer that takes nothing for that long is gone |
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
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            config: Config::new()
                .max_message_bytes(64 * 1024)
                .max_fragments(1024)
                .pong_timeout(Duration::from_secs(10)),
            subprotocols: &[],
            head_limits: HeadLimits::DEFAULT,
            handshake_timeout: 5_000,
            http_timeout: 10_000,
            close_timeout: 5_000,
            write_timeout: 10_000,
        }
    }

    /// The supported subprotocols, the preferred one first. A listener agrees on the first that was
    /// offered; if there is none, the connection is accepted without one. A client offers all.
    ///
    /// # Panics
    /// If a name is not a token (RFC 9110 section 5.6.2). In a constant, as `Options` mostly are,
    /// that is a compile-time error, and none of the check is linked:
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
            assert!(is_subprotocol(name), "the name of a subprotocol is a token");
            names = others;
        }
        Self { subprotocols, ..self }
    }

    /// How long it may take from the opened TCP connection to a whole request and its answer. Then
    /// the peer gets 408. In whole milliseconds, at most 49 days, as all delays here.
    #[must_use]
    pub const fn handshake_timeout(self, timeout: Duration) -> Self {
        Self { handshake_timeout: millis(timeout), ..self }
    }

    /// How long the whole answer to a plain HTTP request may take.
    #[must_use]
    pub const fn http_timeout(self, timeout: Duration) -> Self {
        Self { http_timeout: millis(timeout), ..self }
    }

    /// The most bytes that a request's head may have, up to the size of the receive ring. A longer
    /// head is refused with 431.
    #[must_use]
    pub const fn max_request_bytes(self, bytes: usize) -> Self {
        Self { head_limits: HeadLimits { bytes, ..self.head_limits }, ..self }
    }

    /// The most headers that a request may have, up to 64. More are refused with 431.
    #[must_use]
    pub const fn max_request_headers(self, headers: usize) -> Self {
        Self { head_limits: HeadLimits { headers, ..self.head_limits }, ..self }
    }

    /// The most payload bytes of a message, all its fragments together. A larger message is refused
    /// with 1009 as soon as a frame's header announces the excess. `u64::MAX` means no limit, for
    /// applications that stream messages and never hold a whole one.
    #[must_use]
    pub const fn max_message_bytes(self, bytes: u64) -> Self {
        Self { config: self.config.max_message_bytes(bytes), ..self }
    }

    /// The most frames that a message may consist of, empty ones included. One more is refused with
    /// 1008.
    #[must_use]
    pub const fn max_fragments(self, fragments: u32) -> Self {
        Self { config: self.config.max_fragments(fragments), ..self }
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

    /// How long the closing handshake may take, the end of the TCP stream included; and how long a
    /// connection may take to end after it was answered, refused or dropped.
    #[must_use]
    pub const fn close_timeout(self, timeout: Duration) -> Self {
        Self { config: self.config.close_timeout(timeout), close_timeout: millis(timeout), ..self }
    }

    /// How long a write may make no progress at all before the connection is given up.
    #[must_use]
    pub const fn write_timeout(self, timeout: Duration) -> Self {
        Self { write_timeout: millis(timeout), ..self }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
