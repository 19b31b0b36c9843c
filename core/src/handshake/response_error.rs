//! The error of a response that cannot be written.

use core::fmt;

/// The error of [`Accept::write`](super::Accept::write) and
/// [`PlainResponse::write`](super::PlainResponse::write), which have then written nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ResponseError {
    /// The answer does not fit.
    BufferTooSmall {
        /// The number of bytes that it takes.
        needed: usize,
    },
    /// A header name that is not a token, or a value with CR, LF, NUL or another control byte, so
    /// that no response can be split.
    InvalidHeader,
    /// A header that the answer writes itself, or that contradicts it.
    ReservedHeader,
    /// A subprotocol that is not a token.
    InvalidSubprotocol,
    /// Extensions that violate the grammar of RFC 6455 section 9.1.
    InvalidExtensions,
    /// A status that ends no exchange: below 200 or above 599.
    InvalidStatus,
    /// A body for a status that has none: 204, 205 or 304.
    UnexpectedBody,
}

impl fmt::Display for ResponseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BufferTooSmall { needed } => write!(formatter, "response needs {needed} bytes"),
            Self::InvalidHeader => formatter.write_str("invalid header name or value"),
            Self::ReservedHeader => {
                formatter.write_str("header is written by the handshake itself")
            }
            Self::InvalidSubprotocol => formatter.write_str("subprotocol is not a token"),
            Self::InvalidExtensions => formatter.write_str("malformed extensions"),
            Self::InvalidStatus => formatter.write_str("status is not between 200 and 599"),
            Self::UnexpectedBody => formatter.write_str("status has no body"),
        }
    }
}

impl core::error::Error for ResponseError {}
