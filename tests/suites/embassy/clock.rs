//! The time that `embassy-time` gives: every thread, and so every test, has its own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::Waker;

use embassy_time_driver::Driver;

/// More time than any test needs.
const LATEST: u64 = 7 * 24 * 3600 * embassy_time_driver::TICK_HZ;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
    static WAITING: RefCell<BTreeMap<u64, Vec<Waker>>> = const { RefCell::new(BTreeMap::new()) };
}

struct ThreadClock;

embassy_time_driver::time_driver_impl!(static CLOCK: ThreadClock = ThreadClock);

impl Driver for ThreadClock {
    fn now(&self) -> u64 {
        NOW.get()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        if at <= NOW.get() {
            waker.wake_by_ref();
            return;
        }
        WAITING.with_borrow_mut(|waiting| {
            let wakers = waiting.entry(at).or_default();
            if !wakers.iter().any(|known| known.will_wake(waker)) {
                wakers.push(waker.clone());
            }
        });
    }
}

/// Moves on to the next time that is waited for, if there is one.
pub(crate) fn advance() -> bool {
    let Some((at, wakers)) = WAITING.with_borrow_mut(BTreeMap::pop_first) else { return false };
    assert!(at <= LATEST, "after a week there is still something to wait for");
    NOW.set(at);
    wakers.into_iter().for_each(Waker::wake);
    true
}

/// Forgets what an earlier test on this thread has waited for.
pub(crate) fn reset() {
    WAITING.take();
}
