//! The application's counters.

use core::cell::Cell;

/// Counters, which wrap around, and the number of open WebSockets.
#[derive(Default)]
pub(crate) struct Traffic {
    open: Cell<u32>,
    messages: Cell<u32>,
    bytes: Cell<u32>,
}

impl Traffic {
    /// Counts a WebSocket as open until the returned guard is dropped.
    pub(crate) fn opened(&self) -> OpenGuard<'_> {
        self.open.update(|open| open + 1);
        OpenGuard(self)
    }

    /// Counts a sent message.
    pub(crate) fn message(&self) {
        self.messages.update(|count| count.wrapping_add(1));
    }

    /// Counts sent bytes of a message.
    pub(crate) fn bytes(&self, count: usize) {
        self.bytes.update(|bytes| bytes.wrapping_add(count as u32));
    }

    pub(crate) fn open_now(&self) -> u32 {
        self.open.get()
    }

    pub(crate) fn messages_sent(&self) -> u32 {
        self.messages.get()
    }

    pub(crate) fn bytes_sent(&self) -> u32 {
        self.bytes.get()
    }
}

/// A guard that counts its WebSocket as open.
pub(crate) struct OpenGuard<'t>(&'t Traffic);

impl Drop for OpenGuard<'_> {
    fn drop(&mut self) {
        self.0.open.update(|open| open - 1);
    }
}
