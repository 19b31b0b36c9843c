//! Who is at the other end of an accepted stream.

use std::net::SocketAddr;

/// What is known of a peer besides its request. Small, for every connection keeps it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// As the transport knows it.
    pub(crate) addr: Option<SocketAddr>,
}
