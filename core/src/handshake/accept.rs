//! The server's acceptance (RFC 6455 section 4.2.2).

use core::fmt;

use super::extension::is_extension_list;
use super::http::{syntax, writer};
use super::opening_fields::is_handshake_header;
use super::response_error::ResponseError;
use super::upgrade::Upgrade;

/// The response that opens a WebSocket: `101 Switching Protocols`. The bytes after it are frames.
///
/// ```
/// use websocket_listener_core::handshake::{Accept, Request};
///
/// let head = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// let upgrade = Request::parse(head).unwrap().upgrade().unwrap();
///
/// let mut out = [0; 256];
/// let accept = Accept::new(&upgrade).subprotocol("chat").headers(&[("Set-Cookie", b"id=1")]);
/// let length = accept.write(&mut out).unwrap();
/// assert_eq!(
///     str::from_utf8(&out[..length]).unwrap(),
///     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nSet-Cookie: id=1\r\n\r\n",
/// );
/// ```
#[doc(alias = "accept_async")]
#[doc(alias = "101")]
#[derive(Clone, Copy)]
pub struct Accept<'a> {
    upgrade: Upgrade,
    subprotocol: Option<&'a str>,
    extensions: Option<&'a str>,
    headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Accept<'a> {
    /// Creates an acceptance without subprotocol, extensions and further headers.
    #[must_use]
    pub const fn new(upgrade: &Upgrade) -> Self {
        Self { upgrade: *upgrade, subprotocol: None, extensions: None, headers: &[] }
    }

    /// Sets the subprotocol to speak. It has to be one that the client offered, otherwise the
    /// client fails the connection (RFC 6455 section 4.1): take it from
    /// [`select_subprotocol`](super::select_subprotocol).
    #[must_use]
    pub const fn subprotocol(self, subprotocol: &'a str) -> Self {
        Self { subprotocol: Some(subprotocol), ..self }
    }

    /// Sets the value of `Sec-WebSocket-Extensions`: the extensions in use, which the client has
    /// offered (RFC 6455 section 9.1).
    #[must_use]
    pub const fn extensions(self, extensions: &'a str) -> Self {
        Self { extensions: Some(extensions), ..self }
    }

    /// Sets further headers, such as `Set-Cookie`; they replace those given before.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    /// Writes the head to the front of `out` and returns its length.
    ///
    /// # Errors
    /// [`ResponseError`]; then `out` is as it was. Reserved are `Upgrade`, `Connection`,
    /// `Content-Length`, `Transfer-Encoding` and every `Sec-WebSocket-` header.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, ResponseError> {
        if self.subprotocol.is_some_and(|subprotocol| !syntax::is_token(subprotocol.as_bytes())) {
            return Err(ResponseError::InvalidSubprotocol);
        }
        if self.extensions.is_some_and(|extensions| !is_extension_list(extensions)) {
            return Err(ResponseError::InvalidExtensions);
        }
        for (name, value) in self.headers {
            if !syntax::is_header(name, value) {
                return Err(ResponseError::InvalidHeader);
            }
            if is_handshake_header(name) {
                return Err(ResponseError::ReservedHeader);
            }
        }
        writer::write(out, |writer| {
            writer.bytes(b"HTTP/1.1 101 Switching Protocols\r\n");
            writer.bytes(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
            writer.header("Sec-WebSocket-Accept", self.upgrade.accept_bytes());
            if let Some(subprotocol) = self.subprotocol {
                writer.header("Sec-WebSocket-Protocol", subprotocol.as_bytes());
            }
            if let Some(extensions) = self.extensions {
                writer.header("Sec-WebSocket-Extensions", extensions.as_bytes());
            }
            writer.headers(self.headers);
            writer.end_line();
        })
        .map_err(|needed| ResponseError::BufferTooSmall { needed })
    }
}

impl fmt::Debug for Accept<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Accept")
            .field("subprotocol", &self.subprotocol)
            .field("extensions", &self.extensions)
            .finish_non_exhaustive()
    }
}
