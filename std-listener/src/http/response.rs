//! HTTP responses.

use bytes::{Bytes, BytesMut};
use websocket_listener_core::handshake;

/// A response: status, headers, body. The listener adds `Connection: close` and `Content-Length`.
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
    /// An empty response with this status, 200 to 599.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The response as bytes, without its body if that is not asked for (HEAD).
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

/// Calls `write` with as much room as it turns out to need.
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
