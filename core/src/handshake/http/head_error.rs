//! The faults of an HTTP head.

use core::fmt;

/// The error of a head that is not a request or a response of HTTP/1, or exceeds the limits.
///
/// [`HeadScanner::scan`](crate::handshake::HeadScanner::scan) finds the first seven while the head
/// arrives, [`Request::parse`](crate::handshake::Request::parse) and
/// [`Response::parse`](crate::handshake::Response::parse) the others in the complete head. A server
/// answers with `PlainResponse::from` the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HeadError {
    /// More bytes than [`HeadLimits::bytes`](crate::handshake::HeadLimits::bytes).
    TooLarge,
    /// More header lines than [`HeadLimits::headers`](crate::handshake::HeadLimits::headers).
    TooManyHeaders,
    /// The first byte starts neither a method nor a status line, as in a TLS hello.
    NotHttp,
    /// A control byte other than HTAB, CR and LF (RFC 9110 section 5.5).
    ControlByte,
    /// A CR without its LF (RFC 9112 section 2.2).
    BareCarriageReturn,
    /// An LF without its CR (RFC 9112 section 2.2).
    BareLineFeed,
    /// A line that begins with a space or HTAB: obsolete line folding (RFC 9112 section 5.2).
    FoldedLine,
    /// The head has no end.
    Incomplete,
    /// Bytes after the end of the head.
    TrailingBytes,
    /// An empty line in front, or a line that does not end with CR LF.
    LineEnd,
    /// The request line is not `method SP target SP version` (RFC 9112 section 3), or the status
    /// line not `version SP status SP reason` (RFC 9112 section 4).
    StartLine,
    /// Neither HTTP/1.0 nor HTTP/1.1.
    Version,
    /// A header name or value that violates RFC 9112 section 5.
    Header,
    /// More interim responses than
    /// [`MAX_INTERIM_RESPONSES`](crate::handshake::MAX_INTERIM_RESPONSES).
    TooManyInterim,
}

impl HeadError {
    /// Returns the HTTP status that answers a request: 431 (RFC 6585 section 5), 505 or 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::TooLarge | Self::TooManyHeaders => 431,
            Self::Version => 505,
            _ => 400,
        }
    }

    /// Returns the explanation for the client whose request it is, in one line.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The request head is too large.",
            Self::TooManyHeaders => "The request has too many headers.",
            Self::NotHttp => "This is not HTTP.",
            Self::ControlByte => "The request head contains a control byte.",
            Self::BareCarriageReturn => "The request head contains a CR without LF.",
            Self::BareLineFeed => "The request head contains a LF without CR.",
            Self::FoldedLine => "Folded header lines are not accepted.",
            Self::Incomplete => "The request head has no end.",
            Self::TrailingBytes => "Bytes follow the request head.",
            Self::LineEnd => {
                "Every line of the request head must end with CR LF, and none may stand before it."
            }
            Self::StartLine => "The request line is malformed.",
            Self::Version => "Only HTTP/1.1 is spoken here.",
            Self::Header => "A header is malformed.",
            Self::TooManyInterim => "Too many interim responses.",
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLarge => "head too large",
            Self::TooManyHeaders => "too many headers",
            Self::NotHttp => "not HTTP",
            Self::ControlByte => "control byte in the head",
            Self::BareCarriageReturn => "CR without LF in the head",
            Self::BareLineFeed => "LF without CR in the head",
            Self::FoldedLine => "folded header line",
            Self::Incomplete => "head without end",
            Self::TrailingBytes => "bytes after the head",
            Self::LineEnd => "line without CR LF, or an empty line in front",
            Self::StartLine => "malformed request line or status line",
            Self::Version => "neither HTTP/1.0 nor HTTP/1.1",
            Self::Header => "malformed header",
            Self::TooManyInterim => "too many interim responses",
        })
    }
}

impl core::error::Error for HeadError {}
