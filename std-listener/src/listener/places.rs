//! The bound on opening handshakes under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::registration::Eviction;

/// Places for negotiations. Who enters when all are taken, takes that of the oldest of those whose
/// request has not come, and only then of the oldest whose request is being answered: a flood of
/// peers that never finish cannot lock out one that does.
pub(super) struct Places {
    taken: Arc<Mutex<Taken>>,
    limit: usize,
}

#[derive(Default)]
struct Taken {
    next: u64,
    silent: BTreeMap<u64, Eviction>,
    answering: BTreeMap<u64, Eviction>,
}

impl Places {
    pub(super) fn new(limit: usize) -> Self {
        Self { taken: Arc::default(), limit }
    }

    pub(super) fn enter(&self, eviction: Eviction) -> Place {
        let mut taken = lock(&self.taken);
        let full = taken.silent.len() + taken.answering.len() >= self.limit;
        let evicted = if full {
            taken.silent.pop_first().or_else(|| taken.answering.pop_first())
        } else {
            None
        };
        let age = taken.next;
        taken.next += 1;
        taken.silent.insert(age, eviction);
        drop(taken);
        if let Some((_, evicted)) = evicted {
            evicted.evict();
        }
        Place { taken: self.taken.clone(), age }
    }
}

/// A negotiation's place, free again when dropped.
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    age: u64,
}

impl Place {
    /// The whole request is there, and being answered.
    pub(super) fn request_has_come(&self) {
        let mut taken = lock(&self.taken);
        if let Some(eviction) = taken.silent.remove(&self.age) {
            taken.answering.insert(self.age, eviction);
        }
    }

    /// The request is refused. What remains is to let the peer read that.
    pub(super) fn request_is_refused(&self) {
        let mut taken = lock(&self.taken);
        if let Some(eviction) = taken.answering.remove(&self.age) {
            taken.silent.insert(self.age, eviction);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.silent.remove(&self.age);
        taken.answering.remove(&self.age);
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}
