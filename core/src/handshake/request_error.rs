//! Why a whole head is not a request.

use core::fmt;

use super::http::lines::LineFault;

/// Refusal of [`Request::parse`](super::Request::parse). `Reject::from` turns it into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RequestError {
    /// More than [`MAX_HEAD_BYTES`](super::MAX_HEAD_BYTES).
    TooLarge,
    /// More than [`MAX_HEADERS`](super::MAX_HEADERS).
    TooManyHeaders,
    /// The head has no end.
    Incomplete,
    /// Bytes after the end of the head.
    TrailingBytes,
    /// An empty line in front, or a line that does not end with CR LF.
    LineEnd,
    /// The request line is not `method SP target SP version` (RFC 9112 section 3).
    RequestLine,
    /// Neither HTTP/1.0 nor HTTP/1.1.
    Version,
    /// A header name or value that violates RFC 9112 section 5.
    Header,
}

impl RequestError {
    /// The HTTP status that answers it: 431, 505 or 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::TooLarge | Self::TooManyHeaders => 431,
            Self::Version => 505,
            _ => 400,
        }
    }

    /// Why, in one line for the peer.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The request head is too large.",
            Self::TooManyHeaders => "The request has too many headers.",
            Self::Incomplete => "The request head has no end.",
            Self::TrailingBytes => "Bytes follow the request head.",
            Self::LineEnd => {
                "Every line of the request head must end with CR LF, and none may stand before it."
            }
            Self::RequestLine => "The request line is malformed.",
            Self::Version => "Only HTTP/1.1 is spoken here.",
            Self::Header => "A header is malformed.",
        }
    }
}

impl From<LineFault> for RequestError {
    fn from(fault: LineFault) -> Self {
        match fault {
            LineFault::Incomplete => Self::Incomplete,
            LineFault::TrailingBytes => Self::TrailingBytes,
            LineFault::LineEnd => Self::LineEnd,
            LineFault::TooManyHeaders => Self::TooManyHeaders,
            LineFault::Header => Self::Header,
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLarge => "request head too large",
            Self::TooManyHeaders => "too many headers",
            Self::Incomplete => "request head without end",
            Self::TrailingBytes => "bytes after the request head",
            Self::LineEnd => "line without CR LF, or an empty line in front",
            Self::RequestLine => "malformed request line",
            Self::Version => "neither HTTP/1.0 nor HTTP/1.1",
            Self::Header => "malformed header",
        })
    }
}

impl core::error::Error for RequestError {}
