//! The faults of compressed data.

use core::fmt;

/// Data that is not DEFLATE (RFC 1951), or refers to what was never sent. The inflater returns it
/// again at every later call, because what follows cannot be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InflateError {
    /// The reserved block type (RFC 1951 section 3.2.3).
    BlockType,
    /// A stored block whose length and its complement do not match (section 3.2.4).
    StoredLength,
    /// More than 286 literal and length codes, or more than 30 distance codes (section 3.2.7).
    TooManyCodes,
    /// Code lengths that are repeated beyond the last code, or with none before (section 3.2.7).
    RepeatedLength,
    /// Code lengths that make no prefix code, or leave a part of one unused; or a block that could
    /// not end (section 3.2.2).
    CodeLengths,
    /// Bits that are not a code of the block, or a symbol that is reserved (section 3.2.6).
    Symbol,
    /// A distance further back than the window, or than anything was sent (section 2).
    Distance,
    /// The message ends inside a block.
    Truncated,
}

impl fmt::Display for InflateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::BlockType => "reserved block type",
            Self::StoredLength => "length of a stored block does not match its complement",
            Self::TooManyCodes => "too many codes",
            Self::RepeatedLength => "invalid repetition of a code length",
            Self::CodeLengths => "invalid code lengths",
            Self::Symbol => "invalid symbol",
            Self::Distance => "distance beyond the window",
            Self::Truncated => "message ends inside a block",
        })
    }
}

impl core::error::Error for InflateError {}
