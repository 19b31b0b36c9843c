//! The processor, its clock and its end.

use core::cell::RefCell;
use core::hint::black_box;
use core::panic::PanicInfo;
use core::task::Waker;

use critical_section::{Mutex, RawRestoreState};
use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use embassy_time_driver::{Driver, time_driver_impl};
use embassy_time_queue_utils::Queue;
use static_cell::StaticCell;

/// Runs tasks for ever, the first of which `start` spawns.
pub(crate) fn run(start: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();

    let executor: &'static Executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    start(executor.spawner());
    loop {
        // SAFETY: it is polled here alone, and no task comes back here.
        unsafe { executor.poll() };
        CLOCK.wake_due();
    }
}

/// The function that `embassy-executor` calls when a task is woken.
#[unsafe(export_name = "__pender")]
fn pend(_: *mut ()) {}

struct Clock {
    timers: Mutex<RefCell<Queue>>,
}

time_driver_impl!(static CLOCK: Clock = Clock { timers: Mutex::new(RefCell::new(Queue::new())) });

impl Clock {
    fn wake_due(&self) {
        critical_section::with(|cs| {
            black_box(self.timers.borrow_ref_mut(cs).next_expiration(self.now()));
        });
    }
}

impl Driver for Clock {
    fn now(&self) -> u64 {
        black_box(0)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            self.timers.borrow_ref_mut(cs).schedule_wake(at, waker);
        });
    }
}

struct NoInterrupts;

critical_section::set_impl!(NoInterrupts);

// SAFETY: one processor, and no interrupts.
unsafe impl critical_section::Impl for NoInterrupts {
    unsafe fn acquire() -> RawRestoreState {}

    unsafe fn release(_: RawRestoreState) {}
}

#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    if cfg!(feature = "panic-places") {
        black_box(panic.location());
    }
    loop {
        black_box(());
    }
}
