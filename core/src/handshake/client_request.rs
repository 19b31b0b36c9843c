//! The client's opening request (RFC 6455 section 4.1).

use core::fmt;

use super::extension::is_extension_list;
use super::http::{syntax, writer};
use super::key::{KEY_LENGTH, encode_key};
use super::opening_fields::is_handshake_header;
use super::response::Response;
use super::target::is_resource_name;
use super::verify::{self, Established, VerifyError};

/// The opening request of a client. Write it, read the [`Response`], and check the response with
/// [`verify`](Self::verify).
///
/// ```
/// use websocket_listener_core::handshake::{ClientRequest, Response};
///
/// let nonce = *b"the sample nonce"; // 16 random bytes, new for every connection
/// let request = ClientRequest::new("server.example.com", "/chat", nonce).subprotocols(&["chat", "superchat"]);
/// let mut out = [0; 512];
/// let length = request.write(&mut out).unwrap();
/// assert!(out[..length].starts_with(b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"));
///
/// let response = Response::parse(
///     b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
///       Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\r\n",
/// ).unwrap();
/// assert_eq!(request.verify(&response).unwrap().subprotocol(), Some("chat"));
/// ```
#[doc(alias = "connect_async")]
#[derive(Clone, Copy)]
pub struct ClientRequest<'a> {
    host: &'a str,
    target: &'a str,
    key: [u8; KEY_LENGTH],
    subprotocols: &'a [&'a str],
    extensions: Option<&'a str>,
    headers: &'a [(&'a str, &'a [u8])],
}

/// The error of [`ClientRequest::write`], which has then written nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClientRequestError {
    /// The request does not fit.
    BufferTooSmall {
        /// The number of bytes that it takes.
        needed: usize,
    },
    /// The host is empty or has bytes that no host has.
    InvalidHost,
    /// The target does not begin with `/`, or has a fragment, a space, or bytes outside printable
    /// ASCII.
    InvalidTarget,
    /// A subprotocol that is not a token, or is listed twice.
    InvalidSubprotocol,
    /// Extensions that violate the grammar of RFC 6455 section 9.1.
    InvalidExtensions,
    /// A header name that is not a token, or a value with CR, LF, NUL or another control byte.
    InvalidHeader,
    /// A header that the request writes itself, or that contradicts it.
    ReservedHeader,
}

impl<'a> ClientRequest<'a> {
    /// Creates a request. `host`: the authority of the URI, the port included unless it is the
    /// default. `target`: path and query. `nonce`: 16 bytes from a good random source, new for
    /// every connection (RFC 6455 section 4.1 item 7 of the requirements).
    #[must_use]
    pub fn new(host: &'a str, target: &'a str, nonce: [u8; 16]) -> Self {
        Self {
            host,
            target,
            key: encode_key(nonce),
            subprotocols: &[],
            extensions: None,
            headers: &[],
        }
    }

    /// Sets the subprotocols to offer, the preferred one first.
    #[must_use]
    pub const fn subprotocols(self, subprotocols: &'a [&'a str]) -> Self {
        Self { subprotocols, ..self }
    }

    /// Sets the value of `Sec-WebSocket-Extensions`: the extensions to offer, the preferred one
    /// first (RFC 6455 section 9.1).
    #[must_use]
    pub const fn extensions(self, extensions: &'a str) -> Self {
        Self { extensions: Some(extensions), ..self }
    }

    /// Sets further headers, such as `Origin`, `Authorization` or `Cookie`; they replace those
    /// given before.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    /// Writes the request to the front of `out` and returns its length.
    ///
    /// # Errors
    /// [`ClientRequestError`]; then `out` is as it was. Reserved are `Host`, `Upgrade`,
    /// `Connection`, `Content-Length`, `Transfer-Encoding` and every `Sec-WebSocket-` header.
    pub fn write(&self, out: &mut [u8]) -> Result<usize, ClientRequestError> {
        self.check()?;
        writer::write(out, |writer| {
            writer.bytes(b"GET ");
            writer.bytes(self.target.as_bytes());
            writer.bytes(b" HTTP/1.1\r\n");
            writer.header("Host", self.host.as_bytes());
            writer.bytes(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
            writer.header("Sec-WebSocket-Key", &self.key);
            writer.bytes(b"Sec-WebSocket-Version: 13\r\n");
            if let Some((first, others)) = self.subprotocols.split_first() {
                writer.bytes(b"Sec-WebSocket-Protocol: ");
                writer.bytes(first.as_bytes());
                for other in others {
                    writer.bytes(b", ");
                    writer.bytes(other.as_bytes());
                }
                writer.end_line();
            }
            if let Some(extensions) = self.extensions {
                writer.header("Sec-WebSocket-Extensions", extensions.as_bytes());
            }
            writer.headers(self.headers);
            writer.end_line();
        })
        .map_err(|needed| ClientRequestError::BufferTooSmall { needed })
    }

    /// Checks the server's answer (RFC 6455 section 4.1, from "Once the client's opening handshake
    /// has been sent").
    ///
    /// If it is valid, the bytes after the response are frames. If not, the client must send
    /// nothing more and close the transport. With [`VerifyError::Status`] the response holds the
    /// reason: a redirect, 401, …
    ///
    /// # Errors
    /// [`VerifyError`] names the first rule broken.
    pub fn verify<B: AsRef<[u8]>>(
        &self,
        response: &Response<B>,
    ) -> Result<Established<'a>, VerifyError> {
        verify::verify(&self.key, self.subprotocols, self.extensions.unwrap_or_default(), response)
    }

    fn check(&self) -> Result<(), ClientRequestError> {
        if !syntax::is_host(self.host.as_bytes()) {
            return Err(ClientRequestError::InvalidHost);
        }
        if !is_resource_name(self.target.as_bytes()) {
            return Err(ClientRequestError::InvalidTarget);
        }
        let mut others = self.subprotocols.iter();
        while let Some(subprotocol) = others.next() {
            if !syntax::is_token(subprotocol.as_bytes()) || others.as_slice().contains(subprotocol)
            {
                return Err(ClientRequestError::InvalidSubprotocol);
            }
        }
        if self.extensions.is_some_and(|extensions| !is_extension_list(extensions)) {
            return Err(ClientRequestError::InvalidExtensions);
        }
        for (name, value) in self.headers {
            if !syntax::is_header(name, value) {
                return Err(ClientRequestError::InvalidHeader);
            }
            if is_handshake_header(name) || syntax::is_name(name.as_bytes(), "Host") {
                return Err(ClientRequestError::ReservedHeader);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ClientRequest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientRequest")
            .field("host", &self.host)
            .field("target", &self.target)
            .field("subprotocols", &self.subprotocols)
            .field("extensions", &self.extensions)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ClientRequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed } => write!(formatter, "request needs {needed} bytes"),
            Self::InvalidHost => formatter.write_str("invalid host"),
            Self::InvalidTarget => formatter.write_str("invalid request target"),
            Self::InvalidSubprotocol => {
                formatter.write_str("subprotocol is not a token, or stands twice")
            }
            Self::InvalidExtensions => formatter.write_str("malformed extensions"),
            Self::InvalidHeader => formatter.write_str("invalid header name or value"),
            Self::ReservedHeader => {
                formatter.write_str("header is written by the handshake itself")
            }
        }
    }
}

impl core::error::Error for ClientRequestError {}
