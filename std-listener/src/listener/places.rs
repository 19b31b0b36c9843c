//! The limit of concurrent opening handshakes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::registry::registration::Registration;
use crate::registry::signal::{EVICTED, Signal};

/// The places of negotiations. When all are in use, a new negotiation replaces the oldest one whose
/// request has not arrived, otherwise the oldest one whose request is being answered. So a flood of
/// peers that never finish does not lock out those that do.
pub(super) struct Places {
    room: Arc<Room>,
}

struct Room {
    taken: Mutex<Taken>,
    limit: usize,
    /// Notified when the negotiations are within the limit again.
    settled: Notify,
}

#[derive(Default)]
struct Taken {
    next: u64,
    silent: BTreeMap<u64, Eviction>,
    answering: BTreeMap<u64, Eviction>,
    /// The evicted negotiations that have not ended yet.
    leaving: usize,
}

impl Places {
    pub(super) fn new(limit: usize) -> Self {
        let (taken, settled) = (Mutex::default(), Notify::new());
        Self { room: Arc::new(Room { taken, limit, settled }) }
    }

    /// Returns a place at once. The evicted negotiation ends when its task runs.
    pub(super) fn enter(&self, eviction: Eviction) -> Place {
        let mut taken = self.room.lock();
        let full = taken.silent.len() + taken.answering.len() >= self.room.limit;
        let evicted = if full {
            taken.silent.pop_first().or_else(|| taken.answering.pop_first())
        } else {
            None
        };
        taken.leaving += usize::from(evicted.is_some());
        let age = taken.next;
        taken.next += 1;
        taken.silent.insert(age, eviction);
        drop(taken);
        if let Some((_, evicted)) = evicted {
            evicted.evict();
        }
        Place { room: self.room.clone(), age }
    }

    /// Waits until the negotiations, including evicted ones, are within the limit. Evicted ones do not
    /// wait for their peers, and the others have deadlines.
    pub(super) async fn settled(&self) {
        loop {
            let settled = self.room.settled.notified();
            if self.room.lock().are_settled(self.room.limit) {
                return;
            }
            settled.await;
        }
    }
}

impl Room {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn are_settled(&self, limit: usize) -> bool {
        self.leaving + self.silent.len() + self.answering.len() <= limit
    }
}

/// The means to evict a negotiation.
pub(super) struct Eviction(Arc<Signal>);

impl Eviction {
    pub(super) fn of(negotiation: &Registration) -> Self {
        Self(negotiation.signal().clone())
    }

    fn evict(&self) {
        self.0.raise(EVICTED);
    }
}

/// A negotiation's place, which a drop returns.
pub(super) struct Place {
    room: Arc<Room>,
    age: u64,
}

impl Place {
    /// Notes that the whole request has arrived.
    pub(super) fn request_has_come(&self) {
        let mut taken = self.room.lock();
        if let Some(eviction) = taken.silent.remove(&self.age) {
            taken.answering.insert(self.age, eviction);
        }
    }

    /// Notes that the request is refused, and the peer only has to read the refusal.
    pub(super) fn request_is_refused(&self) {
        let mut taken = self.room.lock();
        if let Some(eviction) = taken.answering.remove(&self.age) {
            taken.silent.insert(self.age, eviction);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.room.lock();
        let settled = taken.are_settled(self.room.limit);
        if taken.silent.remove(&self.age).or_else(|| taken.answering.remove(&self.age)).is_none() {
            taken.leaving -= 1;
        }
        let has_settled = !settled && taken.are_settled(self.room.limit);
        drop(taken);
        if has_settled {
            self.room.settled.notify_waiters();
        }
    }
}
