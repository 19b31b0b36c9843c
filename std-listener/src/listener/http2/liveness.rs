//! Whether the peer of an HTTP/2 connection is still there.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use h2::{Ping, PingPong};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{sleep, timeout};

use super::options::Http2Options;

/// A stream that notes when anything comes.
pub(super) struct Heard<S> {
    stream: S,
    heard: Arc<AtomicBool>,
}

impl<S> Heard<S> {
    /// Also returns what it notes that in.
    pub(super) fn new(stream: S) -> (Self, Arc<AtomicBool>) {
        let heard = Arc::new(AtomicBool::new(false));
        (Self { stream, heard: heard.clone() }, heard)
    }
}

/// Completes when the peer is silent: it does not answer a ping, and nothing else comes from it either.
/// The ping, or its answer, may have to wait behind data for longer than the time-out.
pub(super) async fn silence(
    pings: Option<PingPong>,
    heard: Arc<AtomicBool>,
    options: Http2Options,
) {
    // A connection gives out its pings only once.
    let Some(mut pings) = pings else { return std::future::pending().await };
    loop {
        sleep(options.ping_interval).await;
        let mut answer = pin!(pings.ping(Ping::opaque()));
        loop {
            heard.store(false, Ordering::Relaxed);
            match timeout(options.ping_timeout, answer.as_mut()).await {
                Ok(Ok(_)) => break,
                Err(_) if heard.load(Ordering::Relaxed) => {}
                _ => return,
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            this.heard.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
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
