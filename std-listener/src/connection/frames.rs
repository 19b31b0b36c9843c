//! A queue of encoded frames, and what makes it quick: room that was initialised once for all, so
//! that a few bytes go in by plain stores.

use crate::buffers::{self, WriteBuffer};

/// Bytes in their order. Empty, it holds no memory.
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

    /// Adds bytes, and gives them where they are now. The first must be some.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) -> &mut [u8] {
        let buffer = self.with_room(bytes.len());
        let place = &mut buffer.room[buffer.end..][..bytes.len()];
        buffer.end += bytes.len();
        place.copy_from_slice(bytes);
        place
    }

    /// Adds the first `length` of some bytes. As [`push`](Self::push), but in a handful of
    /// instructions.
    #[inline]
    pub(super) fn push_front<const N: usize>(&mut self, bytes: &[u8; N], length: usize) {
        debug_assert!(length <= N);
        let buffer = self.with_room(N);
        if let Some(place) = buffer.room[buffer.end..].first_chunk_mut() {
            *place = *bytes;
        }
        buffer.end += length;
    }

    /// Drops bytes from the front, and gives the buffer back behind the last.
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
    (buffer.start, buffer.end) = (0, buffer.end - buffer.start);
    let needed = buffer.end + bytes;
    if buffer.room.len() < needed {
        buffer.room.resize(needed.next_power_of_two().max(buffers::PAGE), 0);
    }
}
