//! Reading a request's head.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;
use websocket_listener_core::handshake::{HeadError, HeadScanner};

use crate::buffers;

/// Why there is no head.
pub(crate) enum NoHead {
    Refused(HeadError),
    Disconnected,
}

/// A head, and the bytes that came behind it.
pub(crate) struct WithRest {
    pub(crate) head: Arc<[u8]>,
    pub(crate) rest: BytesMut,
}

/// Reads until the head is whole. While waiting, it holds no more than what came.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut scanner: HeadScanner,
) -> Result<WithRest, NoHead> {
    let mut received = BytesMut::new();
    loop {
        let read = poll_fn(|cx| poll_read_lent(stream, cx)).await;
        let lent = read.map_err(|_| NoHead::Disconnected)?;
        if lent.is_empty() {
            return Err(NoHead::Disconnected);
        }
        if received.is_empty() {
            // Nearly always the whole head comes at once, and is looked at where it is.
            received = lent;
        } else {
            received.extend_from_slice(&lent);
            give_back(lent);
        }
        match scanner.scan(&received) {
            Ok(Some(end)) => {
                let head = Arc::from(&received[..end]);
                received.advance(end);
                if received.is_empty() {
                    give_back(std::mem::take(&mut received));
                }
                return Ok(WithRest { head, rest: received });
            }
            Ok(None) => {
                if received.capacity() >= buffers::READ_CAPACITY {
                    // A peer that lets us wait must not keep a lent buffer.
                    let part = BytesMut::from(&received[..]);
                    give_back(std::mem::replace(&mut received, part));
                }
            }
            Err(error) => {
                give_back(received);
                return Err(NoHead::Refused(error));
            }
        }
    }
}

/// Reads once, into a buffer that is lent only if something came; an empty one is the end.
fn poll_read_lent<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
) -> Poll<io::Result<BytesMut>> {
    let mut buffer = buffers::lend_read();
    match poll_read_buf(Pin::new(stream), cx, &mut buffer) {
        Poll::Ready(Ok(_)) => Poll::Ready(Ok(buffer)),
        other => {
            buffers::return_read(buffer);
            other.map_ok(|_| BytesMut::new())
        }
    }
}

fn give_back(mut buffer: BytesMut) {
    buffer.clear();
    if buffer.try_reclaim(buffers::READ_CAPACITY) {
        buffers::return_read(buffer);
    }
}
