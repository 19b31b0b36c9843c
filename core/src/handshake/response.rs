//! The server's response (RFC 9112 sections 2 and 4), read in place.

use core::fmt;

use super::extension::{self, ExtensionOffer};
use super::http::headers::Headers;
use super::http::lines::{Lines, minor_version};
use super::http::syntax::{self, split_at_byte};
use super::http::{HeadError, MAX_HEAD_BYTES};

/// A parsed response head: the bytes, and the position of the headers.
///
/// The client's counterpart of [`Request`](super::Request), with the same limits and the same way
/// to read headers.
///
/// ```
/// use websocket_listener_core::handshake::Response;
///
/// let response = Response::parse(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n").unwrap();
/// assert_eq!((response.status(), response.reason()), (302, "Found"));
/// assert_eq!(response.header("location"), Some(&b"/elsewhere"[..]));
/// ```
#[derive(Clone, Copy)]
pub struct Response<B> {
    head: B,
    headers_start: u16,
    status: u16,
    version: u8,
}

impl<B: AsRef<[u8]>> Response<B> {
    /// Reads `head`: exactly one head, to the end of its empty line, as
    /// [`HeadScanner`](super::HeadScanner) finds it.
    ///
    /// # Errors
    /// [`HeadError`].
    pub fn parse(head: B) -> Result<Self, HeadError> {
        let bytes = head.as_ref();
        if bytes.len() > MAX_HEAD_BYTES {
            return Err(HeadError::TooLarge);
        }
        let (line, headers) = Lines::split_first(bytes)?;
        let headers_start = bytes.len().saturating_sub(headers.len());
        let (version, rest) = split_at_byte(line, b' ').ok_or(HeadError::Version)?;
        let version = minor_version(version).ok_or(HeadError::Version)?;
        let status = status(rest).ok_or(HeadError::StartLine)?;
        headers.check_headers(|_, _| {})?;
        // The cast loses no bits: the head has at most MAX_HEAD_BYTES.
        Ok(Self { head, headers_start: headers_start as u16, status, version })
    }

    /// Returns the bytes as they came.
    pub fn head(&self) -> &[u8] {
        self.head.as_ref()
    }

    /// Returns the status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns true for an interim response, which another one follows: 1xx except for 101 (RFC 9110
    /// section 15.2).
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// Returns the reason phrase; empty if there is none or it is not UTF-8.
    pub fn reason(&self) -> &str {
        let line = self.head().get(..usize::from(self.headers_start)).unwrap_or_default();
        let reason = line.splitn(3, |&byte| byte == b' ').nth(2).unwrap_or_default();
        str::from_utf8(reason.trim_ascii_end()).unwrap_or_default()
    }

    /// Returns the minor version: 0 for HTTP/1.0, 1 for HTTP/1.1.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// Returns the value of the first header of that name, without the white space around it.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        self.lines().first(name)
    }

    /// Returns [`header`](Self::header), if it is UTF-8.
    pub fn header_str(&self, name: &str) -> Option<&str> {
        self.header(name).and_then(|value| str::from_utf8(value).ok())
    }

    /// Returns every value of that name, in order.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.lines().values(name)
    }

    /// Returns all headers, in order, values without the white space around them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> + Clone {
        self.lines().named()
    }

    /// Returns the elements of a list, as
    /// [`Request::header_tokens`](super::Request::header_tokens).
    pub fn header_tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.lines().tokens(name)
    }

    /// Returns the extensions in use, in order, once [`verify`](super::ClientRequest::verify) has
    /// accepted the response.
    pub fn extensions(&self) -> impl Iterator<Item = ExtensionOffer<'_>> + Clone {
        extension::offers(self.lines()).filter_map(Result::ok)
    }

    /// Returns the same response over other storage, which has to hold the same bytes.
    pub fn map_head<C>(self, map: impl FnOnce(B) -> C) -> Response<C> {
        Response {
            head: map(self.head),
            headers_start: self.headers_start,
            status: self.status,
            version: self.version,
        }
    }

    pub(super) fn lines(&self) -> Headers<'_> {
        Headers::new(self.head().get(usize::from(self.headers_start)..).unwrap_or_default())
    }
}

impl<B: AsRef<[u8]>> fmt::Debug for Response<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Returns the status code that follows the version in a status line, if a reason or nothing
/// follows it.
fn status(line: &[u8]) -> Option<u16> {
    let (digits, reason) = line.split_at_checked(3)?;
    if !matches!(reason, [] | [b' ', ..]) || !syntax::is_field_content(reason) {
        return None;
    }
    digits.iter().try_fold(0u16, |status, digit| {
        let digit = digit.is_ascii_digit().then_some(digit & 0x0f)?;
        status.checked_mul(10)?.checked_add(digit.into())
    })
}
