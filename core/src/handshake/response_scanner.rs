//! Finding the response to an opening handshake behind interim responses (RFC 9110 section 15.2).

use super::http::{HeadError, HeadLimits, HeadScanner};
use super::response::Response;

/// The most interim responses that a [`ResponseScanner`] skips.
pub const MAX_INTERIM_RESPONSES: u8 = 8;

/// The client's [`HeadScanner`]: it finds the head of the response while it arrives, and skips
/// interim responses before it, such as `100 Continue` and `103 Early Hints`
/// (RFC 9110 section 15.2).
///
/// It skips at most [`MAX_INTERIM_RESPONSES`], each of them within the limits of a head.
///
/// ```
/// use websocket_listener_core::handshake::{HeadLimits, ResponseScanner, ScannedResponse};
///
/// let mut scanner = ResponseScanner::new(HeadLimits::DEFAULT);
/// let received = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n";
/// assert_eq!(scanner.scan(received), Ok(ScannedResponse::Interim(28)));
/// assert_eq!(scanner.scan(&received[28..]), Ok(ScannedResponse::Head(36)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ResponseScanner {
    limits: HeadLimits,
    scanner: HeadScanner,
    skipped: u8,
}

/// The outcome of [`ResponseScanner::scan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScannedResponse {
    /// The head is not complete.
    Incomplete,
    /// This many bytes are an interim response. The next scan starts after them.
    Interim(usize),
    /// This many bytes are the head of a 101 or of a final response. The bytes after it belong to
    /// the next protocol, or to the response's body.
    Head(usize),
}

impl ResponseScanner {
    /// Creates a scanner at the first byte of the first response.
    #[must_use]
    pub const fn new(limits: HeadLimits) -> Self {
        Self { limits, scanner: HeadScanner::new(limits), skipped: 0 }
    }

    /// Scans the new bytes of `buffer`, which holds every byte received after the last interim
    /// response.
    ///
    /// # Errors
    /// [`HeadError`], as [`HeadScanner::scan`] and [`Response::parse`] return it, or
    /// [`HeadError::TooManyInterim`]. Every later call returns it again.
    pub fn scan(&mut self, buffer: &[u8]) -> Result<ScannedResponse, HeadError> {
        let Some(end) = self.scanner.scan(buffer)? else { return Ok(ScannedResponse::Incomplete) };
        let response = Response::parse(buffer.get(..end).unwrap_or_default())?;
        if !response.is_interim() {
            return Ok(ScannedResponse::Head(end));
        }
        if self.skipped >= MAX_INTERIM_RESPONSES {
            return Err(HeadError::TooManyInterim);
        }
        self.skipped = self.skipped.saturating_add(1);
        self.scanner = HeadScanner::new(self.limits);
        Ok(ScannedResponse::Interim(end))
    }
}
