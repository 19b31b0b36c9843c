//! The write queue: frames that are complete, in their order.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use websocket_listener_core::EncodedHeader;

use super::frames::Frames;
use crate::payload::FEW;

/// Payloads of this and more are not copied into the queue but written from where they are.
const COPIED: usize = 16 * 1024;

/// Whole frames on their way out: a buffer of small ones, and behind it at most one payload too
/// large to copy. Empty, it holds no memory.
#[derive(Default)]
pub(crate) struct Output {
    frames: Frames,
    /// What goes behind `frames`: the payload of the last of them, or a whole frame.
    large: Bytes,
}

impl Output {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.large.is_empty()
    }

    /// Whether a further frame may be queued: below the limit, and behind no large payload.
    #[inline]
    pub(crate) fn has_room(&self, limit: usize) -> bool {
        self.large.is_empty() && (self.frames.len() < limit || self.frames.is_empty())
    }

    /// Queues a frame whose payload is copied, and masked in the copy.
    #[inline]
    pub(crate) fn push_copied(&mut self, header: &EncodedHeader, payload: &[u8]) {
        self.demand_room();
        self.frames.push(header.as_bytes());
        let payload = self.frames.push(payload);
        if let Some(mut mask) = header.mask() {
            mask.apply(payload);
        }
    }

    /// Queues a frame of a few bytes, the first of `payload`.
    #[inline]
    pub(crate) fn push_few(&mut self, header: &EncodedHeader, payload: &[u8; FEW], length: usize) {
        self.demand_room();
        match header.as_two_bytes() {
            Some(header) => {
                self.frames.push_front(&header, 2);
                self.frames.push_front(payload, length);
            }
            None => self.push_copied(header, &payload[..length]),
        }
    }

    /// Queues a frame, copying its payload only if it is small or has to be masked.
    #[inline]
    pub(crate) fn push(&mut self, header: &EncodedHeader, payload: impl AsRef<[u8]> + Into<Bytes>) {
        if payload.as_ref().len() < COPIED || header.mask().is_some() {
            self.push_copied(header, payload.as_ref());
        } else {
            self.push_copied(header, &[]);
            self.large = payload.into();
        }
    }

    /// Queues a frame that is encoded already.
    pub(crate) fn push_encoded(&mut self, frame: &Bytes) {
        self.demand_room();
        if frame.len() < COPIED {
            self.frames.push(frame);
        } else {
            self.large = frame.clone();
        }
    }

    /// Out of turn, frames would overtake each other.
    #[inline]
    fn demand_room(&self) {
        assert!(self.large.is_empty(), "a Sink's start_send without its poll_ready");
    }

    /// Queues a whole control frame.
    pub(crate) fn push_control(&mut self, frame: &[u8]) {
        self.frames.push(frame);
    }

    /// Writes once, as much as the stream takes; gives the number of bytes.
    pub(crate) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(stream);
        let written = if self.large.is_empty() {
            ready!(stream.poll_write(cx, self.frames.as_slice()))?
        } else if self.frames.is_empty() {
            ready!(stream.poll_write(cx, &self.large))?
        } else {
            let slices = [IoSlice::new(self.frames.as_slice()), IoSlice::new(&self.large)];
            ready!(stream.poll_write_vectored(cx, &slices))?
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(written);
        Poll::Ready(Ok(written))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.large = Bytes::new();
        self.frames.clear();
    }

    fn advance(&mut self, written: usize) {
        let frames = written.min(self.frames.len());
        self.frames.advance(frames);
        let large = written - frames;
        if large == self.large.len() {
            self.large = Bytes::new();
        } else {
            self.large.advance(large);
        }
    }
}
