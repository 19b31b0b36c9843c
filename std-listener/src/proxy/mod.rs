//! Clients behind proxies: their addresses, and the proxies that are trusted to name them.

pub(crate) mod forwarded;
pub(crate) mod network;
mod proxy_header;
pub(crate) mod proxy_protocol;

use std::net::SocketAddr;

pub use forwarded::ForwardedHeader;
pub use network::{InvalidNetworkError, TrustedPeers};
pub use proxy_protocol::ProxyProtocol;

/// The client of a request, according to trusted proxies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Client {
    /// The peer itself, without a proxy.
    #[default]
    Peer,
    At(SocketAddr),
    /// The proxy does not name the client.
    Unknown,
}
