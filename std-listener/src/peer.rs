//! Who is at the other end of an accepted stream.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::endpoint::LocalEndpoint;

/// What is known of a peer besides its request. Small, for every connection keeps it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// As the transport knows it.
    pub(crate) addr: Option<SocketAddr>,
    /// By which it came.
    pub(crate) endpoint: Option<Arc<LocalEndpoint>>,
    more: Option<Arc<More>>,
}

/// What is known of few peers.
#[derive(Clone, Debug, Default)]
pub(crate) struct More {
    /// The transport's description.
    pub(crate) name: Option<Box<str>>,
}

impl Peer {
    pub(crate) fn at(addr: Option<SocketAddr>) -> Self {
        Self { addr, ..Self::default() }
    }

    pub(crate) fn more(&self) -> Option<&More> {
        self.more.as_deref()
    }

    pub(crate) fn more_mut(&mut self) -> &mut More {
        Arc::make_mut(self.more.get_or_insert_default())
    }
}
