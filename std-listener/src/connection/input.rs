//! Input that was read and not yet handed on.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;
use websocket_listener_core::{MessageKind, WholeMessage};

use crate::buffers::{self, ReadBuffer};
use crate::message::payload::Payload;

/// Payloads below this are copied out of the shared read buffer: that is as cheap as sharing it,
/// and a message that is kept does not keep 128 KiB alive.
const SHARED: usize = 4 * 1024;

/// If more than this is missing of a frame, the rest is read straight into its message.
const DIRECT: u64 = 16 * 1024;

/// While it is empty, it holds no memory.
#[derive(Default)]
pub(crate) struct Input {
    buffer: Option<Box<ReadBuffer>>,
    /// The beginning of a message that `recv` puts together.
    assembly: Option<Box<BytesMut>>,
    pub(crate) incoming: Incoming,
}

/// The message that is coming in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// None is under way.
    #[default]
    Between,
    /// `recv` puts it together. `complete`: all of it is here, and only has to be handed out.
    Assembling { kind: MessageKind, complete: bool },
    /// A reader hands it out. `complete`: its end has been decoded.
    Streaming { kind: MessageKind, complete: bool },
    /// Its reader has left it; the rest is ignored.
    Skipping,
}

impl Input {
    /// Bytes that have not been through the engine.
    #[inline]
    pub(crate) fn undecoded(&mut self) -> &mut [u8] {
        let Some(buffer) = &mut self.buffer else { return &mut [] };
        debug_assert_eq!(buffer.decoded, 0);
        &mut buffer.bytes[buffer.start..]
    }

    #[inline]
    pub(crate) fn has_undecoded(&self) -> bool {
        let buffer = self.buffer.as_ref();
        buffer.is_some_and(|buffer| buffer.start + buffer.decoded < buffer.bytes.len())
    }

    /// Drops bytes from the front that carry no payload.
    #[inline]
    pub(crate) fn drop_front(&mut self, bytes: usize) {
        if let Some(buffer) = &mut self.buffer {
            buffer.start += bytes;
            self.give_back_if_empty();
        }
    }

    /// The bytes at the front are payload from now on.
    pub(crate) fn set_decoded(&mut self, payload: usize) {
        if let Some(buffer) = &mut self.buffer {
            buffer.decoded = payload;
        }
    }

    /// Takes the message that `find` finds at the front of what has not been decoded, without a copy
    /// if it is large.
    #[inline]
    pub(crate) fn take_whole(
        &mut self,
        find: impl FnOnce(&mut [u8]) -> Option<WholeMessage>,
    ) -> Option<(MessageKind, Payload)> {
        let buffer = self.buffer.as_mut()?;
        debug_assert_eq!(buffer.decoded, 0);
        let undecoded = &mut buffer.bytes[buffer.start..];
        let WholeMessage { kind, payload: Range { start, end }, mut mask } = find(undecoded)?;
        let payload = &mut undecoded[start..];
        let length = end - start;
        if length < SHARED {
            let payload = Payload::copy_from_front(&mut buffer.spare, payload, length, mask);
            self.drop_front(end);
            return Some((kind, payload));
        }
        mask.apply(&mut payload[..length]);
        self.drop_front(start);
        Some((kind, self.share_front(length).into()))
    }

    /// Keeps the place of a payload, unless it is shared, for the next message.
    #[inline]
    pub(crate) fn keep(&mut self, payload: Payload) {
        if let Some(buffer) = &mut self.buffer {
            buffer.spare.keep(payload);
        }
    }

    /// Takes a message that is already unmasked from the front, without a copy if it is large.
    pub(crate) fn take_message(&mut self, length: usize) -> Payload {
        if length >= SHARED {
            return self.share_front(length).into();
        }
        let payload = Payload::copy_from_slice(&front(self.buffer.as_deref())[..length]);
        self.drop_front(length);
        payload
    }

    /// Adds the bytes at the front to the message that is put together.
    pub(crate) fn assemble(&mut self, length: usize) {
        let front = front(self.buffer.as_deref());
        self.assembly.get_or_insert_default().extend_from_slice(&front[..length]);
        self.drop_front(length);
    }

    /// Calls `decode` with the bytes at the front and the message to append them to, and drops as
    /// many of the former as it returns.
    pub(crate) fn decode_front<T, E>(
        &mut self,
        decode: impl FnOnce(&[u8], &mut BytesMut) -> Result<(usize, T), E>,
    ) -> Result<T, E> {
        let front = front(self.buffer.as_deref());
        let mut assembly = self.assembly.take().unwrap_or_default();
        let (consumed, decoded) = decode(front, &mut assembly)?;
        self.assembly = (!assembly.is_empty()).then_some(assembly);
        self.drop_front(consumed);
        Ok(decoded)
    }

    /// Drops what was put together of a message that is skipped.
    pub(crate) fn drop_assembly(&mut self) {
        self.assembly = None;
    }

    /// The message that was put together.
    pub(crate) fn take_assembly(&mut self) -> Payload {
        let assembly = self.assembly.take().map_or_else(BytesMut::new, |assembly| *assembly);
        if assembly.len() < SHARED {
            Payload::copy_from_slice(&assembly)
        } else {
            assembly.freeze().into()
        }
    }

    /// Payload that a reader can have now.
    pub(crate) fn readable(&self) -> &[u8] {
        match (&self.assembly, &self.buffer) {
            (Some(assembly), _) if !assembly.is_empty() => assembly,
            (_, Some(buffer)) => &buffer.bytes[buffer.start..][..buffer.decoded],
            (_, None) => &[],
        }
    }

    /// Payload that a reader has taken.
    pub(crate) fn consume(&mut self, bytes: usize) {
        match (&mut self.assembly, &mut self.buffer) {
            (Some(assembly), _) if !assembly.is_empty() => {
                assembly.advance(bytes);
                if assembly.is_empty() {
                    self.assembly = None;
                }
            }
            (_, Some(buffer)) => {
                buffer.decoded -= bytes;
                self.drop_front(bytes);
            }
            (_, None) => {}
        }
    }

    /// All the payload that a reader can have now, without a copy if it is large.
    pub(crate) fn take_readable(&mut self) -> Bytes {
        let length = self.readable().len();
        if length < SHARED {
            let bytes = Bytes::copy_from_slice(self.readable());
            self.consume(length);
            return bytes;
        }
        match self.assembly.take() {
            Some(assembly) if !assembly.is_empty() => assembly.freeze(),
            _ => {
                self.set_decoded(0);
                self.share_front(length)
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let has_payload = !self.readable().is_empty();
        match &mut self.incoming {
            // A reader must not take what it gets for the whole message.
            Incoming::Streaming { complete, .. } if has_payload => *complete = false,
            Incoming::Assembling { .. } => self.incoming = Incoming::Between,
            _ => {}
        }
        self.assembly = None;
        if let Some(buffer) = self.buffer.take() {
            buffers::return_read(buffer);
        }
    }

    /// Bytes that came after the opening handshake.
    pub(crate) fn preload(&mut self, bytes: BytesMut) {
        self.buffer = (!bytes.is_empty()).then(|| ReadBuffer::own(bytes));
    }

    /// Reads once into a lent buffer, which is given back at once if nothing came.
    pub(crate) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        debug_assert!(self.buffer.is_none());
        let buffer = self.buffer.insert(buffers::lend_read());
        let read = poll_read_buf(Pin::new(stream), cx, &mut buffer.bytes);
        self.give_back_if_empty();
        read
    }

    /// Returns whether [`poll_read_direct`](Self::poll_read_direct) is the better way to read the
    /// rest of a frame.
    #[inline]
    pub(crate) fn wants_direct(&self, remaining: u64) -> bool {
        remaining >= DIRECT && matches!(self.incoming, Incoming::Assembling { complete: false, .. })
    }

    /// Reads once, no further than the frame's end, and appends to the message that is put
    /// together; returns what was read.
    ///
    /// Room grows in proportion to what has come, not to what was announced.
    pub(crate) fn poll_read_direct<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
        remaining: u64,
    ) -> Poll<io::Result<&mut [u8]>> {
        let remaining = usize::try_from(remaining).unwrap_or(usize::MAX);
        let assembly = self.assembly.get_or_insert_default();
        let start = assembly.len();
        if assembly.capacity() == start {
            assembly.reserve(remaining.min((4 * start).max(buffers::READ_CAPACITY)));
        }
        let mut room = (&mut **assembly).limit(remaining);
        ready!(poll_read_buf(Pin::new(stream), cx, &mut room))?;
        Poll::Ready(Ok(&mut assembly[start..]))
    }

    /// Takes bytes off the front without a copy.
    fn share_front(&mut self, length: usize) -> Bytes {
        let Some(buffer) = &mut self.buffer else { return Bytes::new() };
        buffer.bytes.advance(std::mem::take(&mut buffer.start));
        let bytes = buffer.bytes.split_to(length).freeze();
        self.give_back_if_empty();
        bytes
    }

    #[inline]
    fn give_back_if_empty(&mut self) {
        if let Some(buffer) = self.buffer.take_if(|buffer| buffer.start == buffer.bytes.len()) {
            buffers::return_read(buffer);
        }
    }
}

/// Returns the bytes that were read and not used up.
fn front(buffer: Option<&ReadBuffer>) -> &[u8] {
    buffer.map_or(&[], |buffer| &buffer.bytes[buffer.start..])
}
