//! How HTTP/2 is spoken.

use std::time::Duration;

/// Limits and deadlines of HTTP/2 connections; see [`Builder::http2`](crate::Builder::http2). Every
/// default is finite.
///
/// | option | default | why |
/// | --- | --- | --- |
/// | [`max_concurrent_streams`](Self::max_concurrent_streams) | 128 | what browsers count on is 100 |
/// | [`stream_window`](Self::stream_window) | 64 KiB | what a WebSocket that is not read holds in memory |
/// | [`connection_window`](Self::connection_window) | 1 MiB | what all those of a connection hold |
/// | [`send_buffer`](Self::send_buffer) | 64 KiB | what waits to be sent, of each WebSocket, besides its own queue |
/// | [`ping_interval`](Self::ping_interval) | 20 s | as with WebSockets |
/// | [`ping_timeout`](Self::ping_timeout) | 20 s | as with WebSockets |
/// | [`idle_timeout`](Self::idle_timeout) | 60 s | a connection without any stream |
#[derive(Clone, Copy, Debug)]
pub struct Http2Options {
    pub(crate) max_concurrent_streams: u32,
    pub(crate) stream_window: u32,
    pub(crate) connection_window: u32,
    pub(crate) send_buffer: u32,
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) idle_timeout: Duration,
}

impl Http2Options {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_concurrent_streams: 128,
            stream_window: 64 * 1024,
            connection_window: 1024 * 1024,
            send_buffer: 64 * 1024,
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(60),
        }
    }

    /// How many streams, WebSockets and requests together, a peer may have open on one connection.
    #[must_use]
    pub const fn max_concurrent_streams(self, streams: u32) -> Self {
        Self { max_concurrent_streams: streams, ..self }
    }

    /// How many bytes a peer may send on one stream before they are read, at most 2^31 - 1.
    #[must_use]
    pub const fn stream_window(self, bytes: u32) -> Self {
        Self { stream_window: window(bytes), ..self }
    }

    /// How many bytes a peer may send on all streams of a connection before they are read, at most
    /// 2^31 - 1, at least 65,535.
    #[must_use]
    pub const fn connection_window(self, bytes: u32) -> Self {
        let bytes = if bytes < 65_535 { 65_535 } else { bytes };
        Self { connection_window: window(bytes), ..self }
    }

    /// How many bytes of one stream may wait for the connection to be sent, at least 1.
    #[must_use]
    pub const fn send_buffer(self, bytes: u32) -> Self {
        Self { send_buffer: if bytes == 0 { 1 } else { bytes }, ..self }
    }

    /// How often the peer is asked whether it is there, with an HTTP/2 PING.
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { ping_interval: interval, ..self }
    }

    /// How long the peer may take to answer, or to send anything else. After that the connection is
    /// dropped, and its WebSockets end.
    #[must_use]
    pub const fn ping_timeout(self, timeout: Duration) -> Self {
        Self { ping_timeout: timeout, ..self }
    }

    /// How long a connection may be without a stream before it is closed.
    #[must_use]
    pub const fn idle_timeout(self, timeout: Duration) -> Self {
        Self { idle_timeout: timeout, ..self }
    }
}

/// RFC 9113 section 6.9.1.
const fn window(bytes: u32) -> u32 {
    if bytes > 0x7fff_ffff { 0x7fff_ffff } else { bytes }
}

impl Default for Http2Options {
    fn default() -> Self {
        Self::new()
    }
}
