//! Memory for the payloads of control frames (RFC 6455 section 5.5).

use heapless::Vec;

use crate::MAX_CONTROL_PAYLOAD;

/// Memory for the payload of one control frame.
///
/// A [`Connection`](crate::Connection) has two: for what the peer sent, and for what its owner
/// wants to send. [`ControlArray`] holds its bytes in place. A program with a heap can use memory
/// that takes no room while it is empty, which is most of the time.
pub trait ControlMemory {
    /// The most bytes it holds.
    const CAPACITY: usize;

    /// The bytes it holds.
    fn as_slice(&self) -> &[u8];

    /// Adds bytes at the end. Never called with more than it has room for.
    fn extend(&mut self, bytes: &[u8]);

    /// Forgets the bytes.
    fn clear(&mut self);
}

/// Memory for a control frame's payload of at most `N` bytes, in place.
///
/// ```
/// use websocket_listener_core::{ControlArray, ControlMemory};
///
/// let mut memory = ControlArray::<8>::new();
/// memory.extend(b"ping");
/// assert_eq!(memory.as_slice(), b"ping");
/// ```
#[derive(Clone, Debug)]
pub struct ControlArray<const N: usize = MAX_CONTROL_PAYLOAD> {
    bytes: Vec<u8, N, u8>,
}

impl<const N: usize> ControlArray<N> {
    /// Empty.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N <= MAX_CONTROL_PAYLOAD, "no control frame is that long") };
        Self { bytes: Vec::new() }
    }
}

impl<const N: usize> Default for ControlArray<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> ControlMemory for ControlArray<N> {
    const CAPACITY: usize = N;

    fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    fn extend(&mut self, bytes: &[u8]) {
        // The caller keeps within the capacity.
        let _ = self.bytes.extend_from_slice(bytes);
    }

    fn clear(&mut self) {
        self.bytes.clear();
    }
}
