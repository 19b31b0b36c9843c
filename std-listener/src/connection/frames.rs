//! A queue of encoded frames. It is fast because its room is initialised once, so that a few bytes
//! go in by plain stores.

use std::ops::Range;

use websocket_listener_core::EncodedHeader;

use crate::buffers::{self, WriteBuffer};
use crate::message::payload::FEW;

/// Bytes in order. While it is empty, it holds no memory.
#[derive(Default)]
pub(super) struct Frames(Option<Box<WriteBuffer>>);

impl Frames {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |buffer| buffer.end - buffer.start)
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |buffer| &buffer.room[buffer.start..buffer.end])
    }

    /// Adds bytes. The first slice must not be empty.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let buffer = self.with_room(bytes.len());
        buffer.room[buffer.end..][..bytes.len()].copy_from_slice(bytes);
        buffer.end += bytes.len();
    }

    /// Adds a frame, and returns its payload in place.
    #[inline]
    pub(super) fn push_frame(&mut self, header: &EncodedHeader, payload: &[u8]) -> &mut [u8] {
        let place = self.begin_frame(header, payload.len(), payload.len());
        place.copy_from_slice(payload);
        place
    }

    /// Adds a frame of the first `length` bytes of an array, and returns the whole array in place.
    /// As [`push_frame`](Self::push_frame), but in a handful of instructions.
    #[inline]
    pub(super) fn push_few(
        &mut self,
        header: &EncodedHeader,
        bytes: &[u8; FEW],
        length: usize,
    ) -> &mut [u8] {
        debug_assert!(length <= FEW);
        let place = self.begin_frame(header, length, FEW);
        place.copy_from_slice(bytes);
        place
    }

    /// Adds a header and room for `length` bytes of payload, and returns that room and what follows
    /// it, `room` bytes in all.
    #[inline(always)]
    fn begin_frame(&mut self, header: &EncodedHeader, length: usize, room: usize) -> &mut [u8] {
        let block = header.as_block();
        let needed = block.len() + room;
        let buffer = self.with_room(needed);
        let place = &mut buffer.room[buffer.end..][..needed];
        if let Some(place) = place.first_chunk_mut() {
            *place = *block;
        }
        buffer.end += header.len() + length;
        &mut place[header.len()..][..room]
    }

    /// Notes that the last `length` bytes are a frame that leaves its message open.
    pub(super) fn note_open(&mut self, length: usize) {
        if let Some(buffer) = &mut self.0 {
            buffer.open = buffer.end - length..buffer.end;
        }
    }

    /// Forbids changing the frame that was noted as open.
    pub(super) fn forget_open(&mut self) {
        if let Some(buffer) = &mut self.0 {
            buffer.open = 0..0;
        }
    }

    /// The first byte of the last frame, if that leaves its message open and nothing of it has been
    /// written.
    pub(super) fn open_frame(&mut self) -> Option<&mut u8> {
        let buffer = self.0.as_mut()?;
        let Range { start, end } = buffer.open;
        let is_last = end == buffer.end && (buffer.start..end).contains(&start);
        is_last.then(|| &mut buffer.room[start])
    }

    /// Drops bytes from the front, and gives the buffer back after the last.
    pub(super) fn advance(&mut self, bytes: usize) {
        let Some(buffer) = &mut self.0 else { return };
        buffer.start += bytes;
        if buffer.start == buffer.end {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        if let Some(buffer) = self.0.take() {
            buffers::return_write(buffer);
        }
    }

    #[inline]
    fn with_room(&mut self, bytes: usize) -> &mut WriteBuffer {
        let buffer = self.0.get_or_insert_with(buffers::lend_write);
        if buffer.room.len() - buffer.end < bytes {
            make_room(buffer, bytes);
        }
        buffer
    }
}

#[cold]
fn make_room(buffer: &mut WriteBuffer, bytes: usize) {
    buffer.room.copy_within(buffer.start..buffer.end, 0);
    (buffer.start, buffer.end, buffer.open) = (0, buffer.end - buffer.start, 0..0);
    let needed = buffer.end + bytes;
    if buffer.room.len() < needed {
        buffer.room.resize(needed.next_power_of_two().max(buffers::PAGE), 0);
    }
}
