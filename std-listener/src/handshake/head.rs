//! The head of a request, read from a stream.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;
use websocket_listener_core::handshake::{HeadError, HeadScanner};

use crate::buffers::{self, ReadBuffer};

/// The absence of a head.
pub(crate) enum NoHead {
    Refused(HeadError),
    Disconnected,
}

/// A head, and the received bytes after it.
pub(crate) struct WithRest {
    pub(crate) head: Arc<[u8]>,
    pub(crate) rest: BytesMut,
}

/// Reads until the head is complete. While waiting, it holds the received bytes only.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut scanner: HeadScanner,
) -> Result<WithRest, NoHead> {
    // The beginning of a head that did not arrive in one read; most heads do.
    let mut part = BytesMut::new();
    loop {
        let lent = poll_fn(|cx| poll_read_lent(stream, cx)).await;
        let lent = lent.map_err(|_| NoHead::Disconnected)?;
        let Some(lent) = lent else { return Err(NoHead::Disconnected) };
        let received = if part.is_empty() {
            &lent.bytes
        } else {
            part.extend_from_slice(&lent.bytes);
            &part
        };
        let found = scanner.scan(received).map(|end| {
            let (head, rest) = received.split_at(end?);
            Some(WithRest { head: Arc::from(head), rest: BytesMut::from(rest) })
        });
        if part.is_empty() && matches!(found, Ok(None)) {
            part.extend_from_slice(&lent.bytes);
        }
        buffers::return_read(lent);
        match found {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => return Err(NoHead::Refused(error)),
        }
    }
}

/// Reads once, into a buffer that is lent only for received bytes; `None` at the end.
fn poll_read_lent<S: AsyncRead + Unpin>(
    stream: &mut S,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Option<Box<ReadBuffer>>>> {
    let mut buffer = buffers::lend_read();
    match poll_read_buf(Pin::new(stream), cx, &mut buffer.bytes) {
        Poll::Ready(Ok(read)) if read > 0 => Poll::Ready(Ok(Some(buffer))),
        other => {
            buffers::return_read(buffer);
            other.map_ok(|_| None)
        }
    }
}
