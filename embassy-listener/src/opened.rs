//! The parts of the opening handshake that a connection keeps.

use heapless::String;
use websocket_listener_core::handshake;

/// The longest request target, in bytes, that a connection keeps.
pub const MAX_TARGET: usize = 64;

#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) subprotocol: Option<&'static str>,
    /// `None` if the target is too long to be kept.
    target: Option<String<MAX_TARGET, u8>>,
}

impl Opened {
    pub(crate) fn new(target: &str, subprotocol: Option<&'static str>) -> Self {
        Self { subprotocol, target: String::try_from(target).ok() }
    }

    /// Returns the path and query of the target.
    pub(crate) fn resource_name(&self) -> Option<&str> {
        self.target.as_deref().map(handshake::resource_name)
    }
}
