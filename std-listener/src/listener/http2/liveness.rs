//! The liveness of an HTTP/2 connection's peer.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use h2::{Ping, PingPong};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_util::io::InspectReader;

use super::options::Http2Options;

/// A stream with a flag that each received byte sets.
pub(super) fn watch<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
) -> (impl AsyncRead + AsyncWrite + Unpin, Arc<AtomicBool>) {
    let heard = Arc::new(AtomicBool::new(false));
    let note = heard.clone();
    let stream = InspectReader::new(stream, move |received: &[u8]| {
        if !received.is_empty() {
            note.store(true, Ordering::Relaxed);
        }
    });
    (stream, heard)
}

/// Waits until the peer is silent: no answer to a ping arrives, and no other byte. Other bytes count,
/// because the ping or its answer may wait behind data for longer than the timeout.
pub(super) async fn silence(
    pings: Option<PingPong>,
    heard: Arc<AtomicBool>,
    options: Http2Options,
) {
    // A connection returns its handle for pings once.
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
