//! The connections of a listener: their deadlines, and the signals to all of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use tokio::runtime;
use tokio::sync::Notify;

use crate::Instant;
use crate::clock;
use crate::memory;
use crate::wheel::Wheel;

/// One timer for all connections of a listener, driven by one task, and a way to reach them all.
///
/// Not on the way of a byte: a connection comes here when it starts, when it ends, and when its next
/// deadline is earlier than the one it is scheduled for.
pub(crate) struct Registry {
    wheel: Mutex<Wheel<Arc<Signal>>>,
    /// Shared with the driver, which must not keep the registry alive.
    sleep: Arc<Sleep>,
    emptied: Notify,
    /// What was signalled to all, and goes for those to come as well.
    signalled: AtomicU8,
    /// There were many connections since memory was last given back.
    crowded: AtomicBool,
}

/// How many connections are many.
const CROWD: usize = 1024;

/// How long their tasks may take to be gone after the last of many connections.
const DISPERSAL: Duration = Duration::from_millis(100);

/// Until when the driver sleeps.
struct Sleep {
    until: Mutex<Option<Instant>>,
    earlier: Notify,
}

/// What a connection's task is to be told, and how to wake it.
#[derive(Default)]
pub(crate) struct Signal {
    waker: AtomicWaker,
    flags: AtomicU8,
}

/// The deadline that was scheduled last has passed.
const EXPIRED: u8 = 1;
/// The listener shuts down: close with 1001.
const GOING_AWAY: u8 = 2;
/// The shutdown's deadline has passed.
const ABORTED: u8 = 4;
/// The negotiation must make room for a newer one.
const EVICTED: u8 = 8;

impl Registry {
    /// A registry with a driver of its own, on the current runtime.
    pub(crate) fn new() -> Arc<Self> {
        let sleep = Arc::new(Sleep { until: Mutex::new(None), earlier: Notify::new() });
        let registry = Arc::new(Self {
            wheel: Mutex::new(Wheel::new(clock::now())),
            sleep: sleep.clone(),
            emptied: Notify::new(),
            signalled: AtomicU8::new(0),
            crowded: AtomicBool::new(false),
        });
        tokio::spawn(drive(Arc::downgrade(&registry), sleep));
        registry
    }

    /// The registry that the connections without a listener share, one for each runtime.
    pub(crate) fn of_runtime() -> Arc<Self> {
        static REGISTRIES: Mutex<Option<HashMap<runtime::Id, Weak<Registry>>>> = Mutex::new(None);
        let mut registries = lock(&REGISTRIES);
        let registries = registries.get_or_insert_default();
        let id = runtime::Handle::current().id();
        if let Some(registry) = registries.get(&id).and_then(Weak::upgrade) {
            return registry;
        }
        let registry = Self::new();
        registries.retain(|_, registry| registry.strong_count() > 0);
        registries.insert(id, Arc::downgrade(&registry));
        registry
    }

    pub(crate) fn register(self: &Arc<Self>) -> Registration {
        let signal = Arc::new(Signal::default());
        let mut wheel = lock(&self.wheel);
        signal.flags.store(self.signalled.load(Ordering::Acquire), Ordering::Release);
        let key = wheel.insert(signal.clone());
        if wheel.len() == CROWD {
            self.crowded.store(true, Ordering::Relaxed);
        }
        drop(wheel);
        Registration { registry: self.clone(), signal, key, scheduled: None }
    }

    /// Tells every connection to close with 1001.
    pub(crate) fn going_away(&self) {
        self.signal_all(GOING_AWAY);
    }

    /// Tells every connection that nobody waits for it any longer; gives their number.
    pub(crate) fn abort(&self) -> usize {
        self.signal_all(ABORTED)
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.wheel).len()
    }

    /// Waits until no connection is left.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.len() == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn signal_all(&self, flag: u8) -> usize {
        let wheel = lock(&self.wheel);
        self.signalled.fetch_or(flag, Ordering::AcqRel);
        let signals: Vec<_> = wheel.values().cloned().collect();
        drop(wheel);
        for signal in &signals {
            signal.raise(flag);
        }
        signals.len()
    }

    fn schedule(&self, key: u32, at: Instant) {
        lock(&self.wheel).schedule(key, at);
        let mut until = lock(&self.sleep.until);
        if until.is_none_or(|until| at < until) {
            *until = Some(at);
            self.sleep.earlier.notify_one();
        }
    }

    fn remove(&self, key: u32) {
        let mut wheel = lock(&self.wheel);
        wheel.remove(key);
        if wheel.len() == 0 {
            drop(wheel);
            self.emptied.notify_waiters();
            if self.crowded.load(Ordering::Relaxed) {
                self.sleep.earlier.notify_one();
            }
        }
    }

    /// Whether many connections have come and gone. True once.
    fn crowd_has_gone(&self) -> bool {
        self.len() == 0 && self.crowded.swap(false, Ordering::Relaxed)
    }

    fn expire(&self) {
        let mut expired = Vec::new();
        lock(&self.wheel).expire(clock::now(), |signal| expired.push(signal.clone()));
        for signal in expired {
            signal.raise(EXPIRED);
        }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.sleep.earlier.notify_one();
    }
}

/// Sleeps until a deadline passes and wakes whom it concerns, as long as the registry lives.
async fn drive(registry: Weak<Registry>, sleep: Arc<Sleep>) {
    loop {
        let crowd_has_gone = registry.upgrade().is_some_and(|registry| registry.crowd_has_gone());
        if crowd_has_gone {
            tokio::time::sleep(DISPERSAL).await;
            memory::give_back();
        }
        let next = {
            let Some(registry) = registry.upgrade() else { return };
            registry.expire();
            let mut until = lock(&sleep.until);
            *until = lock(&registry.wheel).next_expiry();
            *until
        };
        match next {
            None => sleep.earlier.notified().await,
            Some(next) => {
                tokio::select! {
                    () = tokio::time::sleep_until(clock::to_tokio(next)) => {}
                    () = sleep.earlier.notified() => {}
                }
            }
        }
    }
}

impl Signal {
    fn raise(&self, flag: u8) {
        self.flags.fetch_or(flag, Ordering::AcqRel);
        self.waker.wake();
    }
}

/// A connection's place in its registry.
pub(crate) struct Registration {
    registry: Arc<Registry>,
    signal: Arc<Signal>,
    key: u32,
    /// When the registry will raise `EXPIRED`.
    scheduled: Option<Instant>,
}

impl Registration {
    /// Wakes the task at `deadline`, or not much earlier. A deadline that only moves back costs
    /// nothing: the task is woken for the old one, and comes here again.
    pub(crate) fn wake_at(&mut self, deadline: Instant) {
        if self.scheduled.is_none_or(|scheduled| deadline < scheduled) {
            self.registry.schedule(self.key, deadline);
            self.scheduled = Some(deadline);
        }
    }

    /// To be called before a task waits: signals from now on wake it.
    pub(crate) fn register_waker(&self, cx: &Context<'_>) {
        self.signal.waker.register(cx.waker());
    }

    #[inline]
    fn flags(&self) -> u8 {
        self.signal.flags.load(Ordering::Acquire)
    }

    /// Whether anything is to be seen to. Cheap.
    #[inline]
    pub(crate) fn is_signalled(&self) -> bool {
        self.flags() != 0
    }

    /// Whether the deadline of [`wake_at`](Self::wake_at) has passed since the last call.
    pub(crate) fn take_expired(&mut self) -> bool {
        let flags = self.signal.flags.fetch_and(!EXPIRED, Ordering::AcqRel);
        let expired = flags & EXPIRED != 0;
        if expired {
            self.scheduled = None;
        }
        expired
    }

    /// Whether a signal has to be seen to before waiting.
    pub(crate) fn needs_attention(&self, open: bool) -> bool {
        let flags = self.flags();
        flags & (EXPIRED | ABORTED) != 0 || (open && flags & GOING_AWAY != 0)
    }

    pub(crate) fn is_going_away(&self) -> bool {
        self.flags() & GOING_AWAY != 0
    }

    pub(crate) fn is_aborted(&self) -> bool {
        self.flags() & ABORTED != 0
    }

    /// Another handle to make this connection's negotiation give up its place.
    pub(crate) fn eviction(&self) -> Eviction {
        Eviction(self.signal.clone())
    }

    /// Ready as soon as the negotiation has to end without success.
    pub(crate) fn poll_interrupted(&mut self, cx: &Context<'_>) -> Poll<Interruption> {
        self.register_waker(cx);
        let flags = self.flags();
        if flags & EVICTED != 0 {
            Poll::Ready(Interruption::Evicted)
        } else if flags & (GOING_AWAY | ABORTED) != 0 {
            Poll::Ready(Interruption::ShuttingDown)
        } else if flags & EXPIRED != 0 && self.take_expired() {
            Poll::Ready(Interruption::Deadline)
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registry.remove(self.key);
    }
}

/// Why a negotiation ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    Deadline,
    Evicted,
    ShuttingDown,
}

/// Makes a negotiation give up its place.
pub(crate) struct Eviction(Arc<Signal>);

impl Eviction {
    pub(crate) fn evict(&self) {
        self.0.raise(EVICTED);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
