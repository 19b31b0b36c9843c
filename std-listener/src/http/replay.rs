//! Streams with bytes that were read ahead.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

use super::write_through::write_through;

/// A stream with bytes that were read ahead, which a reader gets first.
#[derive(Debug)]
pub struct Replay<S> {
    already_read: Bytes,
    stream: S,
}

impl<S> Replay<S> {
    pub(crate) fn new(already_read: Bytes, stream: S) -> Self {
        Self { already_read, stream }
    }

    /// Puts bytes before those that were read ahead.
    pub(super) fn preceded_by(self, bytes: &[u8]) -> Self {
        let already_read = [bytes, &self.already_read].concat().into();
        Self { already_read, stream: self.stream }
    }

    /// Returns the stream itself, without the bytes that were read ahead.
    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Replay<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.already_read.is_empty() {
            return Pin::new(&mut this.stream).poll_read(cx, buffer);
        }
        let length = this.already_read.len().min(buffer.remaining());
        buffer.put_slice(&this.already_read[..length]);
        this.already_read.advance(length);
        Poll::Ready(Ok(()))
    }
}

write_through!(Replay);
