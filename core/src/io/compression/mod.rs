//! permessage-deflate on a connection (RFC 7692), for those that have agreed on it.

mod deflation;
mod inflation;

pub(super) use deflation::Deflation;
pub(super) use inflation::Inflation;

use crate::Role;
use crate::deflate::{Deflater, Inflater};
use crate::permessage_deflate::Agreement;

/// The memory that a connection compresses with: lent to it by
/// [`WebSocket::permessage_deflate`](super::WebSocket::permessage_deflate), and given back by
/// [`WebSocket::take_codec`](super::WebSocket::take_codec).
pub struct Codec {
    /// For what is received.
    pub inflater: &'static mut Inflater,
    /// For what is sent.
    pub deflater: &'static mut Deflater,
}

impl Codec {
    /// Whether the inflater has the window that the peer was permitted.
    ///
    /// The deflater need not have all of the window that the peer would take.
    #[must_use]
    pub fn suits(&self, agreement: &Agreement, role: Role) -> bool {
        let bits = match role {
            Role::Server => agreement.client_window_bits(),
            Role::Client { .. } => agreement.server_window_bits(),
        };
        self.inflater.window_bytes() >= bits.window_bytes()
    }

    pub(super) fn begin(self, agreement: &Agreement, role: Role) -> (Inflation, Deflation) {
        let server = (agreement.server_window_bits(), !agreement.server_no_context_takeover());
        let client = (agreement.client_window_bits(), !agreement.client_no_context_takeover());
        let (own, peer) = match role {
            Role::Server => (server, client),
            Role::Client { .. } => (client, server),
        };
        self.inflater.reset(peer.1);
        self.deflater.reset(own.0.window_bytes(), own.1);
        (Inflation::new(self.inflater), Deflation::new(self.deflater))
    }
}
