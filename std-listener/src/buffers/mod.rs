//! Buffers lent to a connection only while bytes are in flight.
//!
//! Each thread keeps a few. A connection takes one when it reads or queues, and gives it back as
//! soon as it is empty, before it waits. So idle connections hold none, and a busy thread reads into
//! the same warm memory again and again.

pub(crate) mod pool;

use std::cell::RefCell;
use std::ops::{Deref, DerefMut, Range};

use bytes::BytesMut;

use crate::message::payload::Spare;
use pool::{lend, take_back};

/// The size of a read buffer: one `read` empties a busy socket, or takes 128 KiB and their headers.
pub(crate) const READ_CAPACITY: usize = 128 * 1024 + 64;

/// The size of a write buffer, for a burst of small replies.
const WRITE_CAPACITY: usize = 64 * 1024;

/// The size of the scratch buffer, for a step of a message extension.
const SCRATCH: usize = 64 * 1024 + 1024;

/// The least room for which a write buffer is used.
pub(crate) const PAGE: usize = 4 * 1024;

/// Received bytes, boxed together with their cursors, so that an idle connection holds an empty
/// pointer only.
pub(crate) struct ReadBuffer {
    /// The received bytes. Those before `start` have been consumed; the `decoded` bytes from there
    /// on are payload that is already unmasked.
    pub(crate) bytes: BytesMut,
    pub(crate) start: usize,
    pub(crate) decoded: usize,
    /// A place for the next message, left over from one that the connection has sent.
    pub(crate) spare: Spare,
    /// The buffer belongs to the pool.
    lent: bool,
}

/// Bytes to write, from `start` to `end`. The rest of the room is unused, and holds old bytes as far
/// as it was used before. Boxed, as [`ReadBuffer`] is.
pub(crate) struct WriteBuffer {
    pub(crate) room: Vec<u8>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The range of the last frame that leaves its message open, unless it has moved or another has
    /// followed.
    pub(crate) open: Range<usize>,
}

thread_local! {
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static READ: RefCell<Vec<Box<ReadBuffer>>> = const { RefCell::new(Vec::new()) };
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static WRITE: RefCell<Vec<Box<WriteBuffer>>> = const { RefCell::new(Vec::new()) };
    static SCRATCHES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Bytes of arbitrary value, which are overwritten and copied elsewhere within one call.
pub(crate) struct Scratch(Vec<u8>);

/// Lends room for a step of a message extension.
pub(crate) fn lend_scratch() -> Scratch {
    Scratch(lend(&SCRATCHES, |_| true).unwrap_or_else(|| vec![0; SCRATCH]))
}

impl Deref for Scratch {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        take_back(&SCRATCHES, std::mem::take(&mut self.0));
    }
}

impl ReadBuffer {
    /// Creates a buffer that does not belong to the pool.
    pub(crate) fn own(bytes: BytesMut) -> Box<Self> {
        Box::new(Self { bytes, start: 0, decoded: 0, spare: Spare::default(), lent: false })
    }
}

/// Lends an empty buffer with [`READ_CAPACITY`] bytes of room, or half as much.
pub(crate) fn lend_read() -> Box<ReadBuffer> {
    lend(&READ, |buffer| has_room(&mut buffer.bytes)).unwrap_or_else(|| {
        let bytes = BytesMut::with_capacity(READ_CAPACITY);
        Box::new(ReadBuffer { bytes, start: 0, decoded: 0, spare: Spare::default(), lent: true })
    })
}

/// Returns true if the buffer has enough room. Messages that were split off it may still use a part.
/// The rest is used while it is at least half, because an application that keeps messages would
/// otherwise keep a whole buffer with each of them.
fn has_room(bytes: &mut BytesMut) -> bool {
    bytes.try_reclaim(READ_CAPACITY) || bytes.capacity() >= READ_CAPACITY / 2
}

/// Takes back a buffer of [`lend_read`], and drops any other.
pub(crate) fn return_read(mut buffer: Box<ReadBuffer>) {
    if buffer.lent {
        buffer.bytes.clear();
        (buffer.start, buffer.decoded) = (0, 0);
        take_back(&READ, buffer);
    }
}

/// Lends a buffer for outgoing frames.
pub(crate) fn lend_write() -> Box<WriteBuffer> {
    lend(&WRITE, |_| true).unwrap_or_else(|| {
        let room = Vec::with_capacity(WRITE_CAPACITY);
        Box::new(WriteBuffer { room, start: 0, end: 0, open: 0..0 })
    })
}

/// Takes back a buffer of [`lend_write`], unless it has grown.
pub(crate) fn return_write(mut buffer: Box<WriteBuffer>) {
    if buffer.room.capacity() <= 2 * WRITE_CAPACITY {
        (buffer.start, buffer.end, buffer.open) = (0, 0, 0..0);
        take_back(&WRITE, buffer);
    }
}
