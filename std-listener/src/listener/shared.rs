//! The state that a listener shares with its acceptor and its negotiations.

use std::sync::Arc;

use super::http_connections::HttpConnections;
use super::places::Places;
use crate::config::ListenerConfig;
use crate::counters::{CounterCells, count};
use crate::handshake::limits::Limiter;
use crate::handshake::membership::Membership;
use crate::handshake::refusal::Refusal;
use crate::peer::Peer;
use crate::registry::Registry;

/// The state that a listener shares with its acceptor and its negotiations.
pub(super) struct Shared {
    pub(super) config: ListenerConfig,
    /// The concurrent opening handshakes.
    pub(super) negotiations: Arc<Registry>,
    pub(super) places: Places,
    /// Connections that are open, or wait to be accepted.
    pub(super) connections: Arc<Registry>,
    pub(super) http: HttpConnections,
    pub(super) limiter: Arc<Limiter>,
    pub(super) counters: Arc<CounterCells>,
}

impl Shared {
    /// Returns the place of a connection that is about to open.
    pub(super) fn membership(&self) -> Membership {
        Membership::of_listener(self.connections.clone(), self.counters.clone())
    }

    /// Counts and logs the refusal.
    pub(super) fn note_refusal(&self, peer: &Peer, refusal: &Refusal) {
        tracing::debug!(peer_addr = ?peer.addr, reason = %refusal, "refused");
        count(refusal.counter(&self.counters));
    }
}
