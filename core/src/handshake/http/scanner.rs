//! Finding the end of an HTTP head (RFC 9112 section 2), byte by byte and never twice.

use super::head_error::HeadError;
use super::limits::{HeadLimits, MAX_HEAD_BYTES, MAX_HEADERS};
use super::syntax::{self, Class};

/// The search for the end of a request's or a response's head while it arrives.
///
/// It scans each byte once, so the work is linear in the bytes, however they are split. A byte that
/// no head can contain is an error when it arrives, not when the head ends: a bare LF or CR, NUL
/// and other control bytes, a folded header line (RFC 9112 section 5.2), and a first byte that
/// starts no HTTP message (a TLS hello, an empty line).
///
/// The rest of the syntax is checked by [`Request::parse`](crate::handshake::Request::parse) or
/// [`Response::parse`](crate::handshake::Response::parse), once.
///
/// ```
/// use websocket_listener_core::handshake::{HeadError, HeadLimits, HeadScanner};
///
/// let mut scanner = HeadScanner::new(HeadLimits { bytes: 64, headers: 2 });
/// assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\nHost: a\r\n"), Ok(None));
/// assert_eq!(scanner.scan(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\x81\x80"), Ok(Some(27)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeadScanner {
    byte_limit: u16,
    header_limit: u8,
    headers: u8,
    scanned: u16,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Start,
    Line,
    LineEnd,
    NextLine,
    HeadEnd,
    Complete,
    Refused(HeadError),
}

impl HeadScanner {
    /// Creates a scanner at the first byte of a head.
    #[must_use]
    pub const fn new(limits: HeadLimits) -> Self {
        let bytes = if limits.bytes < MAX_HEAD_BYTES { limits.bytes } else { MAX_HEAD_BYTES };
        let headers = if limits.headers < MAX_HEADERS { limits.headers } else { MAX_HEADERS };
        Self {
            byte_limit: bytes as u16,
            header_limit: headers as u8,
            headers: 0,
            scanned: 0,
            state: State::Start,
        }
    }

    /// Scans the new bytes of `buffer`.
    ///
    /// `buffer` holds every byte received so far: those of the last call, then the new ones.
    /// `Ok(None)`: the head is not complete. `Ok(Some(n))`: the head is the first `n` bytes; the
    /// bytes after it belong to the next protocol (RFC 6455 section 4.2.2). That outcome, and an
    /// error, is final: later calls return it again without scanning.
    ///
    /// # Errors
    /// [`HeadError`], as soon as the bytes seen cannot become a head within the limits. A buffer
    /// that is full to the byte limit without an end is [`HeadError::TooLarge`], so a buffer of
    /// that size is always enough.
    pub fn scan(&mut self, buffer: &[u8]) -> Result<Option<usize>, HeadError> {
        let limit = usize::from(self.byte_limit);
        let within = buffer.get(..limit).unwrap_or(buffer);
        let mut unseen = within.get(self.scanned()..).unwrap_or_default();
        while let Some((&byte, rest)) = unseen.split_first() {
            if matches!(self.state, State::Complete | State::Refused(_)) {
                break;
            }
            self.state = self.after(byte).unwrap_or_else(State::Refused);
            unseen = rest;
            // Inside a line, which is nearly everywhere, only its end matters.
            if matches!(self.state, State::Line) {
                unseen = rest.get(syntax::field_prefix(rest)..).unwrap_or_default();
                if let [b'\r', b'\n', behind @ ..] = unseen {
                    self.state = State::NextLine;
                    unseen = behind;
                }
            }
            // No cast loses bits: `within` is no longer than the limit.
            self.scanned = within.len().saturating_sub(unseen.len()) as u16;
        }
        match self.state {
            State::Complete => Ok(Some(self.scanned())),
            State::Refused(error) => Err(error),
            _ if self.scanned >= self.byte_limit => {
                self.state = State::Refused(HeadError::TooLarge);
                Err(HeadError::TooLarge)
            }
            _ => Ok(None),
        }
    }

    /// Returns the number of bytes scanned.
    #[must_use]
    pub const fn scanned(&self) -> usize {
        self.scanned as usize
    }

    fn after(&mut self, byte: u8) -> Result<State, HeadError> {
        match (self.state, byte) {
            (State::Start, byte) if !Class::Token.has(byte) => Err(HeadError::NotHttp),
            (State::Line, b'\r') => Ok(State::LineEnd),
            (State::NextLine, b'\r') => Ok(State::HeadEnd),
            (State::LineEnd, b'\n') => Ok(State::NextLine),
            (State::HeadEnd, b'\n') => Ok(State::Complete),
            (State::LineEnd | State::HeadEnd, _) => Err(HeadError::BareCarriageReturn),
            (_, b'\n') => Err(HeadError::BareLineFeed),
            (State::NextLine, b' ' | b'\t') => Err(HeadError::FoldedLine),
            (_, byte) if !syntax::is_field_byte(byte) => Err(HeadError::ControlByte),
            (State::NextLine, _) if self.headers >= self.header_limit => {
                Err(HeadError::TooManyHeaders)
            }
            (State::NextLine, _) => {
                self.headers = self.headers.saturating_add(1);
                Ok(State::Line)
            }
            _ => Ok(State::Line),
        }
    }
}
