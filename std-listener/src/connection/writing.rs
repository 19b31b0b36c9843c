//! Writing: from the queue to the stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::Connection;
use crate::error::Error;
use crate::registry::clock;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Writes what is queued, control frames among it, until nothing is left.
    ///
    /// Pending means that the stream takes no more; the caller still has to
    /// [`poll_wait`](Self::poll_wait). An error is the stream's, and final for writing.
    pub(super) fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Some(failure) = self.write_failure {
            self.output.clear();
            return Poll::Ready(Err(failure.into()));
        }
        let written = self.poll_write_all(cx);
        match &written {
            Poll::Ready(Ok(())) => self.stalled = None,
            Poll::Ready(Err(error)) => {
                self.write_failure = Some(error.into());
                self.stalled = None;
                self.output.clear();
                // A reader that waits no longer has anything to wait for.
                self.registration.wake();
            }
            // If it does not wait for other tasks to have their turn, the stream takes no more.
            Poll::Pending
                if self.stalled.is_none() && (self.unflushed || !self.output.is_empty()) =>
            {
                self.stalled = Some(clock::now());
                self.schedule();
            }
            Poll::Pending => {}
        }
        written
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.queue_control();
            if self.output.is_empty() {
                if !self.is_encoding() {
                    break;
                }
                ready!(self.poll_turn(cx));
                self.encode_more();
                continue;
            }
            let Poll::Ready(written) = self.output.poll_write(&mut self.stream, cx) else {
                self.encode_without_room(cx);
                return Poll::Pending;
            };
            self.tally.bytes_sent += written?;
            self.stalled = None;
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        if std::mem::take(&mut self.control_queued) {
            self.protocol.flushed(clock::now());
            self.schedule();
        }
        Poll::Ready(Ok(()))
    }

    /// Moves waiting control frames into the queue, as far as there is room: whatever the peer does,
    /// the queue stays within its limit and the engine's outbox holds the newest.
    pub(super) fn queue_control(&mut self) {
        while self.protocol.wants_transmit()
            && self.has_room_for_control()
            && self.write_failure.is_none()
        {
            let mut frame = [0; websocket_listener_core::MAX_CONTROL_FRAME];
            let length = self.protocol.transmit(&mut frame, self.now);
            self.output.push_control(&frame[..length]);
            self.control_queued = true;
        }
    }
}
