//! Control frames: their payloads, in memory of their own only while there are any, and the word of
//! those that no application sees.

use websocket_listener_core::{ControlArray, ControlMemory};

use super::Connection;

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

impl<S> Connection<S> {
    #[cold]
    pub(super) fn tell_of_ping(&self) {
        self.details.in_span(|| {
            tracing::trace!(target: "websocket_listener::control", id = self.id, "ping received");
        });
    }

    #[cold]
    pub(super) fn tell_of_pong(&self) {
        let latency = self.protocol.latency().map(tracing::field::debug);
        self.details.in_span(|| {
            let id = self.id;
            tracing::trace!(target: "websocket_listener::control", id, latency, "pong received");
        });
    }
}
