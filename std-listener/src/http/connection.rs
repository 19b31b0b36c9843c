//! HTTP exchanges that the application has taken over.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

use super::linger;
use super::replay::Replay;
use super::request::Request;
use super::response::Response;
use crate::transport::Transport;

/// A plain HTTP exchange that was taken over: the request, and the stream behind it.
///
/// As a stream it begins with the bytes that follow the request's head. For another HTTP
/// implementation, [`into_stream`](Self::into_stream) gives every byte from the first of the head.
#[derive(Debug)]
pub struct HttpConnection<S = Transport> {
    request: Request,
    stream: Replay<S>,
    shutdown: CancellationToken,
}

impl<S: AsyncRead + AsyncWrite + Unpin> HttpConnection<S> {
    pub(crate) fn new(
        request: Request,
        stream: S,
        after_head: Bytes,
        shutdown: CancellationToken,
    ) -> Self {
        Self { request, stream: Replay::new(after_head, stream), shutdown }
    }

    /// The request: its head, and who sent it.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.request.peer_addr()
    }

    /// Waits until the listener begins to [shut down](crate::WebSocketListener::shutdown), for
    /// handlers that run for long. Those that still run at the shutdown's deadline are dropped.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub fn shutdown_begun(&self) -> impl Future<Output = ()> + Send + 'static + use<S> {
        self.shutdown.clone().cancelled_owned()
    }

    /// Sends a response and closes the connection in a way that lets all of it arrive. Sends no
    /// body in answer to HEAD. A peer that takes nothing for 20 s is given up.
    ///
    /// # Errors
    /// Those of the stream, and `InvalidInput` for headers that are malformed or that the response
    /// writes itself.
    ///
    /// # Cancel safety
    /// Not cancel-safe: a cancelled response is cut off.
    pub async fn respond(mut self, response: Response) -> io::Result<()> {
        let with_body = self.request.method() != "HEAD";
        let bytes = response
            .encode(with_body)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let stream = self.stream.stream_mut();
        linger::answer(stream, &bytes).await?;
        linger::close(stream).await;
        Ok(())
    }

    /// The stream from the first byte of the request's head on.
    #[must_use]
    pub fn into_stream(self) -> Replay<S> {
        self.stream.preceded_by(self.request.head())
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
