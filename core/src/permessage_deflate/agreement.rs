//! The agreement of both ends on permessage-deflate.

use super::parameters::{ClientBits, Parameters};
use super::{ExtensionValue, WindowBits};

/// The compression of the messages of each direction (RFC 7692 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Agreement {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_window_bits: WindowBits,
    pub(super) client_window_bits: WindowBits,
    /// True if the answer has to name the server's window, even if it is the largest.
    pub(super) server_window_asked: bool,
    /// True if the answer may name the client's window.
    pub(super) client_window_offered: bool,
}

impl Agreement {
    /// Returns true if the server begins each message with an empty window.
    #[must_use]
    pub const fn server_no_context_takeover(&self) -> bool {
        self.server_no_context_takeover
    }

    /// Returns true if the client begins each message with an empty window.
    #[must_use]
    pub const fn client_no_context_takeover(&self) -> bool {
        self.client_no_context_takeover
    }

    /// Returns the largest window that the server compresses with.
    #[must_use]
    pub const fn server_window_bits(&self) -> WindowBits {
        self.server_window_bits
    }

    /// Returns the largest window that the client compresses with.
    #[must_use]
    pub const fn client_window_bits(&self) -> WindowBits {
        self.client_window_bits
    }

    /// Returns the server's answer to the offer it has selected: with what the client asked for
    /// (RFC 7692 section 7.1.1.1 and RFC 7692 section 7.1.2.1), and with the client's window only
    /// if the offer names it (RFC 7692 section 7.1.2.2).
    #[must_use]
    pub fn answer(&self) -> ExtensionValue {
        let named = |bits: WindowBits| bits < WindowBits::MAX;
        ExtensionValue::of(&Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: (self.server_window_asked || named(self.server_window_bits))
                .then_some(self.server_window_bits),
            client_max_window_bits: if self.client_window_offered && named(self.client_window_bits)
            {
                ClientBits::Of(self.client_window_bits)
            } else {
                ClientBits::Absent
            },
        })
    }
}
