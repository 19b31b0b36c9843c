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
    // Of a head that does not come at once, which nearly all do.
    let mut part = BytesMut::new();
    loop {
        let lent = poll_fn(|cx| poll_read_lent(stream, cx)).await;
        let lent = lent.map_err(|_| NoHead::Disconnected)?;
        if lent.is_empty() {
            return Err(NoHead::Disconnected);
        }
        let received = if part.is_empty() {
            &lent
        } else {
            part.extend_from_slice(&lent);
            &part
        };
        let found = scanner.scan(received).map(|end| {
            let (head, rest) = received.split_at(end?);
            Some(WithRest { head: Arc::from(head), rest: BytesMut::from(rest) })
        });
        if part.is_empty() && matches!(found, Ok(None)) {
            part.extend_from_slice(&lent);
        }
        buffers::return_read(lent);
        match found {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => {}
            Err(error) => return Err(NoHead::Refused(error)),
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
