//! A queue of encoded frames, and what makes it quick: room that was initialised once for all, so
//! that a few bytes go in by plain stores.

use crate::buffers;

/// Bytes in their order. Empty, it holds no memory.
#[derive(Default)]
pub(super) struct Frames {
    /// A lent buffer, all of it initialised; the bytes are those from `start` to `end`.
    room: Vec<u8>,
    start: usize,
    end: usize,
}

impl Frames {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.end == 0
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.room[self.start..self.end]
    }

    /// Adds bytes, and gives them where they are now.
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8]) -> &mut [u8] {
        if self.room.len() - self.end < bytes.len() {
            self.make_room(bytes.len());
        }
        let place = &mut self.room[self.end..][..bytes.len()];
        self.end += bytes.len();
        place.copy_from_slice(bytes);
        place
    }

    /// Adds the first `length` of some bytes. As [`push`](Self::push), but in a handful of
    /// instructions.
    #[inline]
    pub(super) fn push_front<const N: usize>(&mut self, bytes: &[u8; N], length: usize) {
        debug_assert!(length <= N);
        if self.room.len() - self.end < N {
            self.make_room(N);
        }
        if let Some(place) = self.room[self.end..].first_chunk_mut() {
            *place = *bytes;
        }
        self.end += length;
    }

    /// Drops bytes from the front, and gives the buffer back behind the last.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.start += bytes;
        if self.start == self.end {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
        if self.room.capacity() > 0 {
            buffers::return_write(std::mem::take(&mut self.room));
        }
    }

    #[cold]
    fn make_room(&mut self, bytes: usize) {
        if self.room.capacity() == 0 {
            self.room = buffers::lend_write();
        }
        self.room.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let needed = self.end + bytes;
        if self.room.len() < needed {
            self.room.resize(needed.next_power_of_two().max(buffers::PAGE), 0);
        }
    }
}
