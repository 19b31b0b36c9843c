//! The HTTP side of a listener: requests, and what the application answers.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use websocket_listener_core::handshake;

use crate::linger;
use crate::transport::Transport;

/// A request's head: method, target, headers. Cheap to clone.
pub type Request = handshake::Request<Arc<[u8]>>;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the application answers to a request; see
/// [`Builder::on_request`](crate::Builder::on_request).
pub struct Answer(pub(crate) AnswerKind);

pub(crate) enum AnswerKind {
    Accept(Acceptance),
    Respond(Response),
    TakeOver(TakeOver),
}

pub(crate) type TakeOver = Box<dyn FnOnce(HttpConnection) -> BoxFuture<()> + Send>;

/// What goes with `101 Switching Protocols`.
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    pub(crate) subprotocol: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Answer {
    /// Open the WebSocket. A request that is no opening handshake is refused all the same, with
    /// the status that says why.
    #[must_use]
    pub fn accept() -> Self {
        Self(AnswerKind::Accept(Acceptance::default()))
    }

    /// Answer with a response: a refusal, a redirect, a page.
    #[must_use]
    pub fn respond(response: Response) -> Self {
        Self(AnswerKind::Respond(response))
    }

    /// Hand the stream over. The handler runs in a task of its own, outside the negotiation's
    /// bounds and deadline.
    #[must_use]
    pub fn take_over<F, Fut>(handler: F) -> Self
    where
        F: FnOnce(HttpConnection) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self(AnswerKind::TakeOver(Box::new(|connection| Box::pin(handler(connection)))))
    }

    /// Chooses the subprotocol of an accepted connection, in place of the listener's list. One that
    /// the client did not offer is left out.
    #[must_use]
    pub fn subprotocol(mut self, subprotocol: impl Into<String>) -> Self {
        if let AnswerKind::Accept(acceptance) = &mut self.0 {
            acceptance.subprotocol = Some(subprotocol.into());
        }
        self
    }

    /// Adds a header to an acceptance or a response. One that is malformed, or that the listener
    /// writes itself, makes the answer 500.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        match &mut self.0 {
            AnswerKind::Accept(acceptance) => acceptance.headers.push((name.into(), value.into())),
            AnswerKind::Respond(response) => response.headers.push((name.into(), value.into())),
            AnswerKind::TakeOver(_) => {}
        }
        self
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            AnswerKind::Accept(acceptance) => acceptance.fmt(f),
            AnswerKind::Respond(response) => response.fmt(f),
            AnswerKind::TakeOver(_) => f.write_str("TakeOver"),
        }
    }
}

/// A response: status, headers, body. The listener adds `Connection: close` and `Content-Length`.
///
/// ```
/// use websocket_listener::Response;
///
/// let forbidden = Response::new(403).body("members only\n");
/// let moved = Response::new(308).header("Location", "/chat");
/// # let _ = (forbidden, moved);
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Response {
    /// An empty response with this status, 200 to 599.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The response as bytes, without its body if that is not asked for (HEAD).
    pub(crate) fn encode(&self, with_body: bool) -> Result<BytesMut, handshake::ResponseError> {
        let headers = borrow_headers(&self.headers);
        let reject = handshake::Reject::new(self.status).headers(&headers).body(&self.body);
        let mut bytes = encode_with(|out| reject.write_head(out))?;
        if with_body {
            bytes.extend_from_slice(&self.body);
        }
        Ok(bytes)
    }
}

/// Calls `write` with as much room as it turns out to need.
pub(crate) fn encode_with(
    write: impl Fn(&mut [u8]) -> Result<usize, handshake::ResponseError>,
) -> Result<BytesMut, handshake::ResponseError> {
    let mut bytes = BytesMut::zeroed(256);
    let length = match write(&mut bytes) {
        Err(handshake::ResponseError::BufferTooSmall { needed }) => {
            bytes.resize(needed, 0);
            write(&mut bytes)?
        }
        written => written?,
    };
    bytes.truncate(length);
    Ok(bytes)
}

pub(crate) fn borrow_headers(headers: &[(String, String)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// A plain HTTP exchange that was taken over: the request, and the stream behind it.
///
/// As a stream it begins with the bytes behind the request's head. For another HTTP implementation,
/// [`into_stream`](Self::into_stream) gives every byte from the head's first on.
#[derive(Debug)]
pub struct HttpConnection<S = Transport> {
    request: Request,
    stream: Replay<S>,
    peer_addr: Option<SocketAddr>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> HttpConnection<S> {
    pub(crate) fn new(
        request: Request,
        stream: S,
        behind_head: Bytes,
        peer_addr: Option<SocketAddr>,
    ) -> Self {
        Self { request, stream: Replay { already_read: behind_head, stream }, peer_addr }
    }

    /// The request's head.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer_addr
    }

    /// Sends a response and closes the connection so that all of it arrives. To HEAD, sends no body.
    /// A peer that takes nothing for 20 s is given up.
    ///
    /// # Errors
    /// The stream's, and `InvalidInput` for headers that are malformed or that the response
    /// writes itself.
    ///
    /// # Cancel safety
    /// Not cancel-safe: a cancelled response is cut off.
    pub async fn respond(mut self, response: Response) -> io::Result<()> {
        let with_body = self.request.method() != "HEAD";
        let bytes = response
            .encode(with_body)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        linger::answer(&mut self.stream.stream, &bytes).await?;
        linger::close(&mut self.stream.stream).await;
        Ok(())
    }

    /// The stream from the first byte of the request's head on.
    #[must_use]
    pub fn into_stream(self) -> Replay<S> {
        let mut bytes = BytesMut::from(self.request.head());
        bytes.extend_from_slice(&self.stream.already_read);
        Replay { already_read: bytes.freeze(), stream: self.stream.stream }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HttpConnection<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HttpConnection<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// A stream of which some bytes were read already; they come first.
#[derive(Debug)]
pub struct Replay<S> {
    already_read: Bytes,
    stream: S,
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.already_read.is_empty() {
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        let length = this.already_read.len().min(buffer.remaining());
        buffer.put_slice(&this.already_read[..length]);
        this.already_read.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Replay<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
