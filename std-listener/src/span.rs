//! What tells `tracing` one connection from another.

use std::net::SocketAddr;

use tracing::{Span, field};

use crate::connection::{Details, OtherEnd};

/// The span of a connection, from the accepted stream, or a client's first step, to its end. What
/// is not known yet is [recorded](record) later. `None` if no subscriber wants it.
pub(crate) fn open(peer_addr: Option<SocketAddr>) -> Option<Span> {
    let span = tracing::info_span!(
        target: "websocket_listener",
        "websocket",
        id = field::Empty,
        peer_addr = peer_addr.map(field::display),
        client_addr = field::Empty,
        path = field::Empty,
        subprotocol = field::Empty,
    );
    if span.is_disabled() { None } else { Some(span) }
}

/// Records which connection it has become.
pub(crate) fn record(span: &Span, id: u64, details: &Details) {
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
