//! What the application counts.

use core::cell::Cell;

/// Counts that wrap around, and the number of open WebSockets.
#[derive(Default)]
pub(crate) struct Traffic {
    open: Cell<u32>,
    messages: Cell<u32>,
    bytes: Cell<u32>,
}

impl Traffic {
    /// One more WebSocket is open, for as long as the value lives.
    pub(crate) fn opened(&self) -> Open<'_> {
        self.open.update(|open| open + 1);
        Open(self)
    }

    /// A message was sent.
    pub(crate) fn message(&self) {
        self.messages.update(|count| count.wrapping_add(1));
    }

    /// This much of a message was sent.
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

/// An open WebSocket, for the count of them.
pub(crate) struct Open<'t>(&'t Traffic);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.update(|open| open - 1);
    }
}
