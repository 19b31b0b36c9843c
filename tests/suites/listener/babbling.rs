//! A stream that always has bytes to give, so that a reader never waits.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::timeout;
use websocket_listener::{CloseCode, Deadline, Error, Options, PingMode, WebSocket};
use websocket_listener_tests::{Side, close, text};

use crate::support::{MemoryPeer, with_raw_peer_over};

const CLOSE_TIMEOUT: Duration = Duration::from_millis(300);

/// Passes bytes on until it is told to babble: then it gives one message after the other, and takes
/// whatever is written.
struct Babbling {
    stream: DuplexStream,
    babbles: Arc<AtomicBool>,
}

impl AsyncRead for Babbling {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.babbles.load(Ordering::Relaxed) {
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        thread::sleep(Duration::from_micros(100));
        buffer.put_slice(&text("babble").to(Side::Server).bytes());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Babbling {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if !this.babbles.load(Ordering::Relaxed) {
            return Pin::new(&mut this.stream).poll_write(cx, bytes);
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Gives the test a server, its peer and what makes the peer babble, on a thread of its own: a server
/// that never comes back would never let the test end.
fn with_babbling_peer<F>(
    options: Options,
    test: impl FnOnce(WebSocket<Babbling>, MemoryPeer, Arc<AtomicBool>) -> F + Send + 'static,
) where
    F: Future<Output = ()>,
{
    let (done, ended) = mpsc::channel();
    thread::spawn(move || {
        // The second worker sees to the deadlines.
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let (near, far) = tokio::io::duplex(4096);
            let babbles = Arc::<AtomicBool>::default();
            let far = Babbling { stream: far, babbles: babbles.clone() };
            let (server, peer) = with_raw_peer_over(options, far, near).await;
            test(server, peer, babbles).await;
        });
        done.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_secs(30)).expect("the server comes back");
}

async fn is_left_by(server: &mut WebSocket<Babbling>) {
    let closed = server.close(CloseCode::NORMAL, "").await;
    assert!(matches!(closed, Err(Error::TimedOut(Deadline::Close))), "{closed:?}");
}

/// RFC 6455 section 7.1.7 lets an endpoint drop the connection of a peer that does not close.
#[test]
fn a_babbling_peer_is_left_at_the_close_timeout() {
    let options = Options::new().close_timeout(CLOSE_TIMEOUT);
    with_babbling_peer(options, async |mut server, _peer, babbles| {
        babbles.store(true, Ordering::Relaxed);
        is_left_by(&mut server).await;
    });
}

#[test]
fn a_babbling_peer_is_left_at_the_close_timeout_though_a_ping_falls_due_first() {
    let options = Options::new()
        .close_timeout(Duration::from_millis(1_500))
        .ping_interval(Duration::from_millis(100));
    with_babbling_peer(options, async |mut server, _peer, babbles| {
        assert!(timeout(Duration::from_millis(1), server.recv()).await.is_err());
        babbles.store(true, Ordering::Relaxed);
        is_left_by(&mut server).await;
    });
}

#[test]
fn a_babbling_peer_is_left_at_the_close_timeout_though_a_ping_was_overdue() {
    let options = Options::new()
        .close_timeout(CLOSE_TIMEOUT)
        .ping_mode(PingMode::LatencyControl)
        .ping_interval(CLOSE_TIMEOUT);
    with_babbling_peer(options, async |mut server, _peer, babbles| {
        assert!(timeout(Duration::from_millis(1), server.recv()).await.is_err());
        babbles.store(true, Ordering::Relaxed);
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(2) {
            server.recv().await.unwrap().unwrap();
        }
        is_left_by(&mut server).await;
    });
}

/// RFC 6455 section 1.4: what comes after a Close frame is discarded.
#[test]
fn a_babbling_peer_is_left_at_the_close_timeout_even_after_its_close_frame() {
    let options = Options::new().close_timeout(CLOSE_TIMEOUT);
    with_babbling_peer(options, async |mut server, mut peer, babbles| {
        peer.send_frame(text("before")).await;
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        assert!(server.recv().await.unwrap().is_some());
        babbles.store(true, Ordering::Relaxed);
        assert_eq!(server.recv().await.unwrap(), None);
        assert!(server.close_reason().unwrap().is_clean());
    });
}
