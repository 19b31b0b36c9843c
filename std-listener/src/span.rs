//! The `tracing` span of a connection.

use std::net::SocketAddr;

use tracing::{Span, field};

/// Opens the span of a connection, from the accepted stream, or a client's first step, to its end.
/// Fields that are not known yet are recorded later. `None` without an interested subscriber.
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
