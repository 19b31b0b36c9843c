//! The time driver of `embassy-time`, over a counter and an alarm.

use core::cell::RefCell;
use core::task::Waker;

use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

/// A counter of ticks, and an interrupt at a given count.
pub trait Alarm: Send + Sync + 'static {
    /// Returns the ticks since the start, which never decrease.
    fn now(&self, cs: CriticalSection<'_>) -> u64;

    /// Sets the alarm, in place of the previous one. It interrupts at that tick or soon after; an
    /// early interrupt does no harm.
    fn set(&self, cs: CriticalSection<'_>, at: u64);
}

/// The time, and the tasks that wait for it.
pub struct Clock<A> {
    alarm: A,
    timers: Mutex<RefCell<Queue>>,
}

impl<A: Alarm> Clock<A> {
    /// Creates a clock without waiting tasks.
    pub const fn new(alarm: A) -> Self {
        Self { alarm, timers: Mutex::new(RefCell::new(Queue::new())) }
    }

    /// Wakes the tasks whose time has come, and sets the next alarm. The alarm's interrupt calls
    /// this, and the program once at its start.
    pub fn on_alarm(&self) {
        critical_section::with(|cs| self.wake_due(cs));
    }

    fn wake_due(&self, cs: CriticalSection<'_>) {
        let now = self.alarm.now(cs);
        let next = self.timers.borrow_ref_mut(cs).next_expiration(now);
        self.alarm.set(cs, next);
    }
}

impl<A: Alarm> Driver for Clock<A> {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.alarm.now(cs))
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            let is_first = self.timers.borrow_ref_mut(cs).schedule_wake(at, waker);
            if is_first {
                self.wake_due(cs);
            }
        });
    }
}
