//! The memory of connections.

use core::fmt;

use crate::pool::{Pool, Queue};
use crate::slot::Slot;
use crate::socket::Stack;

/// Static memory for `SLOTS` connections at once, each with a receive ring of `RX` bytes and a
/// transmit ring of `TX` bytes.
///
/// Messages of any length pass through rings of any size, but a ring limits the bytes in flight, so
/// larger rings are faster. The head of a request has to fit into the receive ring: a larger head is
/// refused with 431, and browsers send 500 bytes and more. A transmit ring of 2,048 bytes or more holds
/// two TCP segments at once, of which the peer acknowledges the second without delay.
///
/// ```
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::Resources;
///
/// static RESOURCES: StaticCell<Resources<4, 2048, 2048>> = StaticCell::new();
///
/// // In a `const` block, at most one copy lies on the stack while it moves into place.
/// let resources = RESOURCES.init(const { Resources::new() });
/// # let _ = resources;
/// ```
#[doc(alias("buffer", "backpressure", "max_connections"))]
pub struct Resources<const SLOTS: usize, const RX: usize, const TX: usize> {
    queue: Queue,
    slots: [Slot; SLOTS],
    receive: [[u8; RX]; SLOTS],
    transmit: [[u8; TX]; SLOTS],
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> Resources<SLOTS, RX, TX> {
    /// Creates the memory, unused.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(SLOTS > 0, "SLOTS must be at least 1");
            assert!(TX >= 256, "TX must be at least 256, for the answer to a request");
            assert!(RX >= 256, "RX must be at least 256, for the head of a request");
        }
        Self {
            queue: Queue::new(),
            slots: [const { Slot::new() }; SLOTS],
            receive: [[0; RX]; SLOTS],
            transmit: [[0; TX]; SLOTS],
        }
    }

    /// Opens the sockets. Each slot has `close_timeout` milliseconds to end a connection.
    pub(crate) fn pool(&'static mut self, stack: Stack, close_timeout: u32) -> Pool {
        let Self { queue, slots, receive, transmit } = self;
        for ((slot, rx), tx) in slots.iter_mut().zip(receive).zip(transmit) {
            slot.init(stack, rx, tx, close_timeout);
        }
        Pool::new(queue, slots)
    }
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> Default for Resources<SLOTS, RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> fmt::Debug for Resources<SLOTS, RX, TX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").finish_non_exhaustive()
    }
}
