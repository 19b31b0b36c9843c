//! A place among a listener's connections, kept for one that does not exist yet.

use std::sync::Arc;

use super::limits::Seat;
use crate::counters::CounterCells;
use crate::registry::Registry;
use crate::registry::registration::Registration;

/// A place among a listener's connections, before the connection exists.
pub(crate) struct Membership {
    connections: Arc<Registry>,
    counters: Arc<CounterCells>,
    seat: Option<Box<Seat>>,
}

impl Membership {
    pub(crate) fn new(
        connections: Arc<Registry>,
        counters: Arc<CounterCells>,
        seat: Option<Box<Seat>>,
    ) -> Self {
        Self { connections, counters, seat }
    }

    /// The connection exists now.
    pub(crate) fn join(self) -> (Registration, Arc<CounterCells>, Option<Box<Seat>>) {
        (Registration::new(self.connections), self.counters, self.seat)
    }
}
