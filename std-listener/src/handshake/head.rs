//! Reading a request's head.

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

/// Why there is no head.
pub(crate) enum NoHead {
    Refused(HeadError),
    Disconnected,
}

/// A head, and the bytes that came after it.
pub(crate) struct WithRest {
    pub(crate) head: Arc<[u8]>,
    pub(crate) rest: BytesMut,
}

/// Reads until the head is whole. While waiting, it holds no more memory than what came.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(
    stream: &mut S,
    mut scanner: HeadScanner,
) -> Result<WithRest, NoHead> {
    // The part of a head that did not come in one read, as nearly all do.
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

/// Reads once, into a buffer that is lent only if something came; `None` is the end.
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
