//! Plain HTTP on the port of a listener: requests, responses, and exchanges taken over.

use core::fmt;
use core::time::Duration;

use embassy_time::with_timeout;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use websocket_listener_core::handshake::{self, PlainResponse, ResponseError};

use crate::clock::{from_millis, millis};
use crate::socket::Socket;

/// The head of a request: method, target and headers, in the connection's receive ring.
pub type Request<'a> = handshake::Request<&'a [u8]>;

/// A response: status, headers and body. The listener adds `Connection: close` and
/// `Content-Length`.
///
/// ```
/// use websocket_listener_embassy::Response;
///
/// const PAGE: Response<'static> = Response::new(200)
///     .headers(&[("Content-Type", b"text/html; charset=utf-8")])
///     .body(b"<h1>It works</h1>");
/// # let _ = PAGE;
/// ```
///
/// The head has to fit into the transmit ring; the body may have any length.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    status: u16,
    headers: &'a [(&'a str, &'a [u8])],
    body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Creates an empty response with this status, 200 to 599.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: &[], body: &[] }
    }

    /// Sets the headers, in place of any set before.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    /// Sets the body.
    #[must_use]
    pub const fn body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    fn write_head(&self, out: &mut [u8]) -> Result<usize, ResponseError> {
        PlainResponse::new(self.status).headers(self.headers).body(self.body).write_head(out)
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A plain HTTP exchange that the application has taken over: the request, and the byte stream
/// behind it.
///
/// ```
/// use embedded_io_async::{Read, Write};
/// use websocket_listener_embassy::{HttpConnection, HttpError, Response};
///
/// /// Answers a POST with the bytes of its body, up to 64.
/// async fn echo_body(http: &mut HttpConnection<'_>) -> Result<(), HttpError> {
///     let length = http.request(|request| {
///         let length = request.header("Content-Length")?;
///         core::str::from_utf8(length).ok()?.parse::<usize>().ok()
///     });
///     let mut body = [0; 64];
///     let mut filled = 0;
///     while filled < length.flatten().unwrap_or(0).min(body.len()) {
///         match http.read(&mut body[filled..]).await? {
///             0 => return Err(HttpError::Disconnected),
///             count => filled += count,
///         }
///     }
///     http.respond(Response::new(200).body(&body[..filled])).await
/// }
/// ```
///
/// Reading gives the bytes after the request's head. A read or a write fails if it makes no progress
/// within the [write timeout](crate::Options::write_timeout). After the exchange, the listener ends
/// the connection so that the peer can read everything that was sent.
pub struct HttpConnection<'a> {
    socket: &'a Socket,
    /// The length of the head, while it is still in the ring.
    head: usize,
    /// The method is HEAD, so the response has no body.
    is_head: bool,
    timeout: u32,
}

impl<'a> HttpConnection<'a> {
    pub(crate) fn new(socket: &'a Socket, head: usize, is_head: bool, timeout: u32) -> Self {
        Self { socket, head, is_head, timeout }
    }

    /// Calls `f` with the request; returns `None` once bytes after the head have been read. `f` must
    /// not use the network stack, which is borrowed.
    pub fn request<T>(&self, f: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
        let head = self.head;
        let mut f = Some(f);
        let shown = self.socket.peek(|bytes| {
            let request = Request::parse(bytes.get(..head)?).ok()?;
            f.take().map(|f| f(&request))
        });
        shown.flatten()
    }

    /// Sets the time for a read or a write to make progress.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = millis(timeout);
    }

    /// Sends a response, without its body if the method is HEAD.
    ///
    /// # Errors
    /// [`HttpError`]. With [`HttpError::Response`], nothing was sent.
    ///
    /// # Cancel safety
    /// Not safe: a part of the response may have been sent.
    pub async fn respond(&mut self, response: Response<'_>) -> Result<(), HttpError> {
        let write = self.socket.write_with(self.socket.send_capacity(), |out| {
            match response.write_head(out) {
                Ok(length) => (length, Ok(())),
                Err(error) => (0, Err(error)),
            }
        });
        self.in_time(write).await?.map_err(HttpError::Response)?;
        let mut body = if self.is_head { &[] } else { response.body };
        while !body.is_empty() {
            let written = self.write(body).await?;
            body = body.get(written..).unwrap_or_default();
        }
        Ok(())
    }

    async fn in_time<T>(
        &self,
        future: impl Future<Output = Result<T, ErrorKind>>,
    ) -> Result<T, HttpError> {
        with_timeout(from_millis(self.timeout), future)
            .await
            .map_err(|_| HttpError::TimedOut)?
            .map_err(|_| HttpError::Disconnected)
    }
}

/// The failure of an HTTP exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HttpError {
    /// The response is invalid, or its head is larger than the transmit ring.
    Response(ResponseError),
    /// A read or a write made no progress in time.
    TimedOut,
    /// The stream ended or failed.
    Disconnected,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(error) => error.fmt(f),
            Self::TimedOut => f.write_str("timed out waiting for the peer"),
            Self::Disconnected => f.write_str("disconnected"),
        }
    }
}

impl core::error::Error for HttpError {}

impl embedded_io_async::Error for HttpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Response(_) => ErrorKind::InvalidInput,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Disconnected => ErrorKind::ConnectionReset,
        }
    }
}

impl ErrorType for HttpConnection<'_> {
    type Error = HttpError;
}

/// # Cancel safety
/// Safe: a dropped read has consumed nothing.
impl Read for HttpConnection<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, HttpError> {
        let head = self.head;
        if head > 0 {
            let skip = self.socket.read_with(|bytes| (head.min(bytes.len()), ()));
            self.in_time(skip).await?;
            self.head = 0;
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.socket.read_with(|bytes| {
            let count = bytes.iter().zip(&mut *buffer).map(|(from, to)| *to = *from).count();
            (count, count)
        });
        Ok(self.in_time(read).await?.unwrap_or(0))
    }
}

/// # Cancel safety
/// Safe: a dropped write has sent nothing.
impl Write for HttpConnection<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, HttpError> {
        let write = self.socket.write_with(0, |out| {
            let count = out.iter_mut().zip(bytes).map(|(to, from)| *to = *from).count();
            (count, count)
        });
        if bytes.is_empty() { Ok(0) } else { self.in_time(write).await }
    }

    /// Does nothing: written bytes leave without a flush.
    async fn flush(&mut self) -> Result<(), HttpError> {
        Ok(())
    }
}

impl fmt::Debug for HttpConnection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpConnection").finish_non_exhaustive()
    }
}
