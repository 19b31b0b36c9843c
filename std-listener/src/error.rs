//! The errors of a connection.

use std::fmt;
use std::io;

use websocket_listener_core::{ControlError, ProtocolError, SendError, TimedOut};

/// The failure of an operation on a [`WebSocket`](crate::WebSocket).
///
/// A connection usually ends in one of three ways, which a read distinguishes: by a closing handshake
/// (`Ok(None)`), abruptly ([`Error::Disconnected`]), or because the peer broke the protocol
/// ([`Error::Protocol`]). Every later read returns the same result.
///
/// ```
/// use websocket_listener::{Error, WebSocket};
///
/// async fn listen_to(mut socket: WebSocket) {
///     let end = loop {
///         match socket.recv().await {
///             Ok(Some(message)) => println!("{message:?}"),
///             Ok(None) => break "closed".to_owned(),
///             Err(Error::Disconnected) => break "disconnected".to_owned(),
///             Err(Error::Protocol(mistake)) => break format!("refused: {mistake}"),
///             Err(error) => break error.to_string(), // a deadline, a broken stream, a shutdown
///         }
///     };
///     println!("{end}: {:?}", socket.close_reason());
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The stream ended, or was reset, without a Close frame (code 1006).
    Disconnected,
    /// The peer broke the protocol or a limit, and got the fitting close code.
    Protocol(ProtocolError),
    /// A deadline passed: the peer was silent after a ping, a write made no progress, or the closing
    /// handshake was not complete.
    TimedOut(Deadline),
    /// The stream failed in another way.
    Io(io::Error),
    /// The deadline of the listener's shutdown passed before the connection had ended.
    Aborted,
    /// This endpoint or the peer has closed, so nothing more can be sent.
    Closed,
    /// The message was dropped, because the write queue is full and the sender does not wait. Later
    /// messages may be sent.
    #[doc(alias = "backpressure")]
    QueueFull,
    /// A [`MessageWriter`](crate::MessageWriter) was dropped in the middle of its message, so no
    /// other message can follow. Pings and the closing handshake still work.
    MessageUnfinished,
    /// The text to send is not UTF-8.
    InvalidUtf8,
    /// The payload of a ping or pong exceeds 125 bytes, or a close reason 123
    /// (RFC 6455 section 5.5).
    ControlTooLong,
    /// The close code must not be sent (RFC 6455 section 7.4).
    InvalidCloseCode,
}

/// The deadlines of an open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deadline {
    /// The peer was silent after a ping.
    Pong,
    /// A write made no progress.
    Write,
    /// The closing handshake was not complete.
    Close,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("disconnected without a closing handshake"),
            Self::Protocol(error) => write!(f, "protocol error: {error}"),
            Self::TimedOut(Deadline::Pong) => f.write_str("timed out waiting for the peer"),
            Self::TimedOut(Deadline::Write) => f.write_str("timed out writing to the peer"),
            Self::TimedOut(Deadline::Close) => f.write_str("timed out closing the connection"),
            Self::Io(error) => write!(f, "stream error: {error}"),
            Self::Aborted => f.write_str("aborted by the listener's shutdown"),
            Self::Closed => f.write_str("connection closed"),
            Self::QueueFull => f.write_str("write queue full"),
            Self::MessageUnfinished => f.write_str("previous message unfinished"),
            Self::InvalidUtf8 => f.write_str("invalid UTF-8 in text"),
            Self::ControlTooLong => f.write_str("control frame too long"),
            Self::InvalidCloseCode => f.write_str("invalid close code"),
        }
    }
}

impl std::error::Error for Error {
    /// Returns the source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Protocol(error) => error.source(),
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

/// Restores an [`Error`] that a [`MessageReader`](crate::MessageReader) or
/// [`MessageWriter`](crate::MessageWriter) has returned through `AsyncRead` or `AsyncWrite`.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.downcast() {
            Ok(error) => error,
            Err(error) => match error.kind() {
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => Self::Disconnected,
                _ => Self::Io(error),
            },
        }
    }
}

impl From<ProtocolError> for Error {
    fn from(error: ProtocolError) -> Self {
        Self::Protocol(error)
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        match error {
            SendError::MessageUnfinished | SendError::NoMessage => Self::MessageUnfinished,
            _ => Self::Closed,
        }
    }
}

impl From<ControlError> for Error {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::TooLong => Self::ControlTooLong,
            ControlError::InvalidCloseCode => Self::InvalidCloseCode,
            _ => Self::Closed,
        }
    }
}

impl From<TimedOut> for Error {
    fn from(timed_out: TimedOut) -> Self {
        Self::TimedOut(match timed_out {
            TimedOut::Close => Deadline::Close,
            TimedOut::Write => Deadline::Write,
            _ => Deadline::Pong,
        })
    }
}

/// Converts for the `AsyncRead` and `AsyncWrite` of a message.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io(error) => error.kind(),
            Error::Disconnected => io::ErrorKind::ConnectionReset,
            Error::Protocol(_) | Error::InvalidUtf8 => io::ErrorKind::InvalidData,
            Error::TimedOut(_) => io::ErrorKind::TimedOut,
            Error::Aborted => io::ErrorKind::ConnectionAborted,
            Error::Closed => io::ErrorKind::NotConnected,
            Error::QueueFull => io::ErrorKind::WouldBlock,
            Error::MessageUnfinished => io::ErrorKind::InvalidInput,
            Error::ControlTooLong | Error::InvalidCloseCode => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
