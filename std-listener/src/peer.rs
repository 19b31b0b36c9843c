//! The peer at the other end of an accepted stream.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;

use tracing::Span;

use crate::endpoint::local::LocalEndpoint;
use crate::proxy::Client;
use crate::span;

/// A peer, apart from its request. Small, because every connection keeps it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// The address, as the transport knows it.
    pub(crate) addr: Option<SocketAddr>,
    /// The endpoint that accepted the peer.
    pub(crate) endpoint: Option<Arc<LocalEndpoint>>,
    more: Option<Arc<More>>,
}

/// The parts that few peers have.
#[derive(Clone, Debug, Default)]
pub(crate) struct More {
    /// The transport's description.
    pub(crate) name: Option<Box<str>>,
    /// The client that a proxy forwards for.
    pub(crate) client: Client,
    /// The span, if a subscriber of `tracing` is interested.
    pub(crate) span: Option<Span>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::tls::session::TlsSession>,
    pub(crate) attached: Option<Attached>,
}

/// The value that the application's hook has attached.
pub(crate) type Attached = Arc<dyn Any + Send + Sync>;

impl Peer {
    pub(crate) fn at(addr: Option<SocketAddr>) -> Self {
        Self { addr, ..Self::default() }
    }

    /// Returns true if the peer has to use TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.is_tls())
    }

    /// Returns the client's address, as far as it is known.
    pub(crate) fn client_addr(&self) -> Option<SocketAddr> {
        match self.more().map(|more| more.client).unwrap_or_default() {
            Client::Peer => self.addr,
            Client::At(addr) => Some(addr),
            Client::Unknown => None,
        }
    }

    /// Opens the connection's span.
    pub(crate) fn open_span(&mut self) -> Span {
        let Some(span) = span::open(self.addr) else { return Span::none() };
        self.more_mut().span = Some(span.clone());
        span
    }

    pub(crate) fn span(&self) -> Option<&Span> {
        self.more()?.span.as_ref()
    }

    pub(crate) fn more(&self) -> Option<&More> {
        self.more.as_deref()
    }

    pub(crate) fn more_mut(&mut self) -> &mut More {
        Arc::make_mut(self.more.get_or_insert_default())
    }
}
