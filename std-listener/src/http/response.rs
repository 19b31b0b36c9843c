//! HTTP responses.

use bytes::{Bytes, BytesMut};
use websocket_listener_core::handshake;

use super::set_cookie::SetCookie;

/// A response: status, headers and body. The listener adds `Connection: close` and `Content-Length`.
///
/// ```
/// use websocket_listener::Response;
///
/// let forbidden = Response::new(403).body("members only\n");
/// let moved = Response::new(308).header("Location", "/chat");
/// # let _ = (forbidden, moved);
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Response {
    /// Creates an empty response with this status, 200 to 599.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Creates a redirect to `location`, with status 301, 302, 303, 307 or 308. Browsers do not
    /// follow redirects for WebSockets.
    ///
    /// ```
    /// use websocket_listener::Response;
    ///
    /// let moved = Response::redirect(302, "https://example.com/chat");
    /// # let _ = moved;
    /// ```
    #[must_use]
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::new(status).header("Location", location)
    }

    /// Creates a 401 that requests a user and a password (RFC 7617). Browsers prompt for them when a
    /// page is loaded, and send them with the page's WebSockets.
    #[must_use]
    pub fn basic_challenge(realm: &str) -> Self {
        let challenge = format!("Basic realm={}, charset=\"UTF-8\"", quoted(realm));
        Self::challenge(challenge, "A user and a password are needed.")
    }

    /// Creates a 401 that requests a bearer token (RFC 6750 section 3).
    #[must_use]
    pub fn bearer_challenge(realm: &str) -> Self {
        let challenge = format!("Bearer realm={}", quoted(realm));
        Self::challenge(challenge, "A bearer token is needed.")
    }

    fn challenge(challenge: String, why: &'static str) -> Self {
        Self::plain(401, why).header("WWW-Authenticate", challenge)
    }

    /// Creates the response in place of an answer that cannot be sent.
    pub(crate) fn invalid() -> Self {
        Self::plain(500, "the application's answer is invalid")
    }

    /// Creates a response with one line of text.
    pub(crate) fn plain(status: u16, why: &'static str) -> Self {
        Self::new(status).header("Content-Type", "text/plain").body(why)
    }

    /// Adds a header. A malformed header (CR or LF in its value), or one that the response writes
    /// itself, makes the response 500, so headers cannot split a response.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets a cookie.
    #[must_use]
    pub fn cookie(self, cookie: &SetCookie) -> Self {
        self.header("Set-Cookie", cookie.to_string())
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Encodes the response, without its body in answer to HEAD.
    pub(crate) fn encode(&self, with_body: bool) -> Result<BytesMut, handshake::ResponseError> {
        let headers = borrow_headers(&self.headers);
        let reject = handshake::Reject::new(self.status).headers(&headers).body(&self.body);
        let mut bytes = encode_with(|out| reject.write_head(out))?;
        if with_body {
            bytes.extend_from_slice(&self.body);
        }
        Ok(bytes)
    }
}

impl From<handshake::Reject<'static>> for Response {
    fn from(reject: handshake::Reject<'static>) -> Self {
        let (headers, body) = reject.into_parts();
        let text = |value| String::from_utf8_lossy(value).into_owned();
        Self {
            status: reject.status(),
            headers: headers.iter().map(|&(name, value)| (name.to_owned(), text(value))).collect(),
            body: Bytes::from_static(body),
        }
    }
}

/// Encodes a quoted string (RFC 9110 section 5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Calls `write` with as much room as it needs.
pub(crate) fn encode_with(
    write: impl Fn(&mut [u8]) -> Result<usize, handshake::ResponseError>,
) -> Result<BytesMut, handshake::ResponseError> {
    let mut bytes = BytesMut::zeroed(256);
    let length = match write(&mut bytes) {
        Err(handshake::ResponseError::BufferTooSmall { needed }) => {
            bytes.resize(needed, 0);
            write(&mut bytes)?
        }
        written => written?,
    };
    bytes.truncate(length);
    Ok(bytes)
}

pub(crate) fn borrow_headers(headers: &[(String, String)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}
