//! What can go wrong on a connection.

use std::fmt;
use std::io;

use websocket_listener_core::{ControlError, ProtocolError, SendError, TimedOut};

/// Why an operation on a [`WebSocket`](crate::WebSocket) did not succeed.
///
/// A connection ends in one of three ways, and reading tells them apart: a closing handshake is
/// `Ok(None)`, an abrupt end is [`Error::Disconnected`], a peer that breaks the protocol
/// [`Error::Protocol`]. Every later read gives the same result again.
///
/// ```
/// use websocket_listener::{Error, WebSocket};
///
/// async fn listen_to(mut socket: WebSocket) {
///     let end = loop {
///         match socket.recv().await {
///             Ok(Some(message)) => println!("{message:?}"),
///             Ok(None) => break "closed".to_owned(),
///             Err(Error::Disconnected) => break "gone without a word".to_owned(),
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
    /// A deadline passed: nothing was heard after a ping, or a write made no progress, or the
    /// closing handshake was not finished.
    TimedOut(Deadline),
    /// The stream failed in another way.
    Io(io::Error),
    /// The listener's shutdown deadline passed and it no longer waited for this connection.
    Aborted,
    /// Nothing more can be sent: this endpoint or the peer has closed.
    Closed,
    /// The message was dropped: the peer has not taken what was sent before, and the sender does not
    /// wait. Another may be sent.
    QueueFull,
    /// A [`MessageWriter`](crate::MessageWriter) was dropped in the middle of its message, so no
    /// other message can follow. Pings and the closing handshake still work.
    MessageUnfinished,
    /// Text to be sent is not UTF-8.
    InvalidUtf8,
    /// The payload of a ping or pong is over 125 bytes, or a close reason over 123 (RFC 6455 section
    /// 5.5).
    ControlTooLong,
    /// A close code that must not be sent (RFC 6455 section 7.4).
    InvalidCloseCode,
}

/// The deadlines of an open connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deadline {
    /// A ping was sent and nothing at all came back.
    Pong,
    /// The peer did not take what was sent.
    Write,
    /// The peer did not finish the closing handshake.
    Close,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("the connection ended without a closing handshake"),
            Self::Protocol(error) => write!(f, "the peer broke the protocol: {error}"),
            Self::TimedOut(Deadline::Pong) => f.write_str("the peer gave no sign of life"),
            Self::TimedOut(Deadline::Write) => f.write_str("the peer did not take what was sent"),
            Self::TimedOut(Deadline::Close) => f.write_str("the peer did not finish closing"),
            Self::Io(error) => write!(f, "the stream failed: {error}"),
            Self::Aborted => f.write_str("the listener was shut down"),
            Self::Closed => f.write_str("the connection is closed"),
            Self::QueueFull => f.write_str("the peer is too slow: its write queue is full"),
            Self::MessageUnfinished => f.write_str("the message before this one was not finished"),
            Self::InvalidUtf8 => f.write_str("text is not valid UTF-8"),
            Self::ControlTooLong => {
                f.write_str("a ping or pong over 125 bytes, or a close reason over 123")
            }
            Self::InvalidCloseCode => f.write_str("close code that must not be sent"),
        }
    }
}

impl std::error::Error for Error {
    /// The source of the cause, because the error itself prints the cause.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Protocol(error) => error.source(),
            Self::Io(error) => error.source(),
            _ => None,
        }
    }
}

/// An [`Error`] that a [`MessageReader`](crate::MessageReader) or
/// [`MessageWriter`](crate::MessageWriter) returned through `AsyncRead` or `AsyncWrite` becomes
/// itself again.
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

/// For the `AsyncRead` and `AsyncWrite` of a message.
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

/// An [`Error`] that a connection ended with, kept to be given again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    Disconnected,
    Protocol(ProtocolError),
    TimedOut(Deadline),
    Io { kind: io::ErrorKind, code: Option<i32> },
    Aborted,
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Protocol(error) => Self::Protocol(*error),
            Error::TimedOut(deadline) => Self::TimedOut(*deadline),
            Error::Io(error) => Self::Io { kind: error.kind(), code: error.raw_os_error() },
            Error::Aborted => Self::Aborted,
            _ => Self::Disconnected,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Disconnected => Self::Disconnected,
            Failure::Protocol(error) => Self::Protocol(error),
            Failure::TimedOut(deadline) => Self::TimedOut(deadline),
            Failure::Io { code: Some(code), .. } => Self::Io(io::Error::from_raw_os_error(code)),
            Failure::Io { kind, code: None } => Self::Io(kind.into()),
            Failure::Aborted => Self::Aborted,
        }
    }
}
