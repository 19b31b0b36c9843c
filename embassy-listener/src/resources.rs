//! The memory of the connections.

use core::fmt;

use crate::pool::{Pool, Queue};
use crate::slot::Slot;
use crate::socket::Stack;

/// Static memory for `SLOTS` connections at once, each with a receive ring of `RX` bytes and a
/// transmit ring of `TX` bytes.
///
/// A ring should have 512 bytes or more. The head of a request has to fit into the receive ring: a
/// larger one is refused with 431. A ring's size is what may be in flight, so larger rings are
/// faster; messages of any size pass through the smallest.
///
/// ```
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::Resources;
///
/// static RESOURCES: StaticCell<Resources<4, 2048, 2048>> = StaticCell::new();
///
/// // On its way it may be on the stack, as a constant only once.
/// let resources = RESOURCES.init(const { Resources::new() });
/// # let _ = resources;
/// ```
pub struct Resources<const SLOTS: usize, const RX: usize, const TX: usize> {
    queue: Queue,
    slots: [Slot; SLOTS],
    receive: [[u8; RX]; SLOTS],
    transmit: [[u8; TX]; SLOTS],
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> Resources<SLOTS, RX, TX> {
    /// Unused memory.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(SLOTS > 0, "there is nothing to accept with");
            assert!(TX >= 256, "an answer to a request does not fit");
            assert!(RX >= 256, "a browser's request does not fit");
        }
        Self {
            queue: Queue::new(),
            slots: [const { Slot::new() }; SLOTS],
            receive: [[0; RX]; SLOTS],
            transmit: [[0; TX]; SLOTS],
        }
    }

    /// The slots, each of which has this many milliseconds to end a connection.
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
