//! The payloads of control frames, in memory of their own only while there are any.

use websocket_listener_core::{ControlArray, ControlMemory};

/// Holds no memory while it is empty, as it is of almost every connection.
#[derive(Debug, Default)]
pub(crate) struct ControlBox(Option<Box<ControlArray>>);

impl ControlMemory for ControlBox {
    const CAPACITY: usize = <ControlArray>::CAPACITY;

    fn as_slice(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |array| array.as_slice())
    }

    fn extend(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.get_or_insert_default().extend(bytes);
        }
    }

    fn clear(&mut self) {
        self.0 = None;
    }
}
