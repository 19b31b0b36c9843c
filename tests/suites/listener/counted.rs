//! A listener of streams that are counted, from the moment when they are accepted to that of their end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use websocket_listener::endpoint::{PeerName, StreamListener};

/// The number of open streams, now and at most.
#[derive(Debug, Default)]
pub(crate) struct Open {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Open {
    pub(crate) fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// Accepts what the other one accepts.
#[derive(Debug)]
pub(crate) struct Counting(pub(crate) TcpListener, pub(crate) Arc<Open>);

impl StreamListener for Counting {
    type Stream = Counted;

    async fn accept(&mut self) -> io::Result<(Counted, PeerName)> {
        let (stream, address) = self.0.accept().await?;
        let now = self.1.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.1.most.fetch_max(now, Ordering::SeqCst);
        Ok((Counted { _open: OneOpen(self.1.clone()), stream }, address.into()))
    }

    fn local_endpoint(&self) -> String {
        "counted".to_owned()
    }
}

/// One of the streams.
#[derive(Debug)]
pub(crate) struct Counted {
    _open: OneOpen,
    stream: TcpStream,
}

#[derive(Debug)]
struct OneOpen(Arc<Open>);

impl Drop for OneOpen {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
