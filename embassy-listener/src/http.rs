//! The HTTP side of a listener: requests, and what the application answers.

use core::fmt;
use core::time::Duration;

use embassy_time::with_timeout;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use websocket_listener_core::handshake::{self, Reject, ResponseError};

use crate::clock::{embassy, millis};
use crate::net::Socket;

/// A request's head: method, target, headers. It lies in the connection's receive ring.
pub type Request<'a> = handshake::Request<&'a [u8]>;

/// Asks the application about requests; see
/// [`WebSocketListener::on_request`](crate::WebSocketListener::on_request).
///
/// ```
/// use websocket_listener_embassy::{Answer, HttpConnection, OnRequest, Request, Response};
///
/// struct Page;
///
/// impl OnRequest for Page {
///     fn answer(&self, request: &Request<'_>) -> Answer<'_> {
///         match (request.is_upgrade(), request.path()) {
///             (true, "/echo") => Answer::accept(),
///             (false, "/") => Answer::take_over(),
///             _ => Answer::respond(Response::new(404)),
///         }
///     }
///
///     async fn take_over(&self, http: &mut HttpConnection<'_>) {
///         let page = Response::new(200).headers(&[("Content-Type", b"text/html")]);
///         let _ = http.respond(page.body(b"<h1>It works</h1>")).await;
///     }
/// }
/// ```
#[expect(async_fn_in_trait, reason = "a listener lives on one executor")]
pub trait OnRequest {
    /// Answers a request: a correct opening handshake, or plain HTTP. A faulty opening handshake is
    /// refused without asking.
    ///
    /// It is called while the network stack is borrowed, so it must not use the stack: calling one
    /// of its methods would panic.
    fn answer(&self, request: &Request<'_>) -> Answer<'_>;

    /// Serves a request that [`answer`](Self::answer) took over. It runs within the [HTTP
    /// timeout](crate::Options::http_timeout), at which it is dropped, wherever it waits.
    async fn take_over(&self, http: &mut HttpConnection<'_>) {
        let _ = http.respond(Response::new(404)).await;
    }

    /// Not to be implemented: sends the response, or has the request taken over, within this many
    /// milliseconds. [`AcceptAll`] does neither, so that no code for either is linked.
    #[doc(hidden)]
    async fn serve(
        &self,
        http: &mut HttpConnection<'_>,
        response: Option<Response<'_>>,
        timeout: u32,
    ) -> Result<(), HttpError> {
        let served = async {
            match response {
                Some(response) => http.respond(response).await,
                None => {
                    self.take_over(http).await;
                    Ok(())
                }
            }
        };
        with_timeout(embassy(timeout), served).await.unwrap_or(Err(HttpError::TimedOut))
    }

    /// Not to be implemented: the headers of an acceptance. [`AcceptAll`] has none, so that no code
    /// that checks them is linked.
    #[doc(hidden)]
    fn headers<'a>(&self, headers: &'a [(&'a str, &'a [u8])]) -> &'a [(&'a str, &'a [u8])] {
        headers
    }
}

/// Opens every WebSocket, and refuses plain HTTP with 400 or another fitting status.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl OnRequest for AcceptAll {
    fn answer(&self, _: &Request<'_>) -> Answer<'_> {
        Answer::accept()
    }

    async fn serve(
        &self,
        _: &mut HttpConnection<'_>,
        _: Option<Response<'_>>,
        _: u32,
    ) -> Result<(), HttpError> {
        Ok(())
    }

    fn headers<'a>(&self, _: &'a [(&'a str, &'a [u8])]) -> &'a [(&'a str, &'a [u8])] {
        &[]
    }
}

/// What the application answers to a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a>(pub(crate) AnswerKind<'a>);

#[derive(Clone, Copy, Debug)]
pub(crate) enum AnswerKind<'a> {
    Accept { subprotocol: Option<&'static str>, headers: &'a [(&'a str, &'a [u8])] },
    Respond(Response<'a>),
    TakeOver,
}

impl<'a> Answer<'a> {
    /// Open the WebSocket. A request that is not an opening handshake is refused all the same, with
    /// the status that says why.
    #[must_use]
    pub const fn accept() -> Self {
        Self(AnswerKind::Accept { subprotocol: None, headers: &[] })
    }

    /// Answer with a response: a refusal, a redirect, a page.
    #[must_use]
    pub const fn respond(response: Response<'a>) -> Self {
        Self(AnswerKind::Respond(response))
    }

    /// Have [`OnRequest::take_over`] called.
    #[must_use]
    pub const fn take_over() -> Self {
        Self(AnswerKind::TakeOver)
    }

    /// Chooses the subprotocol of an accepted connection, in place of the list in the options. One
    /// that the client did not offer is ignored.
    #[must_use]
    pub const fn subprotocol(self, subprotocol: &'static str) -> Self {
        match self.0 {
            AnswerKind::Accept { headers, .. } => {
                Self(AnswerKind::Accept { subprotocol: Some(subprotocol), headers })
            }
            _ => self,
        }
    }

    /// Further headers of an acceptance or a response; they replace those given before. A malformed
    /// header, or one that the listener writes itself, makes the answer 500, as does an acceptance
    /// that is larger than the transmit ring.
    #[must_use]
    pub const fn headers(self, headers: &'a [(&'a str, &'a [u8])]) -> Self {
        match self.0 {
            AnswerKind::Accept { subprotocol, .. } => {
                Self(AnswerKind::Accept { subprotocol, headers })
            }
            AnswerKind::Respond(response) => Self(AnswerKind::Respond(response.headers(headers))),
            AnswerKind::TakeOver => self,
        }
    }
}

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
        with_timeout(embassy(self.timeout), future)
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
