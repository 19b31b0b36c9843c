//! The errors of a connection over a transport.

use core::fmt;

use embedded_io_async::ErrorKind;

use crate::{ControlError, ProtocolError, TimedOut};

/// An error of receiving.
///
/// [`BufferChanged`](Self::BufferChanged) concerns one message. All others are final: nothing more
/// can be received, and every later call returns the same error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RecvError {
    /// The stream ended without a Close frame.
    ConnectionLost,
    /// The peer broke the protocol or exceeded a limit; it was sent the matching close code.
    Protocol(ProtocolError),
    /// The message is longer than the buffer given to `recv`. The peer was sent 1009.
    MessageTooBig,
    /// The peer sent a Close frame inside the message that is being read: the rest will not arrive.
    Closed,
    /// The peer gave no sign of life after a ping, or did not finish the closing handshake in time.
    TimedOut(TimedOut),
    /// Nothing could be written for the whole write timeout.
    WriteTimedOut,
    /// The transport failed.
    Transport(ErrorKind),
    /// A call of `recv` was dropped in the middle of a message, and the buffer given to this call
    /// does not start with the bytes that the dropped call had received, as far as
    /// [`recv`](super::WebSocket::recv) compares them. The message is lost; the next call continues
    /// after it.
    BufferChanged,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectionLost => f.write_str("stream ended without a Close frame"),
            Self::Protocol(error) => error.fmt(f),
            Self::MessageTooBig => f.write_str("message longer than the buffer"),
            Self::Closed => f.write_str("closed by the peer inside a message"),
            Self::TimedOut(error) => error.fmt(f),
            Self::WriteTimedOut => f.write_str("timed out writing: peer too slow"),
            Self::Transport(error) => write!(f, "transport: {error}"),
            Self::BufferChanged => f.write_str("recv resumed with a different buffer"),
        }
    }
}

impl core::error::Error for RecvError {}

impl embedded_io_async::Error for RecvError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ConnectionLost | Self::Closed => ErrorKind::ConnectionAborted,
            Self::Protocol(_) => ErrorKind::InvalidData,
            Self::MessageTooBig => ErrorKind::OutOfMemory,
            Self::TimedOut(_) | Self::WriteTimedOut => ErrorKind::TimedOut,
            Self::Transport(kind) => *kind,
            Self::BufferChanged => ErrorKind::InvalidInput,
        }
    }
}

/// An error of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SendError {
    /// A Close frame has been sent, queued or received, or the connection is over.
    Closed,
    /// An earlier message was begun but not finished. Only pings and a close can follow.
    MessageUnfinished,
    /// The bytes written into a text message are not UTF-8, or the text ends inside a character.
    InvalidUtf8,
    /// A ping's payload or a close reason of more than
    /// [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes.
    TooLong,
    /// A close code that must not be sent (RFC 6455 section 7.4).
    InvalidCloseCode,
    /// Nothing could be written for the whole write timeout, or the connection had already timed
    /// out. The connection is over.
    TimedOut,
    /// The transport failed. [`ErrorKind::OutOfMemory`] says that a frame does not fit even into an
    /// empty [`WriteHalf`](super::WriteHalf): its capacity is under 131 bytes.
    Transport(ErrorKind),
}

impl From<crate::SendError> for SendError {
    fn from(error: crate::SendError) -> Self {
        match error {
            crate::SendError::Closed => Self::Closed,
            crate::SendError::MessageUnfinished
            // The writers of this module cause neither of these two.
            | crate::SendError::NoMessage
            | crate::SendError::ReservedBits => Self::MessageUnfinished,
        }
    }
}

impl From<ControlError> for SendError {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Closed => Self::Closed,
            ControlError::TooLong => Self::TooLong,
            ControlError::InvalidCloseCode => Self::InvalidCloseCode,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => crate::SendError::Closed.fmt(f),
            Self::MessageUnfinished => crate::SendError::MessageUnfinished.fmt(f),
            Self::InvalidUtf8 => crate::InvalidUtf8.fmt(f),
            Self::TooLong => ControlError::TooLong.fmt(f),
            Self::InvalidCloseCode => ControlError::InvalidCloseCode.fmt(f),
            Self::TimedOut => f.write_str("timed out writing: peer too slow"),
            Self::Transport(error) => write!(f, "transport: {error}"),
        }
    }
}

impl core::error::Error for SendError {}

impl embedded_io_async::Error for SendError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Closed => ErrorKind::NotConnected,
            Self::MessageUnfinished | Self::TooLong | Self::InvalidCloseCode => {
                ErrorKind::InvalidInput
            }
            Self::InvalidUtf8 => ErrorKind::InvalidData,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Transport(kind) => *kind,
        }
    }
}

/// An error of a function that both receives and sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Error {
    /// An error of receiving.
    Recv(RecvError),
    /// An error of sending.
    Send(SendError),
}

impl From<RecvError> for Error {
    fn from(error: RecvError) -> Self {
        Self::Recv(error)
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recv(error) => error.fmt(f),
            Self::Send(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

impl embedded_io_async::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Recv(error) => embedded_io_async::Error::kind(error),
            Self::Send(error) => embedded_io_async::Error::kind(error),
        }
    }
}
