//! A stream that has made its own of what it does not take yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The most of a write that it makes its own.
const RECORD: usize = 16 * 1024;

/// Does as OpenSSL: encrypts what it is given, and if the stream below takes none of it then, expects
/// the same bytes at their next write, and more at most.
#[derive(Debug)]
pub(crate) struct Retaining<S> {
    stream: S,
    retained: Vec<u8>,
}

impl<S> Retaining<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, retained: Vec::new() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Retaining<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Retaining<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.retained.is_empty() {
            this.retained.extend_from_slice(&bytes[..bytes.len().min(RECORD)]);
        }
        assert!(bytes.starts_with(&this.retained), "it has sent other bytes than it was given");
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, &this.retained))?;
        this.retained.drain(..written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
