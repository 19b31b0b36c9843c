//! The slots of a listener or a client, and their leases to tasks.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};

use embassy_time::{Duration, with_timeout};

use crate::slot::Slot;

/// The interval at which a task that waits for a slot checks again, if it is not woken.
const RECHECK_INTERVAL: Duration = Duration::from_millis(500);

/// The slots of one listener or client.
#[derive(Clone, Copy)]
pub(crate) struct Pool {
    queue: &'static Queue,
    slots: &'static [Slot],
}

impl Pool {
    pub(crate) const fn new(queue: &'static Queue, slots: &'static [Slot]) -> Self {
        Self { queue, slots }
    }

    /// Waits for a slot that is ready for a new connection; `None` at a shutdown.
    pub(crate) async fn lease(&self) -> Option<Lease> {
        let free = || if self.is_going_away() { Some(None) } else { self.take().map(Some) };
        let lease = self.queue.wait(free).await?;
        lease.slot.until_going_away(pin!(lease.slot.make_ready())).await?;
        Some(lease)
    }

    /// Leases the available slot that is ready soonest.
    pub(crate) fn take(&self) -> Option<Lease> {
        let free = self.slots().filter(|slot| !slot.is_leased());
        let slot = free.min_by_key(|slot| slot.readiness())?;
        slot.lease();
        Some(Lease { slot, queue: self.queue })
    }

    /// Tells the tasks that use slots or wait for one to end.
    pub(crate) fn go_away(&self) {
        self.slots().for_each(Slot::go_away);
        self.queue.wake();
    }

    pub(crate) fn is_going_away(&self) -> bool {
        self.slots().any(Slot::is_going_away)
    }

    /// Returns the number of open WebSockets.
    pub(crate) fn open(&self) -> usize {
        self.slots().filter(|slot| slot.is_open()).count()
    }

    /// Waits until every slot is available and its connection has ended.
    pub(crate) async fn emptied(&self) {
        self.queue.wait(|| self.slots().all(|slot| !slot.is_leased()).then_some(())).await;
        for slot in self.slots() {
            slot.retire().await;
        }
    }

    pub(crate) fn abort(&self) {
        self.slots().for_each(|slot| slot.socket.abort());
    }

    fn slots(&self) -> core::slice::Iter<'static, Slot> {
        self.slots.iter()
    }
}

/// A permit to use a slot. A drop ends the connection and returns the slot.
pub(crate) struct Lease {
    pub(crate) slot: &'static Slot,
    queue: &'static Queue,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.slot.release();
        self.queue.wake();
    }
}

/// The tasks that wait for a slot. Tasks beyond the four of the queue rely on
/// [`RECHECK_INTERVAL`].
pub(crate) struct Queue {
    waiting: [Cell<Option<Waker>>; 4],
}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self { waiting: [const { Cell::new(None) }; 4] }
    }

    fn register(&self, waker: &Waker) {
        for place in &self.waiting {
            let known = place.take();
            let free = known.as_ref().is_none_or(|known| known.will_wake(waker));
            place.set(if free { Some(waker.clone()) } else { known });
            if free {
                return;
            }
        }
    }

    fn wake(&self) {
        self.waiting.iter().filter_map(Cell::take).for_each(Waker::wake);
    }

    /// Waits until `f`, called at each return of a slot, returns a value.
    async fn wait<T>(&self, mut f: impl FnMut() -> Option<T>) -> T {
        loop {
            let given = poll_fn(|cx| match f() {
                Some(given) => Poll::Ready(given),
                None => {
                    self.register(cx.waker());
                    Poll::Pending
                }
            });
            if let Ok(given) = with_timeout(RECHECK_INTERVAL, given).await {
                return given;
            }
        }
    }
}
