//! What was read and not yet handed on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;
use websocket_listener_core::WholeMessage;

use crate::{MessageKind, Payload, buffers};

/// Payloads below this are copied out of the shared read buffer: that is as cheap as sharing it, and
/// a message that is kept does not keep 128 KiB with it.
const SHARED: usize = 4 * 1024;

/// Frames of which more than this is missing are read straight into their message.
const DIRECT: u64 = 16 * 1024;

/// Empty, it holds no memory.
#[derive(Default)]
pub(crate) struct Input {
    /// Bytes as they came. Those before `start` are done with; the `decoded` that follow are
    /// payload, unmasked already.
    buffer: BytesMut,
    start: usize,
    /// Whether the buffer is a lent one.
    lent: bool,
    decoded: usize,
    /// The beginning of a message that `recv` puts together.
    assembly: BytesMut,
    pub(crate) incoming: Incoming,
}

/// The message that is coming in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// None is under way.
    #[default]
    Between,
    /// `recv` puts it together. `complete`: and only has to hand it out.
    Assembling { kind: MessageKind, complete: bool },
    /// A reader hands it out. `complete`: its end has been decoded.
    Streaming { kind: MessageKind, complete: bool },
    /// Its reader was dropped; the rest is ignored.
    Skipping,
}

impl Input {
    /// Bytes that have not been through the engine.
    #[inline]
    pub(crate) fn undecoded(&mut self) -> &mut [u8] {
        debug_assert_eq!(self.decoded, 0);
        &mut self.buffer[self.start..]
    }

    #[inline]
    pub(crate) fn has_undecoded(&self) -> bool {
        self.start + self.decoded < self.buffer.len()
    }

    /// Drops bytes from the front that carry no payload.
    #[inline]
    pub(crate) fn drop_front(&mut self, bytes: usize) {
        self.start += bytes;
        self.give_back_if_empty();
    }

    /// The bytes at the front are payload from now on.
    pub(crate) fn set_decoded(&mut self, payload: usize) {
        self.decoded = payload;
    }

    /// Takes the message at the front of what has not been decoded, without a copy if it is large.
    #[inline]
    pub(crate) fn take_whole(&mut self, mut message: WholeMessage) -> Payload {
        let length = message.payload.len();
        let payload = &mut self.buffer[self.start + message.payload.start..];
        if length < SHARED {
            let payload = Payload::copy_from_front(payload, length, message.mask);
            self.drop_front(message.payload.end);
            return payload;
        }
        message.mask.apply(&mut payload[..length]);
        self.start += message.payload.start;
        self.share_front(length).into()
    }

    /// Takes a message that was unmasked already from the front, without a copy if it is large.
    pub(crate) fn take_message(&mut self, length: usize) -> Payload {
        if length >= SHARED {
            return self.share_front(length).into();
        }
        let payload = Payload::copy_from_slice(&self.buffer[self.start..][..length]);
        self.drop_front(length);
        payload
    }

    /// Adds the bytes at the front to the message that is put together.
    pub(crate) fn assemble(&mut self, length: usize) {
        self.assembly.extend_from_slice(&self.buffer[self.start..][..length]);
        self.drop_front(length);
    }

    /// Gives `decode` the bytes at the front and the message that is put together, to add to it, and
    /// drops as many of the former as it says.
    pub(crate) fn decode_front<T, E>(
        &mut self,
        decode: impl FnOnce(&[u8], &mut BytesMut) -> Result<(usize, T), E>,
    ) -> Result<T, E> {
        debug_assert_eq!(self.decoded, 0);
        let (consumed, decoded) = decode(&self.buffer[self.start..], &mut self.assembly)?;
        self.drop_front(consumed);
        Ok(decoded)
    }

    /// Drops what was put together of a message that nobody reads.
    pub(crate) fn drop_assembly(&mut self) {
        self.assembly = BytesMut::new();
    }

    /// The message that was put together.
    pub(crate) fn take_assembly(&mut self) -> Payload {
        let assembly = std::mem::take(&mut self.assembly);
        if assembly.len() < SHARED {
            Payload::copy_from_slice(&assembly)
        } else {
            assembly.freeze().into()
        }
    }

    /// Payload that a reader can have now.
    pub(crate) fn readable(&self) -> &[u8] {
        if self.assembly.is_empty() {
            &self.buffer[self.start..][..self.decoded]
        } else {
            &self.assembly
        }
    }

    /// Payload that a reader has taken.
    pub(crate) fn consume(&mut self, bytes: usize) {
        if self.assembly.is_empty() {
            self.decoded -= bytes;
            self.drop_front(bytes);
        } else {
            self.assembly.advance(bytes);
            if self.assembly.is_empty() {
                self.assembly = BytesMut::new();
            }
        }
    }

    /// All the payload that a reader can have now, without a copy if it is much.
    pub(crate) fn take_readable(&mut self) -> Bytes {
        let length = self.readable().len();
        if length < SHARED {
            let bytes = Bytes::copy_from_slice(self.readable());
            self.consume(length);
            return bytes;
        }
        if !self.assembly.is_empty() {
            return std::mem::take(&mut self.assembly).freeze();
        }
        self.decoded = 0;
        self.share_front(length)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let has_payload = !self.readable().is_empty();
        match &mut self.incoming {
            // What is lost must be missed.
            Incoming::Streaming { complete, .. } if has_payload => *complete = false,
            Incoming::Assembling { .. } => self.incoming = Incoming::Between,
            _ => {}
        }
        self.assembly = BytesMut::new();
        self.decoded = 0;
        self.drop_front(self.buffer.len() - self.start);
    }

    /// Bytes that came behind the opening handshake.
    pub(crate) fn preload(&mut self, bytes: BytesMut) {
        self.buffer = bytes;
    }

    /// Reads once into a lent buffer, which is given back at once if nothing came.
    pub(crate) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        debug_assert!(self.buffer.is_empty());
        self.buffer = buffers::lend_read();
        self.lent = true;
        let read = poll_read_buf(Pin::new(stream), cx, &mut self.buffer);
        self.give_back_if_empty();
        read
    }

    /// Whether [`poll_read_direct`](Self::poll_read_direct) is the better way to read the rest of a
    /// frame.
    #[inline]
    pub(crate) fn wants_direct(&self, remaining: u64) -> bool {
        remaining >= DIRECT && matches!(self.incoming, Incoming::Assembling { complete: false, .. })
    }

    /// Reads once, no further than the frame's end, to the end of the message that is put together;
    /// gives what was read.
    ///
    /// Room is made in proportion to what has come, not to what was announced.
    pub(crate) fn poll_read_direct<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
        remaining: u64,
    ) -> Poll<io::Result<&mut [u8]>> {
        let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
        let start = self.assembly.len();
        if self.assembly.capacity() == start {
            self.assembly.reserve(remaining.min((4 * start).max(buffers::READ_CAPACITY)));
        }
        let mut room = (&mut self.assembly).limit(remaining);
        ready!(poll_read_buf(Pin::new(stream), cx, &mut room))?;
        Poll::Ready(Ok(&mut self.assembly[start..]))
    }

    /// Takes bytes off the front without a copy.
    fn share_front(&mut self, length: usize) -> Bytes {
        self.buffer.advance(std::mem::take(&mut self.start));
        let bytes = self.buffer.split_to(length).freeze();
        self.give_back_if_empty();
        bytes
    }

    #[inline]
    fn give_back_if_empty(&mut self) {
        if self.start == self.buffer.len() {
            self.start = 0;
            let buffer = std::mem::take(&mut self.buffer);
            if std::mem::take(&mut self.lent) {
                buffers::return_read(buffer);
            }
        }
    }
}
