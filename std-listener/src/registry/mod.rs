//! The connections of a listener: their deadlines, and the signals to all of them.

pub(crate) mod clock;
pub(crate) mod registration;
pub(crate) mod signal;
mod trim;
mod wheel;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime;
use tokio::sync::Notify;
use websocket_listener_core::Instant;

use signal::{ABORTED, EXPIRED, GOING_AWAY, STOPPED, Signal};
use trim::Trim;
use wheel::Wheel;

/// One timer for all connections of a listener, driven by one task, and the signals to them.
///
/// No bytes pass through it: a connection uses it only at its start, at its end, and when its next
/// deadline is earlier than the scheduled one.
pub(crate) struct Registry {
    wheel: Mutex<Wheel<Arc<Signal>>>,
    /// Shared with the driver, which does not keep the registry alive.
    sleep: Arc<Sleep>,
    emptied: Notify,
    /// The signals to all connections, which apply to later ones as well.
    signalled: AtomicU8,
    /// Returns memory to the system after many connections have ended.
    trim: Option<Trim>,
}

/// The time until which the driver sleeps.
struct Sleep {
    until: Mutex<Option<Instant>>,
    earlier: Notify,
}

impl Registry {
    /// Creates a registry with a driver of its own, on the current runtime.
    pub(crate) fn new() -> Arc<Self> {
        Self::start(None)
    }

    /// Creates a registry that returns memory to the system after many connections have ended.
    pub(crate) fn trimming() -> Arc<Self> {
        Self::start(Some(Trim::default()))
    }

    fn start(trim: Option<Trim>) -> Arc<Self> {
        let sleep = Arc::new(Sleep { until: Mutex::new(None), earlier: Notify::new() });
        let registry = Arc::new(Self {
            wheel: Mutex::new(Wheel::new(clock::now())),
            sleep: sleep.clone(),
            emptied: Notify::new(),
            signalled: AtomicU8::new(0),
            trim,
        });
        tokio::spawn(drive(Arc::downgrade(&registry), sleep));
        registry
    }

    /// Returns the runtime's registry of the connections without a listener.
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

    /// Adds a connection; returns the signals to it.
    fn add(&self) -> Arc<Signal> {
        let mut wheel = lock(&self.wheel);
        let signal = wheel.insert_with(|key| Arc::new(Signal::new(key))).clone();
        signal.raise(self.signalled.load(Ordering::Acquire));
        if let Some(trim) = &self.trim {
            trim.grown_to(wheel.len());
        }
        signal
    }

    /// Tells every connection to close with 1001; returns their number.
    pub(crate) fn going_away(&self) -> usize {
        self.signal_all(GOING_AWAY)
    }

    /// Tells every negotiation that the listener no longer listens.
    pub(crate) fn stopped(&self) {
        self.signal_all(STOPPED);
    }

    /// Tells every connection that the shutdown no longer waits for it; returns their number.
    pub(crate) fn abort(&self) -> usize {
        self.signal_all(ABORTED)
    }

    pub(crate) fn len(&self) -> usize {
        lock(&self.wheel).len()
    }

    /// Waits until every connection has ended.
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

    pub(crate) fn schedule(&self, key: u32, at: Instant) {
        lock(&self.wheel).schedule(key, at);
        let mut until = lock(&self.sleep.until);
        if until.is_none_or(|until| at < until) {
            *until = Some(at);
            self.sleep.earlier.notify_one();
        }
    }

    pub(crate) fn remove(&self, key: u32) {
        let mut wheel = lock(&self.wheel);
        wheel.remove(key);
        if wheel.len() == 0 {
            drop(wheel);
            self.emptied.notify_waiters();
            if let Some(trim) = &self.trim {
                trim.emptied();
            }
        }
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

/// Sleeps until a deadline passes, and wakes its task, for as long as the registry lives.
async fn drive(registry: Weak<Registry>, sleep: Arc<Sleep>) {
    loop {
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
