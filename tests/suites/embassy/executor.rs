//! Tasks, each polled when it was woken; when none is, the clock moves.

use std::cell::RefCell;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::clock;

/// More polls than any test needs.
const MOST_ROUNDS: u64 = 20_000_000;

type Task = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static SPAWNED: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Polled {
    woken: Arc<Woken>,
    waker: Waker,
}

impl Polled {
    fn new() -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { waker: Waker::from(Arc::clone(&woken)), woken }
    }

    /// Polls the future if its waker was called.
    fn poll<T>(&self, future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<Poll<T>> {
        let woken = self.woken.0.swap(false, Ordering::Relaxed);
        woken.then(|| future.poll(&mut Context::from_waker(&self.waker)))
    }
}

/// Begins a task beside the one that calls.
pub(crate) fn spawn(task: impl Future<Output = ()> + 'static) {
    SPAWNED.with_borrow_mut(|spawned| spawned.push(Box::pin(task)));
}

/// Runs the future to its end, and what it spawns until then.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    clock::reset();
    let mut future = pin!(future);
    let root = Polled::new();
    let mut tasks: Vec<(Polled, Task)> = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let mut idle = true;
        if let Some(poll) = root.poll(future.as_mut()) {
            idle = false;
            if let Poll::Ready(result) = poll {
                return result;
            }
        }
        tasks.extend(SPAWNED.take().into_iter().map(|task| (Polled::new(), task)));
        tasks.retain_mut(|(polled, task)| match polled.poll(task.as_mut()) {
            Some(Poll::Ready(())) => false,
            Some(Poll::Pending) => {
                idle = false;
                true
            }
            None => true,
        });
        if idle && SPAWNED.with_borrow(Vec::is_empty) {
            assert!(clock::advance(), "stuck: no task is woken, and no timer runs");
        }
    }
    panic!("a future keeps waking itself");
}
