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
use super::write_through::write_through;
use crate::transport::Transport;

/// A plain HTTP exchange that the application has taken over: the request, and the stream behind it.
///
/// ```
/// use tokio::io::AsyncReadExt;
/// use websocket_listener::http::Status;
/// use websocket_listener::http::{Answer, HttpConnection, Request, Response};
///
/// /// Takes POST requests over, to read their bodies.
/// async fn on_request(request: Request) -> Answer {
///     match request.method() {
///         "POST" => Answer::take_over(upload),
///         _ => Answer::accept(),
///     }
/// }
///
/// async fn upload(mut http: HttpConnection) {
///     let length = http.request().header_str("Content-Length");
///     let Some(length) = length.and_then(|text| text.parse().ok()).filter(|&length| length <= 4096)
///     else {
///         let _ = http.respond(Response::new(Status::CONTENT_TOO_LARGE)).await;
///         return;
///     };
///     let mut body = vec![0; length];
///     if http.read_exact(&mut body).await.is_ok() {
///         let _ = http.respond(Response::new(Status::OK).body(body)).await;
///     }
/// }
/// # let _ = on_request;
/// ```
///
/// As a stream, it begins with the bytes after the request's head. For another HTTP implementation,
/// [`into_stream`](Self::into_stream) returns a stream from the first byte of the head.
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

    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns the address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.request.peer_addr()
    }

    /// Waits until the listener begins to [shut down](crate::WebSocketListener::shutdown). Handlers
    /// that still run at the shutdown's deadline are dropped.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub fn shutdown_begun(&self) -> impl Future<Output = ()> + Send + 'static + use<S> {
        self.shutdown.clone().cancelled_owned()
    }

    /// Sends a response, without its body in answer to HEAD, and closes the connection so that the
    /// peer can read all of it. A peer that reads nothing for 20 s is disconnected.
    ///
    /// # Errors
    /// An error of the stream.
    ///
    /// # Cancel safety
    /// Not cancel-safe: a dropped future may have sent a part of the response.
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

    /// Returns the stream, which begins with the first byte of the request's head.
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

write_through!(HttpConnection);
