//! The place of a connection: with a listener, or on its own.

use std::sync::Arc;

use crate::counters::CounterCells;
use crate::registry::Registry;

/// The place of a connection that does not exist yet: where it will be registered and counted.
pub(crate) struct Membership {
    pub(super) registry: Arc<Registry>,
    /// A connection without a listener is not counted.
    pub(super) counters: Option<Arc<CounterCells>>,
}

impl Membership {
    pub(crate) fn of_listener(registry: Arc<Registry>, counters: Arc<CounterCells>) -> Self {
        Self { registry, counters: Some(counters) }
    }

    /// That of a connection without a listener. Panics outside a Tokio runtime.
    pub(crate) fn of_runtime() -> Self {
        Self { registry: Registry::of_runtime(), counters: None }
    }
}
