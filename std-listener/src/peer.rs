//! Who is at the other end of an accepted stream.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;

use tracing::Span;

use crate::endpoint::LocalEndpoint;
use crate::proxied::Client;
use crate::span;

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
    /// For whom it came.
    pub(crate) client: Client,
    /// If `tracing` looks.
    pub(crate) span: Option<Span>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::TlsSession>,
    pub(crate) attached: Option<Attached>,
}

/// What the application's hook has found out for whoever serves the connection.
pub(crate) type Attached = Arc<dyn Any + Send + Sync>;

impl Peer {
    pub(crate) fn at(addr: Option<SocketAddr>) -> Self {
        Self { addr, ..Self::default() }
    }

    /// Whether it has to speak TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.endpoint.as_ref().is_some_and(|endpoint| endpoint.is_tls())
    }

    /// Who is behind it, as far as is known.
    pub(crate) fn client_addr(&self) -> Option<SocketAddr> {
        match self.more().map(|more| more.client).unwrap_or_default() {
            Client::Peer => self.addr,
            Client::At(addr) => Some(addr),
            Client::Unknown => None,
        }
    }

    /// Opens the span in which all that becomes of it is told.
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
