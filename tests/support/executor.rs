//! Futures run by hand, under a clock that moves only when nothing else can.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use websocket_listener_core::Instant;
use websocket_listener_core::io::Clock;

/// More polls than any test needs: a future that wakes itself without end.
const MOST_POLLS: u32 = 3_000_000;

/// The same between two polls of all other tasks.
const MOST_POLLS_AT_ONCE: u32 = 1_000;

/// More time than any test needs: a connection that never ends.
const LATEST: u64 = 24 * 3600 * 1_000_000;

/// A clock that [`run`] moves on. Clones show the same time.
#[derive(Clone, Default)]
pub struct VirtualClock(Rc<Time>);

#[derive(Default)]
struct Time {
    micros: Cell<u64>,
    waiting: RefCell<Vec<(u64, Waker)>>,
}

impl VirtualClock {
    /// The time since the test began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.micros.get())
    }

    /// Waits that long.
    pub async fn sleep(&self, time: Duration) {
        let due = self.now() + time;
        poll_fn(|cx| self.poll_until(cx, due)).await;
    }

    /// Moves on to the next time that is waited for, if there is one.
    fn advance(&self) -> bool {
        let mut waiting = self.0.waiting.borrow_mut();
        let Some(next) = waiting.iter().map(|(due, _)| *due).min() else { return false };
        assert!(next <= LATEST, "after a day there is still something to wait for");
        self.0.micros.set(next.max(self.0.micros.get()));
        waiting.retain(|(due, waker)| {
            if *due <= next {
                waker.wake_by_ref();
            }
            *due > next
        });
        true
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.micros.get())
    }

    fn poll_until(&self, cx: &mut Context<'_>, instant: Instant) -> Poll<()> {
        if self.now() >= instant {
            return Poll::Ready(());
        }
        // A wait that is dropped still moves the time: the task that dropped it may be begun anew.
        self.0.waiting.borrow_mut().push((instant.as_micros(), cx.waker().clone()));
        Poll::Pending
    }
}

/// A flag that a waker sets; it wakes the surrounding task as well.
struct Woken {
    flag: AtomicBool,
    parent: Option<Waker>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.flag.store(true, Ordering::Relaxed);
        if let Some(parent) = &self.parent {
            parent.wake_by_ref();
        }
    }
}

/// Runs the future to its end.
///
/// # Panics
/// If nothing can happen any more, or too much.
pub fn run<T>(clock: &VirtualClock, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let woken = Arc::new(Woken { flag: AtomicBool::new(true), parent: None });
    let waker = Waker::from(Arc::clone(&woken));
    for _ in 0..MOST_POLLS {
        while !woken.flag.swap(false, Ordering::Relaxed) {
            assert!(clock.advance(), "stuck: no task is woken, and there is nothing to wait for");
        }
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
    }
    panic!("a future keeps waking itself");
}

/// Both at once, as two tasks: each is polled only when it was woken itself.
pub async fn join<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(task(a)), pin!(task(b)));
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|cx| {
        if of_a.is_none()
            && let Poll::Ready(result) = a.as_mut().poll(cx)
        {
            of_a = Some(result);
        }
        if of_b.is_none()
            && let Poll::Ready(result) = b.as_mut().poll(cx)
        {
            of_b = Some(result);
        }
        if of_a.is_some() && of_b.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    (of_a.expect("checked"), of_b.expect("checked"))
}

/// Polls the future only when it was woken itself, as an executor does.
async fn task<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut own: Option<(Arc<Woken>, Waker)> = None;
    poll_fn(|cx| {
        let (woken, waker) = own.get_or_insert_with(|| {
            let parent = Some(cx.waker().clone());
            let woken = Arc::new(Woken { flag: AtomicBool::new(true), parent });
            let waker = Waker::from(Arc::clone(&woken));
            (woken, waker)
        });
        for polls in 0.. {
            if !woken.flag.swap(false, Ordering::Relaxed) {
                break;
            }
            assert!(polls < MOST_POLLS_AT_ONCE, "a future keeps waking itself");
            if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(waker)) {
                return Poll::Ready(result);
            }
        }
        Poll::Pending
    })
    .await
}

/// The first to be ready; the other is dropped.
pub async fn first<T>(a: impl Future<Output = T>, b: impl Future<Output = T>) -> T {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| match a.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(result),
        Poll::Pending => b.as_mut().poll(cx),
    })
    .await
}

/// Makes a future, drops it where it would wait, makes another, until one is ready.
///
/// It is not dropped at every such point but where `pattern`, a bit for each in turn, says so: all
/// ones drop it everywhere. Each new one is polled only when the last one would have been.
pub async fn dropping<T>(pattern: u64, mut make: impl AsyncFnMut() -> T) -> T {
    let mut waits = 0u32;
    loop {
        let mut future: Pin<Box<dyn Future<Output = T> + '_>> = Box::pin(make());
        let result = poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => {
                waits += 1;
                if pattern >> (waits % 64) & 1 == 1 { Poll::Ready(None) } else { Poll::Pending }
            }
        })
        .await;
        drop(future);
        if let Some(result) = result {
            return result;
        }
        woken().await;
    }
}

/// Waits for whatever has this task's waker.
pub async fn woken() {
    let mut polled = false;
    poll_fn(|_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

/// Polls the future so often at most; drops it if it is not ready then.
pub async fn polled<T>(mut times: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        if times == 0 {
            return Poll::Ready(None);
        }
        times -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending if times == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
