//! The errors of an offer and of an answer.

use core::fmt;

/// The reason for declining an offer (RFC 7692 section 7.1). The server then tries the client's
/// other offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OfferError {
    /// Another extension.
    Name,
    /// A parameter that the extension does not define.
    UnknownParameter,
    /// A parameter that stands twice.
    RepeatedParameter,
    /// A value where none belongs, none where one belongs, or one that is not a decimal from 8 to
    /// 15 without leading zeros.
    InvalidValue,
    /// The client would use a larger window than this end has memory for, and did not offer to be
    /// told (`client_max_window_bits`).
    ClientWindow,
    /// The client asks for a smaller window than this end can compress with.
    ServerWindow,
}

/// The error of an answer for which a client must fail the connection (RFC 7692 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AnswerError {
    /// The extension was accepted more than once.
    Repeated,
    /// Another extension.
    Name,
    /// A parameter that the extension does not define.
    UnknownParameter,
    /// A parameter that stands twice.
    RepeatedParameter,
    /// A value where none belongs, none where one belongs, or one that is not a decimal from 8 to
    /// 15 without leading zeros.
    InvalidValue,
    /// `server_no_context_takeover` was asked for and is missing.
    ServerContextTakeover,
    /// `server_max_window_bits` was asked for and is missing or larger.
    ServerWindow,
    /// `client_max_window_bits` is larger than offered, or smaller than this end can compress with.
    ClientWindow,
}

impl fmt::Display for OfferError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Name => "not permessage-deflate",
            Self::UnknownParameter => "unknown parameter",
            Self::RepeatedParameter => "repeated parameter",
            Self::InvalidValue => "invalid value of a parameter",
            Self::ClientWindow => "client's window too large",
            Self::ServerWindow => "server's window too small",
        })
    }
}

impl core::error::Error for OfferError {}

impl fmt::Display for AnswerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Repeated => "permessage-deflate accepted twice",
            Self::Name => "not permessage-deflate",
            Self::UnknownParameter => "unknown parameter",
            Self::RepeatedParameter => "repeated parameter",
            Self::InvalidValue => "invalid value of a parameter",
            Self::ServerContextTakeover => "server would take its context over",
            Self::ServerWindow => "server's window too large",
            Self::ClientWindow => "client's window not as offered",
        })
    }
}

impl core::error::Error for AnswerError {}
