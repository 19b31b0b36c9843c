//! Buffers lent to a connection only while bytes are in flight.
//!
//! Each thread keeps a few. A connection takes one when it reads or queues, and gives it back as
//! soon as it is empty, before it waits. So idle connections hold none, and a busy thread reads into
//! the same warm memory again and again.

use std::cell::RefCell;

use bytes::BytesMut;

/// Large enough for one `read` to empty a busy socket.
pub(crate) const READ_CAPACITY: usize = 128 * 1024;

/// Large enough for a burst of small replies.
const WRITE_CAPACITY: usize = 64 * 1024;

/// Buffers of each kind that a thread keeps.
const KEPT: usize = 4;

thread_local! {
    static READ: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
    static WRITE: RefCell<Vec<BytesMut>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer with [`READ_CAPACITY`] bytes of room.
pub(crate) fn lend_read() -> BytesMut {
    READ.with_borrow_mut(|kept| {
        // Messages that were split off a buffer may still live; then its room is not free yet.
        let free = kept.iter_mut().rposition(|buffer| buffer.try_reclaim(READ_CAPACITY));
        free.map(|index| kept.swap_remove(index))
    })
    .unwrap_or_else(|| BytesMut::with_capacity(READ_CAPACITY))
}

/// Takes back an empty read buffer.
pub(crate) fn return_read(buffer: BytesMut) {
    debug_assert!(buffer.is_empty());
    READ.with_borrow_mut(|kept| {
        if kept.len() == KEPT {
            kept.swap_remove(0);
        }
        kept.push(buffer);
    });
}

/// An empty buffer for outgoing frames.
pub(crate) fn lend_write() -> BytesMut {
    WRITE.with_borrow_mut(Vec::pop).unwrap_or_else(|| BytesMut::with_capacity(WRITE_CAPACITY))
}

/// Takes back a write buffer, whatever it still holds.
pub(crate) fn return_write(mut buffer: BytesMut) {
    buffer.clear();
    let grown = buffer.capacity() > 2 * WRITE_CAPACITY;
    if grown || !buffer.try_reclaim(WRITE_CAPACITY) {
        return;
    }
    WRITE.with_borrow_mut(|kept| {
        if kept.len() < KEPT {
            kept.push(buffer);
        }
    });
}
