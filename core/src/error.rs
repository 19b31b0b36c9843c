//! The errors of the engine, one small enum per operation.

use core::fmt;

use crate::CloseCode;

/// The peer broke the protocol or a limit. The connection has failed: the engine has queued a Close
/// frame with [`close_code`](Self::close_code), and reads nothing more (RFC 6455 section 7.1.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ProtocolError {
    /// A reserved bit that no negotiated extension owns (section 5.2).
    ReservedBits,
    /// An opcode that is not defined (section 5.2).
    ReservedOpCode,
    /// A control frame without FIN (section 5.5).
    FragmentedControlFrame,
    /// A control frame with more than 125 bytes of payload (section 5.5).
    ControlFrameTooLong,
    /// A client's frame without a mask (section 5.1).
    UnmaskedFrame,
    /// A server's frame with a mask (section 5.1).
    MaskedFrame,
    /// A payload length in a longer form than needed (section 5.2).
    LengthNotMinimal,
    /// A payload length with its most significant bit set (section 5.2).
    LengthTopBit,
    /// A continuation without a message under way (section 5.4).
    UnexpectedContinuation,
    /// A new message inside an unfinished one (section 5.4).
    ExpectedContinuation,
    /// A Close frame with one byte of payload (section 5.5.1).
    CloseTooShort,
    /// A Close frame with a code that must not be on the wire (section 7.4).
    InvalidCloseCode,
    /// Text, or the reason of a Close frame, that is not UTF-8 (section 8.1).
    InvalidUtf8,
    /// A message over the configured limit (section 10.4).
    MessageTooBig,
    /// A message of more fragments than the configured limit; empty ones count (section 10.4).
    TooManyFragments,
    /// More messages within a second than are allowed. Reported by an owner that has such a limit.
    TooManyMessages,
    /// Payload that the negotiated extension cannot decode, for example a corrupt compressed
    /// message.
    InvalidExtensionData,
}

impl ProtocolError {
    /// Returns the close code that the peer gets (RFC 6455 section 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::InvalidUtf8 | Self::InvalidExtensionData => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooBig => CloseCode::MESSAGE_TOO_BIG,
            Self::TooManyFragments | Self::TooManyMessages => CloseCode::POLICY_VIOLATION,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }

    /// Returns the reason in the Close frame: with the feature `explanations` the
    /// [`message`](Self::message), otherwise nothing.
    pub(crate) const fn explanation(self) -> &'static str {
        if cfg!(feature = "explanations") { self.message() } else { "" }
    }

    /// Returns the explanation for the peer, in one line.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooManyMessages => "too many messages",
            Self::ReservedBits => "reserved bit set without a negotiated extension",
            Self::ReservedOpCode => "reserved opcode",
            Self::FragmentedControlFrame => "fragmented control frame",
            Self::ControlFrameTooLong => "control frame longer than 125 bytes",
            Self::UnmaskedFrame => "client frame without a mask",
            Self::MaskedFrame => "server frame with a mask",
            Self::LengthNotMinimal => "payload length not in its shortest form",
            Self::LengthTopBit => "payload length with its top bit set",
            Self::UnexpectedContinuation => "continuation without a message",
            Self::ExpectedContinuation => "new message inside an unfinished one",
            Self::CloseTooShort => "close frame with one byte",
            Self::InvalidCloseCode => "close code that must not be sent",
            Self::InvalidUtf8 => "text is not valid UTF-8",
            Self::MessageTooBig => "message too big",
            Self::TooManyFragments => "too many fragments",
            Self::InvalidExtensionData => "invalid extension data",
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for ProtocolError {}

/// A message frame cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SendError {
    /// A Close frame has been sent, queued or received, or the connection has failed.
    Closed,
    /// A new message was begun inside one that was never finished. Nothing but control frames can
    /// follow on this connection.
    MessageUnfinished,
    /// A further fragment, but no message was begun.
    NoMessage,
    /// A reserved bit that no negotiated extension owns (RFC 6455 section 5.2).
    ReservedBits,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "connection closed or closing",
            Self::MessageUnfinished => "previous message unfinished",
            Self::NoMessage => "continuation without a message",
            Self::ReservedBits => "reserved bit set without a negotiated extension",
        })
    }
}

impl core::error::Error for SendError {}

/// A control frame cannot be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ControlError {
    /// A Close frame has been sent, queued or received, or the connection has failed.
    Closed,
    /// More than 125 bytes of ping payload, or 123 bytes of close reason (RFC 6455 section 5.5); or
    /// more than this end of the connection has memory for.
    TooLong,
    /// A close code that must not be on the wire (RFC 6455 section 7.4).
    InvalidCloseCode,
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "connection closed or closing",
            Self::TooLong => "control frame too long",
            Self::InvalidCloseCode => "close code that must not be sent",
        })
    }
}

impl core::error::Error for ControlError {}

/// A deadline passed; the connection is over and its transport should be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TimedOut {
    /// A ping was sent and nothing at all came back in time.
    Pong,
    /// The closing handshake was not finished in time.
    Close,
    /// The timed out writing: peer too slow for a whole write timeout.
    Write,
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pong => "timed out waiting for a sign of life after a ping",
            Self::Close => "timed out closing the connection",
            Self::Write => "timed out writing: peer too slow",
        })
    }
}

impl core::error::Error for TimedOut {}

/// The reason for which a connection ended without a complete closing handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Failure {
    /// The peer broke the protocol or a limit, and was told so.
    Protocol(ProtocolError),
    /// A deadline passed.
    TimedOut(TimedOut),
    /// The stream ended without a Close frame.
    Disconnected,
    /// The stream failed. Its owner knows the error.
    Transport,
    /// The owner no longer waited for the peer.
    Aborted,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(error) => error.fmt(f),
            Self::TimedOut(error) => error.fmt(f),
            Self::Disconnected => f.write_str("stream ended without a Close frame"),
            Self::Transport => f.write_str("stream failed"),
            Self::Aborted => f.write_str("connection aborted"),
        }
    }
}

impl core::error::Error for Failure {}

impl From<ProtocolError> for Failure {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl From<TimedOut> for Failure {
    fn from(error: TimedOut) -> Self {
        Self::TimedOut(error)
    }
}
