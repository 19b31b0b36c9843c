//! The server's plain HTTP responses: a refusal, a redirect, a page (RFC 6455 section 4.2.2,
//! RFC 9112 section 4).

use core::fmt;

use super::http::writer::{self, HeadWriter};
use super::http::{HeadError, reason_phrase, syntax};
use super::response_error::ResponseError;
use super::upgrade_error::UpgradeError;

/// A response after which the connection closes: a refusal, a redirect, or a page.
///
/// It writes the status line, `Connection: close`, `Content-Length` and the given headers. The
/// caller adds the `Content-Type` of a body. `From` converts an error of the handshake, adds the
/// headers that the status calls for, and with the feature `explanations` the error's message as
/// the body:
///
/// ```
/// use websocket_listener_core::handshake::{PlainResponse, UpgradeError};
///
/// let moved = PlainResponse::new(308).headers(&[("Location", b"/chat")]);
/// let mut out = [0; 256];
/// let length = moved.write(&mut out).unwrap();
/// assert_eq!(
///     str::from_utf8(&out[..length]).unwrap(),
///     "HTTP/1.1 308 Permanent Redirect\r\nConnection: close\r\nContent-Length: 0\r\n\
///      Location: /chat\r\n\r\n",
/// );
///
/// assert_eq!(PlainResponse::from(UpgradeError::Method).status(), 405);
/// ```
#[doc(alias = "reject")]
#[doc(alias = "refuse")]
#[doc(alias = "redirect")]
#[derive(Clone, Copy)]
pub struct PlainResponse<'a> {
    status: u16,
    /// The phrase is looked up by `new`: if the status is a constant, only its own phrase is
    /// linked.
    reason: &'static str,
    headers: &'a [(&'a str, &'a [u8])],
    body: &'a [u8],
}

impl<'a> PlainResponse<'a> {
    /// Creates a response without headers and body. `write` checks the status.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, reason: reason_phrase(status), headers: &[], body: &[] }
    }

    /// Creates a response with this status that explains itself: with the feature `explanations` by
    /// one line of `text/plain`, without it by the status alone.
    ///
    /// ```
    /// use websocket_listener_core::handshake::PlainResponse;
    ///
    /// const BUSY: PlainResponse<'static> = PlainResponse::explained(503, "every slot is in use");
    /// assert_eq!(BUSY.status(), 503);
    /// ```
    #[must_use]
    pub const fn explained(status: u16, explanation: &'static str) -> PlainResponse<'static> {
        explain(with_text(status, &[TEXT]), explanation)
    }

    /// Sets further headers; they replace those given before.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the body.
    #[must_use]
    pub const fn body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Returns headers and body, for callers that write them in another way, over HTTP/2 for
    /// example.
    #[must_use]
    pub const fn into_parts(self) -> (&'a [(&'a str, &'a [u8])], &'a [u8]) {
        (self.headers, self.body)
    }

    /// Writes only the head, with the length of the body, to the front of `out` and returns its
    /// length: for a body that is sent from its own memory, and for the answer to HEAD.
    ///
    /// # Errors
    /// [`ResponseError`]; then `out` is as it was. Reserved are `Connection`, `Content-Length` and
    /// `Transfer-Encoding`.
    pub fn write_head(&self, out: &mut [u8]) -> Result<usize, ResponseError> {
        self.write_with_body(out, &[])
    }

    /// Writes head and body to the front of `out` and returns their length.
    ///
    /// # Errors
    /// As [`write_head`](Self::write_head).
    pub fn write(&self, out: &mut [u8]) -> Result<usize, ResponseError> {
        self.write_with_body(out, self.body)
    }

    fn write_with_body(&self, out: &mut [u8], body: &[u8]) -> Result<usize, ResponseError> {
        self.check()?;
        writer::write(out, |writer| {
            self.compose_head(writer);
            writer.bytes(body);
        })
        .map_err(|needed| ResponseError::BufferTooSmall { needed })
    }

    fn check(&self) -> Result<(), ResponseError> {
        if !(200..=599).contains(&self.status) {
            return Err(ResponseError::InvalidStatus);
        }
        if matches!(self.status, 204 | 205 | 304) && !self.body.is_empty() {
            return Err(ResponseError::UnexpectedBody);
        }
        for (name, value) in self.headers {
            if !syntax::is_header(name, value) {
                return Err(ResponseError::InvalidHeader);
            }
            if syntax::is_connection_header(name) {
                return Err(ResponseError::ReservedHeader);
            }
        }
        Ok(())
    }

    fn compose_head(&self, writer: &mut HeadWriter<'_>) {
        writer.bytes(b"HTTP/1.1 ");
        writer.decimal(self.status.into());
        writer.bytes(b" ");
        writer.bytes(self.reason.as_bytes());
        writer.end_line();
        // A sender of Upgrade has to list it in Connection (RFC 9110 section 7.8).
        let upgrade =
            self.headers.iter().any(|(name, _)| syntax::is_name(name.as_bytes(), "Upgrade"));
        writer.header("Connection", if upgrade { b"close, Upgrade" } else { b"close" });
        // RFC 9110 section 8.6 forbids it with 204; with 304 it would be the length of another
        // representation.
        if !matches!(self.status, 204 | 304) {
            writer.bytes(b"Content-Length: ");
            writer.decimal(self.body.len());
            writer.end_line();
        }
        writer.headers(self.headers);
        writer.end_line();
    }
}

impl From<HeadError> for PlainResponse<'static> {
    fn from(error: HeadError) -> Self {
        refusal(error.status(), error.message())
    }
}

impl From<UpgradeError> for PlainResponse<'static> {
    fn from(error: UpgradeError) -> Self {
        refusal(error.status(), error.message())
    }
}

impl fmt::Debug for PlainResponse<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PlainResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Returns the answer to an error of the handshake; to another version, the one spoken
/// (RFC 6455 section 4.4).
fn refusal(status: u16, message: &'static str) -> PlainResponse<'static> {
    let response = match status {
        405 => METHOD_NOT_ALLOWED,
        426 => UPGRADE_REQUIRED,
        431 => TOO_LARGE,
        505 => VERSION_NOT_SUPPORTED,
        _ => BAD_REQUEST,
    };
    explain(response, message)
}

const fn explain(
    response: PlainResponse<'static>,
    message: &'static str,
) -> PlainResponse<'static> {
    if cfg!(feature = "explanations") { response.body(message.as_bytes()) } else { response }
}

const BAD_REQUEST: PlainResponse<'static> = with_text(400, &[TEXT]);
/// RFC 9110 section 15.5.6.
const METHOD_NOT_ALLOWED: PlainResponse<'static> = with_text(405, &[("Allow", b"GET"), TEXT]);
/// RFC 6455 section 4.4, and RFC 9110 section 15.5.22.
const UPGRADE_REQUIRED: PlainResponse<'static> =
    with_text(426, &[("Sec-WebSocket-Version", b"13"), ("Upgrade", b"websocket"), TEXT]);
/// RFC 6585 section 5.
const TOO_LARGE: PlainResponse<'static> = with_text(431, &[TEXT]);
const VERSION_NOT_SUPPORTED: PlainResponse<'static> = with_text(505, &[TEXT]);
/// The type of an explanation.
const TEXT: (&str, &[u8]) = ("Content-Type", b"text/plain");

/// Creates a response whose last header belongs to its explanation, and is left out without one.
const fn with_text(
    status: u16,
    headers: &'static [(&'static str, &'static [u8])],
) -> PlainResponse<'static> {
    match headers.split_last() {
        Some((_, others)) if !cfg!(feature = "explanations") => {
            PlainResponse::new(status).headers(others)
        }
        _ => PlainResponse::new(status).headers(headers),
    }
}
