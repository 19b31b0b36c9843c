//! Why bytes are not the head of an HTTP message.

use core::fmt;

/// Refusal of a head while it arrives. `Reject::from` turns it into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HeadError {
    /// More bytes than [`HeadLimits::bytes`](super::HeadLimits::bytes).
    TooLarge,
    /// More header lines than [`HeadLimits::headers`](super::HeadLimits::headers).
    TooManyHeaders,
    /// A byte that no head can have at this place.
    Malformed(MalformedHead),
}

/// What is wrong with a malformed head (RFC 9112 sections 2.2, 3 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum MalformedHead {
    /// The first byte starts neither a method nor a status line, as in a TLS hello.
    NotHttp,
    /// A control byte other than HTAB, CR and LF.
    ControlByte,
    /// A CR without its LF.
    BareCarriageReturn,
    /// An LF without its CR.
    BareLineFeed,
    /// A line that begins with a space or HTAB: obsolete line folding.
    FoldedLine,
}

impl HeadError {
    /// The HTTP status that answers it: 431 (RFC 6585 section 5) or 400.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::TooLarge | Self::TooManyHeaders => 431,
            Self::Malformed(_) => 400,
        }
    }

    /// Why, in one line for the peer.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLarge => "The request head is too large.",
            Self::TooManyHeaders => "The request has too many headers.",
            Self::Malformed(MalformedHead::NotHttp) => "This is not HTTP.",
            Self::Malformed(MalformedHead::ControlByte) => {
                "The request head contains a control byte."
            }
            Self::Malformed(MalformedHead::BareCarriageReturn) => {
                "The request head contains a CR without LF."
            }
            Self::Malformed(MalformedHead::BareLineFeed) => {
                "The request head contains a LF without CR."
            }
            Self::Malformed(MalformedHead::FoldedLine) => "Folded header lines are not accepted.",
        }
    }
}

impl From<MalformedHead> for HeadError {
    fn from(fault: MalformedHead) -> Self {
        Self::Malformed(fault)
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLarge => "head too large",
            Self::TooManyHeaders => "too many headers",
            Self::Malformed(MalformedHead::NotHttp) => "not HTTP",
            Self::Malformed(MalformedHead::ControlByte) => "control byte in the head",
            Self::Malformed(MalformedHead::BareCarriageReturn) => "CR without LF in the head",
            Self::Malformed(MalformedHead::BareLineFeed) => "LF without CR in the head",
            Self::Malformed(MalformedHead::FoldedLine) => "folded header line",
        })
    }
}

impl core::error::Error for HeadError {}
