//! permessage-deflate (RFC 7692), on connections that have agreed on it.

mod deflation;
mod inflation;

pub(super) use deflation::Deflation;
pub(super) use inflation::Inflation;

use crate::Role;
use crate::deflate::{Deflater, Inflater};
use crate::permessage_deflate::{Agreement, Settings, WindowBits};

/// The memory of a connection's compression: lent to it by
/// [`WebSocket::permessage_deflate`](super::WebSocket::permessage_deflate), and returned by
/// [`WebSocket::take_codec`](super::WebSocket::take_codec).
#[derive(Debug)]
pub struct Codec {
    /// The decompressor of incoming messages.
    pub inflater: &'static mut Inflater,
    /// The compressor of outgoing messages.
    pub deflater: &'static mut Deflater,
}

impl Codec {
    /// Returns the settings with their windows limited to the memory of this codec, for an endpoint
    /// of this role. Every agreement that they lead to fits.
    #[must_use]
    pub fn limit(&self, settings: Settings, role: Role) -> Settings {
        let own = WindowBits::fitting(self.deflater.window_bytes()).unwrap_or(WindowBits::MIN);
        let peer = WindowBits::fitting(self.inflater.window_bytes()).unwrap_or(WindowBits::MIN);
        match role {
            Role::Server => settings.limit(own, peer),
            Role::Client { .. } => settings.limit(peer, own),
        }
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
