//! The limits and deadlines of HTTP/2 connections.

use std::time::Duration;

/// The limits and deadlines of HTTP/2 connections; see
/// [`ListenerBuilder::http2`](crate::ListenerBuilder::http2).
///
/// ```
/// use std::time::Duration;
///
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::http::Http2Options;
///
/// let http2 = Http2Options::new().max_concurrent_streams(16).idle_timeout(Duration::from_secs(10));
/// let builder = WebSocketListener::builder().http2(http2);
/// # let _ = builder;
/// ```
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`max_concurrent_streams`](Self::max_concurrent_streams) | 128 | browsers expect 100 |
/// | [`stream_window`](Self::stream_window) | 64 KiB | bounds the memory of a WebSocket that is not read |
/// | [`connection_window`](Self::connection_window) | 1 MiB | bounds that memory for a whole connection |
/// | [`send_buffer`](Self::send_buffer) | 64 KiB | bounds the bytes to send of each WebSocket, besides its own queue |
/// | [`ping_interval`](Self::ping_interval) | 20 s | as with WebSockets |
/// | [`ping_timeout`](Self::ping_timeout) | 20 s | as with WebSockets |
/// | [`idle_timeout`](Self::idle_timeout) | 60 s | ends connections without streams |
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
    /// Creates the defaults of the table above.
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

    /// Sets the limit of open streams, WebSockets and requests together, on one connection.
    #[must_use]
    pub const fn max_concurrent_streams(self, streams: u32) -> Self {
        Self { max_concurrent_streams: streams, ..self }
    }

    /// Sets the limit of unread bytes on one stream, at most 2^31 - 1.
    #[must_use]
    pub const fn stream_window(self, bytes: u32) -> Self {
        Self { stream_window: window(bytes), ..self }
    }

    /// Sets the limit of unread bytes on all streams of a connection, at least 65,535 and at most
    /// 2^31 - 1.
    #[must_use]
    pub const fn connection_window(self, bytes: u32) -> Self {
        let bytes = if bytes < 65_535 { 65_535 } else { bytes };
        Self { connection_window: window(bytes), ..self }
    }

    /// Sets the limit of bytes of one stream that wait to be sent, at least 1.
    #[must_use]
    pub const fn send_buffer(self, bytes: u32) -> Self {
        Self { send_buffer: if bytes == 0 { 1 } else { bytes }, ..self }
    }

    /// Sets the interval between HTTP/2 PING frames.
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self { ping_interval: interval, ..self }
    }

    /// Sets the time for the peer to send any frame after a PING, after which the connection is
    /// dropped and its WebSockets end.
    #[must_use]
    pub const fn ping_timeout(self, timeout: Duration) -> Self {
        Self { ping_timeout: timeout, ..self }
    }

    /// Sets the time after which a connection without streams is closed.
    #[must_use]
    pub const fn idle_timeout(self, timeout: Duration) -> Self {
        Self { idle_timeout: timeout, ..self }
    }
}

/// Clamps a window to its maximum (RFC 9113 section 6.9.1).
const fn window(bytes: u32) -> u32 {
    if bytes > 0x7fff_ffff { 0x7fff_ffff } else { bytes }
}

impl Default for Http2Options {
    fn default() -> Self {
        Self::new()
    }
}
