//! Opening requests, good and bad, as text.

use std::fmt::Write as _;

/// The key of RFC 6455 section 1.3.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The accept value for [`KEY`].
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A request as a test wants it on the wire, whatever RFC 9112 thinks of it.
///
/// Unless told otherwise it is a good opening handshake.
///
/// ```
/// use websocket_listener_tests::request::request;
///
/// assert!(request().text().starts_with("GET /echo HTTP/1.1\r\nHost: "));
/// assert!(!request().without("Host").text().contains("Host"));
/// assert!(request().with("Sec-WebSocket-Version", "8").text().contains("Version: 8\r\n"));
/// ```
#[derive(Clone, Debug)]
pub struct RawRequest {
    line: String,
    headers: Vec<(String, String)>,
}

/// A good opening handshake.
#[must_use]
pub fn request() -> RawRequest {
    RawRequest { line: "GET /echo HTTP/1.1".to_owned(), headers: Vec::new() }
        .and("Host", "server.example.com")
        .and("Upgrade", "websocket")
        .and("Connection", "Upgrade")
        .and("Sec-WebSocket-Key", KEY)
        .and("Sec-WebSocket-Version", "13")
}

impl RawRequest {
    /// With this first line.
    #[must_use]
    pub fn line(self, line: &str) -> Self {
        Self { line: line.to_owned(), ..self }
    }

    /// With no header of that name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(found, _)| found != name);
        self
    }

    /// With this value as the only one of that name.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With one more header.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With this many headers in all, more or less harmless ones.
    #[must_use]
    pub fn padded_to_headers(mut self, headers: usize) -> Self {
        while self.headers.len() < headers {
            let name = format!("X-{}", self.headers.len());
            self = self.and(&name, "x");
        }
        self
    }

    /// With a header that makes the head this long.
    #[must_use]
    pub fn padded_to_bytes(self, bytes: usize) -> Self {
        let room = bytes - self.clone().and("X-Long", "").text().len();
        self.and("X-Long", &"x".repeat(room))
    }

    /// The whole head.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\r\n", self.line);
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text + "\r\n"
    }
}
