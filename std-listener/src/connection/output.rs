//! The write queue: complete frames, in order.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use websocket_listener_core::EncodedHeader;

use super::frames::Frames;
use crate::message::payload::FEW;

/// Payloads of this size or more are not copied into the queue but written from where they are.
const COPIED: usize = 16 * 1024;

/// Whole frames on their way out: a buffer of small ones, followed by at most one payload or frame
/// that is not copied. While it is empty, it holds no memory.
#[derive(Default)]
pub(crate) struct Output {
    frames: Frames,
    /// The bytes that follow `frames`: the payload of the last of them, or a whole frame. Something
    /// can be queued after it once less than [`COPIED`] is left of it, which is then copied. In a
    /// box, because there is rarely one. Never empty.
    shared: Option<Box<Bytes>>,
}

impl Output {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.shared.is_none()
    }

    /// Returns the number of bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.frames.len() + self.shared.as_ref().map_or(0, |shared| shared.len())
    }

    /// Returns whether a further frame may be queued: below the limit, and not after something large.
    #[inline]
    pub(crate) fn has_room(&self, limit: usize) -> bool {
        match &self.shared {
            None => self.frames.is_empty() || self.frames.len() < limit,
            Some(shared) => shared.len() < COPIED && self.frames.len() + shared.len() < limit,
        }
    }

    /// Queues a frame whose payload is copied, and masked in the copy.
    #[inline(always)]
    pub(crate) fn push_copied(&mut self, header: &EncodedHeader, payload: &[u8]) {
        self.make_way();
        let payload = self.frames.push_frame(header, payload);
        if let Some(mut mask) = header.mask() {
            mask.apply(payload);
        }
    }

    /// Queues a frame of a few bytes, the first of `payload`.
    #[inline]
    pub(crate) fn push_few(&mut self, header: &EncodedHeader, payload: &[u8; FEW], length: usize) {
        self.make_way();
        let payload = self.frames.push_few(header, payload, length);
        if let Some(mut mask) = header.mask() {
            mask.apply(payload);
        }
    }

    /// Queues a frame, copying its payload only if it is small or has to be masked.
    #[inline]
    pub(crate) fn push(&mut self, header: &EncodedHeader, payload: impl AsRef<[u8]> + Into<Bytes>) {
        if payload.as_ref().len() < COPIED || header.mask().is_some() {
            self.push_copied(header, payload.as_ref());
        } else {
            self.push_copied(header, &[]);
            self.shared = Some(Box::new(payload.into()));
        }
    }

    /// Queues a frame of a message that continues after it.
    pub(crate) fn push_open(&mut self, header: &EncodedHeader, payload: Bytes) {
        let length = payload.len();
        self.push(header, payload);
        let copied = if self.shared.is_some() { 0 } else { length };
        self.frames.note_open(header.len() + copied);
    }

    /// The first byte of the frame that was queued last, if its message continues after it and the
    /// stream has not been given it yet.
    pub(crate) fn open_frame(&mut self) -> Option<&mut u8> {
        self.frames.open_frame()
    }

    /// Queues a frame that is already encoded. Its bytes are shared if it is large, or if nothing
    /// is queued: then it mostly leaves at once, and if not, it needs no memory here.
    pub(crate) fn push_encoded(&mut self, frame: &Bytes) {
        self.make_way();
        if frame.len() < COPIED && !self.frames.is_empty() {
            self.frames.push(frame);
        } else {
            self.shared = Some(Box::new(frame.clone()));
        }
    }

    /// Moves what is shared to where something can be queued after it.
    #[inline]
    fn make_way(&mut self) {
        if self.shared.is_some() {
            self.push_shared();
        }
    }

    #[cold]
    fn push_shared(&mut self) {
        let shared = self.shared.take().unwrap_or_default();
        // Out of turn, frames would overtake each other.
        assert!(shared.len() < COPIED, "a Sink's start_send without its poll_ready");
        self.frames.push(&shared);
    }

    /// Queues a whole control frame.
    pub(crate) fn push_control(&mut self, frame: &[u8]) {
        self.make_way();
        self.frames.push(frame);
    }

    /// Writes once, as much as the stream takes; returns the number of bytes.
    pub(crate) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(stream);
        let written = match &self.shared {
            None => stream.poll_write(cx, self.frames.as_slice()),
            Some(shared) if self.frames.is_empty() => stream.poll_write(cx, shared),
            Some(shared) => {
                let slices = [IoSlice::new(self.frames.as_slice()), IoSlice::new(shared)];
                stream.poll_write_vectored(cx, &slices)
            }
        };
        let Poll::Ready(written) = written else {
            // A stream may keep a copy of what it was given, as OpenSSL does: when the write is tried
            // again, it sends the copy.
            self.frames.forget_open();
            return Poll::Pending;
        };
        let written = written?;
        if written == 0 {
            // The stream will never take more.
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(written);
        Poll::Ready(Ok(written))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.shared = None;
        self.frames.clear();
    }

    fn advance(&mut self, written: usize) {
        let frames = written.min(self.frames.len());
        self.frames.advance(frames);
        if let Some(shared) = &mut self.shared {
            shared.advance(written - frames);
            if shared.is_empty() {
                self.shared = None;
            }
        }
    }
}
