//! The data of a connection that its opening handshake has settled.

use std::net::SocketAddr;
use std::sync::Arc;

use tracing::{Span, field};
use websocket_listener_core::handshake;

use crate::http::request::Request;

/// The data of a connection that do not change.
pub(crate) struct Details {
    pub(crate) other_end: OtherEnd,
    pub(crate) subprotocol: Option<Box<str>>,
}

/// The data of the other end.
pub(crate) enum OtherEnd {
    Client(Request),
    Server(Box<ServerEnd>),
}

/// The data of a server.
pub(crate) struct ServerEnd {
    /// If the transport has addresses.
    pub(crate) addr: Option<SocketAddr>,
    pub(crate) response: handshake::Response<Arc<[u8]>>,
    /// If a subscriber of `tracing` wants it.
    pub(crate) span: Option<Box<Span>>,
}

impl Details {
    pub(crate) fn request(&self) -> Option<&Request> {
        match &self.other_end {
            OtherEnd::Client(request) => Some(request),
            OtherEnd::Server(_) => None,
        }
    }

    pub(crate) fn response(&self) -> Option<&handshake::Response<Arc<[u8]>>> {
        match &self.other_end {
            OtherEnd::Client(_) => None,
            OtherEnd::Server(server) => Some(&server.response),
        }
    }

    pub(crate) fn span(&self) -> Option<&Span> {
        match &self.other_end {
            OtherEnd::Client(request) => request.peer().span(),
            OtherEnd::Server(server) => server.span.as_deref(),
        }
    }

    /// Records in the connection's span which connection it is, and opens a span if the negotiation
    /// had none.
    pub(super) fn begin_span(&mut self, id: u64) {
        if self.span().is_none()
            && let OtherEnd::Client(request) = &mut self.other_end
        {
            request.peer_mut().open_span();
        }
        if let Some(span) = self.span() {
            record(span, id, self);
        }
    }

    /// Calls `tell` in the connection's span.
    pub(super) fn in_span(&self, tell: impl FnOnce()) {
        match self.span() {
            Some(span) => span.in_scope(tell),
            None => tell(),
        }
    }

    pub(crate) fn peer_addr(&self) -> Option<SocketAddr> {
        match &self.other_end {
            OtherEnd::Client(request) => request.peer_addr(),
            OtherEnd::Server(server) => server.addr,
        }
    }

    pub(crate) fn client_addr(&self) -> Option<SocketAddr> {
        self.request().map_or(self.peer_addr(), Request::client_addr)
    }
}

/// Records which connection it has become.
fn record(span: &Span, id: u64, details: &Details) {
    span.record("id", id);
    if let OtherEnd::Server(server) = &details.other_end
        && let Some(peer_addr) = server.addr
    {
        span.record("peer_addr", field::display(peer_addr));
    }
    if let Some(request) = details.request() {
        span.record("path", request.path());
        if let Some(client_addr) = request.client_addr() {
            span.record("client_addr", field::display(client_addr));
        }
    }
    if let Some(subprotocol) = &details.subprotocol {
        span.record("subprotocol", &**subprotocol);
    }
}
