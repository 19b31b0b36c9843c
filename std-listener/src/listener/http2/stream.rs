//! One stream of an HTTP/2 connection, as a stream of bytes.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::{RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The stream of an HTTP/2 connection that carries a WebSocket (RFC 8441 section 5).
///
/// It ends as TCP does: END_STREAM ends the peer's direction, RST_STREAM is a reset. Reading gives
/// the peer room for more bytes, and a write sends no more than the peer has room for
/// (RFC 9113 section 5.2).
pub struct Http2Stream {
    receiving: RecvStream,
    sending: SendStream<Bytes>,
    /// The unread rest of the last DATA frame.
    chunk: Bytes,
    input_ended: bool,
    shut_down: bool,
    local_addr: Option<SocketAddr>,
}

impl Http2Stream {
    pub(crate) fn new(
        receiving: RecvStream,
        sending: SendStream<Bytes>,
        local_addr: Option<SocketAddr>,
    ) -> Self {
        let chunk = Bytes::new();
        Self { receiving, sending, chunk, input_ended: false, shut_down: false, local_addr }
    }

    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        self.local_addr
    }

    /// Waits for bytes to read; false at the end.
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.chunk.is_empty() {
            if self.input_ended {
                return Poll::Ready(Ok(false));
            }
            match ready!(self.receiving.poll_data(cx)) {
                Some(chunk) => self.chunk = chunk.map_err(into_io)?,
                None => self.input_ended = true,
            }
        }
        Poll::Ready(Ok(true))
    }
}

impl AsyncRead for Http2Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if ready!(this.poll_chunk(cx))? {
            let length = this.chunk.len().min(buffer.remaining());
            buffer.put_slice(&this.chunk[..length]);
            this.chunk.advance(length);
            this.receiving.flow_control().release_capacity(length).map_err(into_io)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Http2Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        // Replaces the request of an earlier, longer write.
        this.sending.reserve_capacity(bytes.len());
        while this.sending.capacity() == 0 {
            match ready!(this.sending.poll_capacity(cx)) {
                Some(capacity) => drop(capacity.map_err(into_io)?),
                None => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            }
        }
        let length = bytes.len().min(this.sending.capacity());
        let chunk = Bytes::copy_from_slice(&bytes[..length]);
        this.sending.send_data(chunk, false).map_err(into_io)?;
        Poll::Ready(Ok(length))
    }

    /// Does nothing: the connection's task writes the frames.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.shut_down {
            this.sending.send_data(Bytes::new(), true).map_err(into_io)?;
            this.shut_down = true;
        }
        Poll::Ready(Ok(()))
    }
}

/// Converts a reset of the stream, or the end of its connection, to that of a TCP reset.
fn into_io(error: h2::Error) -> io::Error {
    if error.is_reset() || error.is_go_away() || !error.is_io() {
        return io::Error::new(io::ErrorKind::ConnectionReset, error);
    }
    error.into_io().unwrap_or_else(|| io::ErrorKind::ConnectionReset.into())
}

impl fmt::Debug for Http2Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http2Stream").field("id", &self.sending.stream_id()).finish_non_exhaustive()
    }
}
