//! HTTP responses.

use bytes::{Bytes, BytesMut};
use websocket_listener_core::handshake;

use super::header::{self, Headers, InvalidHeaderError, borrow_headers};
use super::set_cookie::{InvalidCookieError, SetCookie};
use super::status::Status;

/// A response: status, headers and body. The listener adds `Connection: close` and `Content-Length`.
///
/// A header is checked where it is added, so a value that a peer has chosen can neither split the
/// response nor spoil it later.
///
/// ```
/// use websocket_listener::http::Response;
/// use websocket_listener::http::{InvalidHeaderError, Status};
///
/// let forbidden = Response::new(Status::FORBIDDEN).body("members only\n");
/// let page = Response::html("<h1>hello</h1>").header("Cache-Control", "no-store")?;
///
/// let from_a_peer = "en\r\nSet-Cookie: evil=1";
/// let split = Response::html("hello").header("Content-Language", from_a_peer);
/// assert_eq!(split.unwrap_err(), InvalidHeaderError::Value);
/// # let _ = (forbidden, page);
/// # Ok::<_, InvalidHeaderError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    pub(crate) status: Status,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

impl Response {
    /// Creates an empty response with this status.
    #[must_use]
    pub fn new(status: Status) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Creates a 200 with a page of HTML in UTF-8.
    #[must_use]
    pub fn html(page: impl Into<Bytes>) -> Self {
        Self::new(Status::OK).with("Content-Type", "text/html; charset=utf-8").body(page)
    }

    /// Creates a 200 with plain text in UTF-8.
    #[must_use]
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self::new(Status::OK).with("Content-Type", "text/plain; charset=utf-8").body(text)
    }

    /// Creates a redirect to `location`, with status 301, 302, 303, 307 or 308. Browsers do not
    /// follow redirects for WebSockets.
    ///
    /// ```
    /// use websocket_listener::http::Response;
    /// use websocket_listener::http::Status;
    ///
    /// let moved = Response::redirect(Status::FOUND, "https://example.com/chat")?;
    /// # let _ = moved;
    /// # Ok::<_, websocket_listener::http::InvalidHeaderError>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidHeaderError::Value`] if the location has a control byte.
    pub fn redirect(
        status: Status,
        location: impl Into<String>,
    ) -> Result<Self, InvalidHeaderError> {
        Self::new(status).header("Location", location)
    }

    /// Creates a 401 that requests a user and a password (RFC 7617). Browsers prompt for them when a
    /// page is loaded, and send them with the page's WebSockets.
    ///
    /// # Errors
    /// [`InvalidHeaderError::Value`] if the realm has a control byte.
    pub fn basic_challenge(realm: &str) -> Result<Self, InvalidHeaderError> {
        let challenge = format!("Basic realm={}, charset=\"UTF-8\"", quoted(realm));
        Self::challenge(challenge, "A user and a password are needed.")
    }

    /// Creates a 401 that requests a bearer token (RFC 6750 section 3).
    ///
    /// # Errors
    /// [`InvalidHeaderError::Value`] if the realm has a control byte.
    pub fn bearer_challenge(realm: &str) -> Result<Self, InvalidHeaderError> {
        let challenge = format!("Bearer realm={}", quoted(realm));
        Self::challenge(challenge, "A bearer token is needed.")
    }

    fn challenge(challenge: String, why: &'static str) -> Result<Self, InvalidHeaderError> {
        Self::plain(Status::UNAUTHORIZED, why).header("WWW-Authenticate", challenge)
    }

    /// Creates the response in place of an answer that cannot be sent.
    pub(crate) fn invalid() -> Self {
        Self::plain(Status::INTERNAL_SERVER_ERROR, "the application's answer is invalid")
    }

    /// Creates a response with one line of text.
    pub(crate) fn plain(status: Status, why: &'static str) -> Self {
        Self::new(status).with("Content-Type", "text/plain").body(why)
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`InvalidHeaderError`] if the name is not a token, if the value has a control byte such as CR
    /// or LF, and for the headers that the listener writes itself: `Connection`, `Content-Length`
    /// and `Transfer-Encoding`.
    pub fn header(
        self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InvalidHeaderError> {
        let (name, value) = (name.into(), value.into());
        header::check(&name, value.as_bytes(), header::is_framing)?;
        Ok(self.with(name, value))
    }

    /// Sets a cookie.
    #[must_use]
    pub fn cookie(self, cookie: &SetCookie) -> Self {
        self.with("Set-Cookie", cookie.to_string())
    }

    /// Sets the body. With the statuses 204, 205 and 304 none is sent.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Adds a header that is known to be valid.
    #[must_use]
    pub(crate) fn with(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Encodes the response, without its body in answer to HEAD.
    pub(crate) fn encode(&self, with_body: bool) -> Result<BytesMut, handshake::ResponseError> {
        let headers = borrow_headers(&self.headers);
        let body = if self.status.has_body() { &self.body[..] } else { &[] };
        let reject = handshake::PlainResponse::new(self.status.code()).headers(&headers).body(body);
        let mut bytes = encode_with(|out| reject.write_head(out))?;
        if with_body {
            bytes.extend_from_slice(body);
        }
        Ok(bytes)
    }
}

/// 500, for code that leaves early with `?`.
impl From<InvalidHeaderError> for Response {
    fn from(_: InvalidHeaderError) -> Self {
        Self::invalid()
    }
}

/// 500, for code that leaves early with `?`.
impl From<InvalidCookieError> for Response {
    fn from(_: InvalidCookieError) -> Self {
        Self::invalid()
    }
}

impl From<handshake::PlainResponse<'static>> for Response {
    fn from(reject: handshake::PlainResponse<'static>) -> Self {
        let (headers, body) = reject.into_parts();
        let status = Status::new(reject.status()).unwrap_or(Status::INTERNAL_SERVER_ERROR);
        let response = Self::new(status).body(Bytes::from_static(body));
        headers.iter().fold(response, |response, &(name, value)| response.with(name, value))
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
