//! A stream that makes its user wait at every opportunity.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Every operation is pending once before it does anything, and then moves a few bytes at most. So
/// every place where a future can wait is one where it does.
#[derive(Debug)]
pub(crate) struct Fitful<S> {
    stream: S,
    most: usize,
    asked: Asked,
}

/// Which operations have been pending and may now do something.
#[derive(Debug, Default)]
struct Asked {
    read: bool,
    write: bool,
    flush: bool,
    shutdown: bool,
}

impl<S> Fitful<S> {
    /// Moves at most this many bytes at a time.
    pub(crate) fn new(stream: S, most: usize) -> Self {
        Self { stream, most, asked: Asked::default() }
    }
}

/// Pending, with the task woken, every other time.
fn pause(asked: &mut bool, cx: &Context<'_>) -> Poll<()> {
    *asked = !*asked;
    if *asked {
        cx.waker().wake_by_ref();
        return Poll::Pending;
    }
    Poll::Ready(())
}

impl<S: AsyncRead + Unpin> AsyncRead for Fitful<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(pause(&mut this.asked.read, cx));
        let mut bytes = vec![0; this.most.min(buffer.remaining())];
        let mut few = ReadBuf::new(&mut bytes);
        let read = Pin::new(&mut this.stream).poll_read(cx, &mut few);
        if read.is_pending() {
            // The stream will wake; the pause is not to be made twice.
            this.asked.read = true;
        }
        buffer.put_slice(few.filled());
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Fitful<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        std::task::ready!(pause(&mut this.asked.write, cx));
        let few = &bytes[..this.most.min(bytes.len())];
        let written = Pin::new(&mut this.stream).poll_write(cx, few);
        if written.is_pending() {
            this.asked.write = true;
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(pause(&mut this.asked.flush, cx));
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        std::task::ready!(pause(&mut this.asked.shutdown, cx));
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
