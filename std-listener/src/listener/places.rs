//! The bound on opening handshakes under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::registry::Eviction;

/// Places for negotiations. Who enters when all are taken, takes that of the oldest: a flood of
/// peers that never finish cannot lock out one that does.
pub(super) struct Places {
    taken: Arc<Mutex<Taken>>,
    limit: usize,
}

#[derive(Default)]
struct Taken {
    next: u64,
    by_age: BTreeMap<u64, Eviction>,
}

impl Places {
    pub(super) fn new(limit: usize) -> Self {
        Self { taken: Arc::default(), limit }
    }

    pub(super) fn enter(&self, eviction: Eviction) -> Place {
        let mut taken = lock(&self.taken);
        let oldest = if taken.by_age.len() >= self.limit { taken.by_age.pop_first() } else { None };
        let age = taken.next;
        taken.next += 1;
        taken.by_age.insert(age, eviction);
        drop(taken);
        if let Some((_, oldest)) = oldest {
            oldest.evict();
        }
        Place { taken: self.taken.clone(), age }
    }
}

/// A negotiation's place, free again when dropped.
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    age: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.taken).by_age.remove(&self.age);
    }
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}
