//! A hashed timer wheel: the deadlines of any number of connections in constant time each.
//!
//! Time is cut into ticks, ticks hash to buckets, and a bucket is a list through the entries. Setting,
//! moving and removing a deadline touches a handful of words; a tick looks only at its own bucket.
//!
//! It is not `tokio_util::time::DelayQueue`, which holds a value only as long as it has a deadline:
//! a shutdown must reach every connection. It also takes 56 bytes of an entry and 8 of its key,
//! where this takes 32 and 4, measured with 131,072 entries.

use slab::Slab;
use websocket_listener_core::Instant;

/// A tick is 2^14 microseconds long: deadlines fire at most 16 ms late.
const TICK_SHIFT: u32 = 14;
const BUCKETS: usize = 1024;
const NONE: u32 = u32::MAX;

pub(crate) struct Wheel<T> {
    entries: Slab<Entry<T>>,
    /// The first entry of each bucket's list.
    buckets: Box<[u32; BUCKETS]>,
    /// One bit for each bucket that is not empty.
    occupied: [u64; BUCKETS / 64],
    /// Every tick before this one has been looked at.
    next_tick: u64,
}

struct Entry<T> {
    value: T,
    /// The tick at which the entry fires, if it is in a bucket.
    tick: Option<u64>,
    next: u32,
    previous: u32,
}

impl<T> Wheel<T> {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            entries: Slab::new(),
            buckets: Box::new([NONE; BUCKETS]),
            occupied: [0; BUCKETS / 64],
            next_tick: tick_before(now),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| &entry.value)
    }

    /// Adds the value that is made for a key, without a deadline.
    pub(crate) fn insert_with(&mut self, make: impl FnOnce(u32) -> T) -> &T {
        let place = self.entries.vacant_entry();
        let key = u32::try_from(place.key()).expect("fewer than 2^32 connections");
        let entry = Entry { value: make(key), tick: None, next: NONE, previous: NONE };
        &place.insert(entry).value
    }

    pub(crate) fn remove(&mut self, key: u32) -> T {
        self.unlink(key);
        let value = self.entries.remove(key as usize).value;
        if self.entries.is_empty() {
            // A burst of a million connections must not cost memory forever.
            self.entries.shrink_to_fit();
        }
        value
    }

    /// Sets, or moves, the deadline of an entry.
    pub(crate) fn schedule(&mut self, key: u32, at: Instant) {
        self.unlink(key);
        let tick = tick_after(at).max(self.next_tick);
        let bucket = bucket_of(tick);
        let head = self.buckets[bucket];
        let entry = &mut self.entries[key as usize];
        entry.tick = Some(tick);
        entry.previous = NONE;
        entry.next = head;
        if head != NONE {
            self.entries[head as usize].previous = key;
        }
        self.buckets[bucket] = key;
        self.occupied[bucket / 64] |= 1 << (bucket % 64);
    }

    /// Returns the time for the next call of [`expire`](Self::expire), no later than the earliest
    /// deadline.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let start = bucket_of(self.next_tick);
        let distance = (0..BUCKETS).find(|distance| {
            let bucket = (start + distance) % BUCKETS;
            self.occupied[bucket / 64] & (1 << (bucket % 64)) != 0
        })?;
        let tick = self.next_tick + distance as u64;
        Some(Instant::from_micros(tick << TICK_SHIFT))
    }

    /// Takes the deadlines that have passed, and calls `expired` for each.
    pub(crate) fn expire(&mut self, now: Instant, mut expired: impl FnMut(&T)) {
        let current = tick_before(now);
        if current < self.next_tick {
            return;
        }
        let buckets = (current - self.next_tick + 1).min(BUCKETS as u64);
        for bucket in (self.next_tick..self.next_tick + buckets).map(bucket_of) {
            let mut key = self.buckets[bucket];
            while key != NONE {
                let entry = &self.entries[key as usize];
                let next = entry.next;
                if entry.tick.is_some_and(|tick| tick <= current) {
                    self.unlink(key);
                    expired(&self.entries[key as usize].value);
                }
                key = next;
            }
        }
        self.next_tick = current + 1;
    }

    fn unlink(&mut self, key: u32) {
        let entry = &mut self.entries[key as usize];
        let Some(tick) = entry.tick.take() else { return };
        let (previous, next) = (entry.previous, entry.next);
        if next != NONE {
            self.entries[next as usize].previous = previous;
        }
        if previous != NONE {
            self.entries[previous as usize].next = next;
            return;
        }
        let bucket = bucket_of(tick);
        self.buckets[bucket] = next;
        if next == NONE {
            self.occupied[bucket / 64] &= !(1 << (bucket % 64));
        }
    }
}

fn bucket_of(tick: u64) -> usize {
    (tick % BUCKETS as u64) as usize
}

/// The last tick that has begun at `instant`.
fn tick_before(instant: Instant) -> u64 {
    instant.as_micros() >> TICK_SHIFT
}

/// The first tick that begins no earlier than `instant`.
fn tick_after(instant: Instant) -> u64 {
    instant.as_micros().div_ceil(1 << TICK_SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn insert(wheel: &mut Wheel<u32>, value: u32) -> u32 {
        let mut inserted = 0;
        wheel.insert_with(|key| {
            inserted = key;
            value
        });
        inserted
    }

    fn expired_by(wheel: &mut Wheel<u32>, micros: u64) -> Vec<u32> {
        let mut values = Vec::new();
        wheel.expire(Instant::from_micros(micros), |value| values.push(*value));
        values.sort_unstable();
        values
    }

    #[test]
    fn a_deadline_fires_once_never_early_and_at_most_a_tick_late() {
        for at in [1, 20_000, SECOND, 20 * SECOND, 100 * SECOND] {
            let mut wheel = Wheel::new(Instant::from_micros(0));
            let key = insert(&mut wheel, 7);
            wheel.schedule(key, Instant::from_micros(at));
            assert_eq!(expired_by(&mut wheel, at - 1), []);
            assert_eq!(expired_by(&mut wheel, at + (1 << TICK_SHIFT)), [7]);
            assert_eq!(expired_by(&mut wheel, at + 200 * SECOND), []);
        }
    }

    #[test]
    fn sleeping_until_the_next_expiry_again_and_again_reaches_every_deadline() {
        let mut wheel = Wheel::new(Instant::from_micros(0));
        for (value, at) in
            [50, 3_000, 70 * SECOND, 70 * SECOND, 17 * SECOND].into_iter().enumerate()
        {
            let key = insert(&mut wheel, value as u32);
            wheel.schedule(key, Instant::from_micros(at));
        }
        let mut fired = Vec::new();
        while let Some(next) = wheel.next_expiry() {
            wheel.expire(next, |value| fired.push((*value, next.as_micros())));
        }
        fired.sort_unstable();
        let values: Vec<_> = fired.iter().map(|(value, _)| *value).collect();
        assert_eq!(values, [0, 1, 2, 3, 4]);
        assert!(fired[2].1 - 70 * SECOND < 1 << TICK_SHIFT);
    }

    #[test]
    fn moved_and_removed_deadlines_do_not_fire() {
        let mut wheel = Wheel::new(Instant::from_micros(0));
        let keys: Vec<_> = (0..5).map(|value| insert(&mut wheel, value)).collect();
        for &key in &keys {
            wheel.schedule(key, Instant::from_micros(SECOND));
        }
        wheel.schedule(keys[1], Instant::from_micros(5 * SECOND));
        assert_eq!(wheel.remove(keys[0]), 0);
        assert_eq!(wheel.remove(keys[3]), 3);
        assert_eq!(expired_by(&mut wheel, 2 * SECOND), [2, 4]);
        assert_eq!(expired_by(&mut wheel, 6 * SECOND), [1]);
        assert_eq!(wheel.next_expiry(), None);
        assert_eq!(wheel.len(), 3);
    }
}
