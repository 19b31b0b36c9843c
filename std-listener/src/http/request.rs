//! A request, and who sent it.

use std::any::Any;
use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use websocket_listener_core::handshake::{self, RequestError};

use crate::endpoint::local::LocalEndpoint;
use crate::peer::{Attached, Peer};
use crate::proxied::Client;
use crate::proxied::forwarded::Forwarded;

/// A request's head (method, target, headers: what it dereferences to) and who sent it. Cheap to
/// clone. [`Credentials::of`](crate::Credentials::of) reads who it says it is.
///
/// ```
/// # fn f(request: websocket_listener::Request) {
/// if request.path() == "/status" && request.peer_addr().is_some_and(|peer| peer.ip().is_loopback()) {
///     println!("asked for {} by this very host", request.target());
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Request {
    head: handshake::Request<Arc<[u8]>>,
    peer: Peer,
}

impl Request {
    pub(crate) fn parse(head: Arc<[u8]>, peer: Peer) -> Result<Self, RequestError> {
        Ok(Self { head: handshake::Request::parse(head)?, peer })
    }

    /// Looks for the client's address in the header that is to be believed.
    pub(crate) fn heed(&mut self, forwarded: &Forwarded) {
        match forwarded.client(&self.head, self.client_addr()) {
            Client::Peer => {}
            client => self.peer.more_mut().client = client,
        }
    }

    pub(crate) fn attach(&mut self, value: Attached) {
        self.peer.more_mut().attached = Some(value);
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(crate) fn peer_mut(&mut self) -> &mut Peer {
        &mut self.peer
    }

    /// The address of the peer, as the transport knows it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer.addr
    }

    /// The address of the client: the peer's, unless trusted proxies say that they forward for
    /// another ([`Builder::proxy_protocol`](crate::Builder::proxy_protocol),
    /// [`Builder::forwarded`](crate::Builder::forwarded)). `None` if they do not say for whom. The
    /// port is 0 if they do not say it.
    #[must_use]
    pub fn client_addr(&self) -> Option<SocketAddr> {
        self.peer.client_addr()
    }

    /// What was agreed on by TLS: the name asked for, the client's certificates. `None` without TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(&self) -> Option<&crate::tls::session::TlsSession> {
        self.peer.more()?.tls.as_ref()
    }

    /// Who the peer is, in the words of a [transport of your own](crate::StreamListener).
    #[must_use]
    pub fn peer_name(&self) -> Option<&str> {
        self.peer.more()?.name.as_deref()
    }

    /// What the application [attached](crate::Answer::attach) when it accepted the connection, if
    /// it is of this type.
    #[must_use]
    pub fn attached<T: Any>(&self) -> Option<&T> {
        self.peer.more()?.attached.as_deref()?.downcast_ref()
    }

    /// The endpoint by which the request came; `None` if its stream was accepted by somebody else
    /// ([`Builder::accept`](crate::Builder::accept)).
    #[must_use]
    pub fn local_endpoint(&self) -> Option<&LocalEndpoint> {
        self.peer.endpoint.as_deref()
    }
}

impl Deref for Request {
    type Target = handshake::Request<Arc<[u8]>>;

    fn deref(&self) -> &Self::Target {
        &self.head
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("head", &self.head)
            .field("peer_addr", &self.peer_addr())
            .field("client_addr", &self.client_addr())
            .finish_non_exhaustive()
    }
}
