//! Plain HTTP on the port of a listener: requests, responses, and exchanges that were taken over.

use core::fmt;
use core::time::Duration;

use embassy_time::with_timeout;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use websocket_listener_core::handshake::{self, Reject, ResponseError};

use crate::clock::{from_millis, millis};
use crate::socket::Socket;

/// A request's head: method, target, headers. It lies in the connection's receive ring.
pub type Request<'a> = handshake::Request<&'a [u8]>;

/// A response: status, headers, body. The listener adds `Connection: close` and `Content-Length`.
///
/// The body may have any length. The head has to fit into the transmit ring.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    status: u16,
    headers: &'a [(&'a str, &'a [u8])],
    body: &'a [u8],
}

impl<'a> Response<'a> {
    /// An empty response with this status, 200 to 599.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, headers: &[], body: &[] }
    }

    /// Further headers; they replace those given before.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        Self { headers, ..self }
    }

    /// The body.
    #[must_use]
    pub const fn body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    fn write_head(&self, out: &mut [u8]) -> Result<usize, ResponseError> {
        Reject::new(self.status).headers(self.headers).body(self.body).write_head(out)
    }
}

impl fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A plain HTTP exchange that was taken over: the request, and the connection behind it.
///
/// Reading gives what follows the request's head. Every read and write waits no longer than the
/// [write timeout](crate::Options::write_timeout). When the exchange is over, the connection is
/// ended in a way that lets the peer read everything.
pub struct HttpConnection<'a> {
    socket: &'a Socket,
    /// Bytes of the head, which is still in the ring.
    head: usize,
    /// Of the request; no body is sent in answer to HEAD.
    is_head: bool,
    timeout: u32,
}

impl<'a> HttpConnection<'a> {
    pub(crate) fn new(socket: &'a Socket, head: usize, is_head: bool, timeout: u32) -> Self {
        Self { socket, head, is_head, timeout }
    }

    /// Shows the request, as long as nothing after it was read. `f` must not use the network.
    pub fn request<T>(&self, f: impl FnOnce(&Request<'_>) -> T) -> Option<T> {
        let head = self.head;
        let mut f = Some(f);
        let shown = self.socket.peek(|bytes| {
            let request = Request::parse(bytes.get(..head)?).ok()?;
            f.take().map(|f| f(&request))
        });
        shown.flatten()
    }

    /// How long a read or a write may wait without any progress.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = millis(timeout);
    }

    /// Answers with a response; without its body if the request is HEAD.
    ///
    /// # Errors
    /// [`HttpError`]. With [`HttpError::Response`], nothing was sent.
    ///
    /// # Cancel safety
    /// Not safe: some of the response may have been sent.
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

/// Why an HTTP exchange could not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HttpError {
    /// The response cannot be sent as it is.
    Response(ResponseError),
    /// The peer took nothing, or sent nothing, for too long.
    TimedOut,
    /// The peer is gone.
    Disconnected,
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(error) => error.fmt(f),
            Self::TimedOut => f.write_str("the peer did nothing for too long"),
            Self::Disconnected => f.write_str("the peer is gone"),
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
/// A read that is dropped has taken nothing.
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
/// A write that is dropped has sent nothing.
impl Write for HttpConnection<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, HttpError> {
        let write = self.socket.write_with(0, |out| {
            let count = out.iter_mut().zip(bytes).map(|(to, from)| *to = *from).count();
            (count, count)
        });
        if bytes.is_empty() { Ok(0) } else { self.in_time(write).await }
    }

    /// What was written leaves by itself: this does nothing.
    async fn flush(&mut self) -> Result<(), HttpError> {
        Ok(())
    }
}

impl fmt::Debug for HttpConnection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpConnection").finish_non_exhaustive()
    }
}
