//! Writing: from the queue to the stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::Connection;
use super::tasks::Side;
use crate::error::Error;
use crate::registry::clock;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Writes what is queued, control frames among it, until nothing is left.
    ///
    /// Pending means that the stream takes no more; the caller still has to
    /// [`poll_wait`](Self::poll_wait). An error is the stream's, and final for writing.
    pub(super) fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.stream_error.is_none() {
            match self.poll_write_all(cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => self.fail_writing(error),
                Poll::Pending => {
                    self.note_blocked();
                    return Poll::Pending;
                }
            }
        }
        // The same error at every call.
        Poll::Ready(self.stream_error.as_ref().map_or(Ok(()), |error| Err(error.into())))
    }

    /// Tells the engine that the stream takes no more, unless it is only the other tasks' turn.
    fn note_blocked(&mut self) {
        let waits = self.unflushed || !self.output.is_empty();
        if waits && !self.protocol.is_write_blocked() {
            self.protocol.write_blocked(clock::now());
            self.flush_awaited = true;
            self.schedule(Side::Reader);
        }
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            self.queue_control();
            if self.output.is_empty() {
                // Everything has been written.
                if !self.is_encoding() {
                    break;
                }
                // The codec has worked enough for one turn.
                ready!(self.poll_turn(cx));
                self.encode_more();
                continue;
            }
            let Poll::Ready(written) = self.output.poll_write(&mut self.stream, cx) else {
                // The stream takes no more; a Close frame still has to be queued.
                self.encode_without_room(cx);
                return Poll::Pending;
            };
            let written = written?;
            self.tally.bytes_sent += written;
            self.protocol.written(written as u64, clock::now);
            self.unflushed = true;
        }
        if self.unflushed {
            // The stream holds some of it back.
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        if std::mem::take(&mut self.flush_awaited) {
            self.protocol.flushed(clock::now());
            self.schedule(Side::Reader);
        }
        Poll::Ready(Ok(()))
    }

    /// Moves waiting control frames into the queue, as far as there is room: whatever the peer does,
    /// the queue stays within its limit and the engine's outbox holds the newest.
    pub(super) fn queue_control(&mut self) {
        while self.protocol.wants_transmit() && self.has_room_for_control() {
            let mut frame = [0; websocket_listener_core::MAX_CONTROL_FRAME];
            let length = self.protocol.transmit(&mut frame, self.now);
            self.output.push_control(&frame[..length]);
            self.flush_awaited = true;
        }
    }
}
