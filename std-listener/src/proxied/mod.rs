//! Clients behind proxies: who they are, and which proxies are believed.

pub(crate) mod forwarded;
pub(crate) mod network;
mod proxy_header;
pub(crate) mod proxy_protocol;

use std::net::SocketAddr;

pub use forwarded::ForwardedHeader;
pub use network::{NetworkError, TrustedPeers};
pub use proxy_protocol::ProxyProtocol;

/// Who sent a request, as far as trusted proxies say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Client {
    /// The peer itself: nobody is in between.
    #[default]
    Peer,
    At(SocketAddr),
    /// The proxy does not say.
    Unknown,
}
