//! Buffers lent to a connection only while bytes are in flight.
//!
//! Each thread keeps a few. A connection takes one when it reads or queues, and gives it back as
//! soon as it is empty, before it waits. So idle connections hold none, and a busy thread reads into
//! the same warm memory again and again.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut, Range};
use std::thread::LocalKey;

use bytes::BytesMut;

use crate::message::payload::Spare;

/// Large enough for one `read` to empty a busy socket, or to take 128 KiB and the headers with them.
pub(crate) const READ_CAPACITY: usize = 128 * 1024 + 64;

/// Large enough for a burst of small replies.
const WRITE_CAPACITY: usize = 64 * 1024;

/// Large enough for a step of a message extension.
const SCRATCH: usize = 64 * 1024 + 1024;

/// The least room that a write buffer is used with.
pub(crate) const PAGE: usize = 4 * 1024;

/// Buffers of each kind that a thread keeps.
const KEPT: usize = 4;

type Kept<B> = LocalKey<RefCell<Vec<B>>>;

/// What was read. It is boxed together with its cursors, so that an idle connection holds no more
/// than an empty pointer.
pub(crate) struct ReadBuffer {
    /// Bytes as they came. Those before `start` are done with; the `decoded` bytes from there on
    /// are payload that is already unmasked.
    pub(crate) bytes: BytesMut,
    pub(crate) start: usize,
    pub(crate) decoded: usize,
    /// A place for the next message of this connection, left over from one that it sent.
    pub(crate) spare: Spare,
    /// Whether it came from the pool, and has to go back there.
    lent: bool,
}

/// What is to be written: the bytes from `start` to `end`. The rest of the room is spare, and holds
/// old bytes as far as it was used before. In a box, as [`ReadBuffer`] is.
pub(crate) struct WriteBuffer {
    pub(crate) room: Vec<u8>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Where the last frame lies that was noted to leave its message open, unless it has moved or
    /// another has followed it.
    pub(crate) open: Range<usize>,
}

thread_local! {
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static READ: RefCell<Vec<Box<ReadBuffer>>> = const { RefCell::new(Vec::new()) };
    #[expect(clippy::vec_box, reason = "a box is taken as it is")]
    static WRITE: RefCell<Vec<Box<WriteBuffer>>> = const { RefCell::new(Vec::new()) };
    static SCRATCH_KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Bytes of no particular value, to be overwritten and copied elsewhere within one call.
pub(crate) struct Scratch(Vec<u8>);

/// Room for a step of a message extension.
pub(crate) fn lend_scratch() -> Scratch {
    let kept = SCRATCH_KEPT.try_with(|kept| kept.borrow_mut().take()).ok().flatten();
    Scratch(kept.unwrap_or_else(|| vec![0; SCRATCH]))
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
        let scratch = std::mem::take(&mut self.0);
        let _ = SCRATCH_KEPT.try_with(|kept| *kept.borrow_mut() = Some(scratch));
    }
}

impl ReadBuffer {
    /// One that does not come from the pool.
    pub(crate) fn own(bytes: BytesMut) -> Box<Self> {
        Box::new(Self { bytes, start: 0, decoded: 0, spare: Spare::default(), lent: false })
    }
}

/// An empty buffer with [`READ_CAPACITY`] bytes of room, or half as much.
pub(crate) fn lend_read() -> Box<ReadBuffer> {
    lend(&READ, |buffer| has_room(&mut buffer.bytes)).unwrap_or_else(|| {
        let bytes = BytesMut::with_capacity(READ_CAPACITY);
        Box::new(ReadBuffer { bytes, start: 0, decoded: 0, spare: Spare::default(), lent: true })
    })
}

/// Messages that were split off a buffer may still live; then their room is not free yet. What is left
/// of it is used as long as it is half: an application that keeps messages would else keep a whole
/// buffer with each of them.
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

/// A buffer for outgoing frames.
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

/// `None` on a thread that has no free one left, or that is ending.
fn lend<B>(kept: &'static Kept<B>, is_free: impl FnMut(&mut B) -> bool) -> Option<B> {
    let lent = kept.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        let free = kept.iter_mut().rposition(is_free);
        free.map(|index| kept.swap_remove(index))
    });
    lent.ok().flatten()
}

fn take_back<B>(kept: &'static Kept<B>, buffer: B) {
    let _ = kept.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() == KEPT {
            kept.swap_remove(0);
        }
        kept.push(buffer);
    });
}
