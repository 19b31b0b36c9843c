//! An executor that sleeps with WFI. The executor of `embassy-executor` sleeps with WFE, during which
//! QEMU keeps running, so an idle board would keep a processor of its host busy.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use static_cell::StaticCell;

/// Set when a task has been woken since the last poll.
static PENDING: AtomicBool = AtomicBool::new(false);

/// Notes a wake-up, for `embassy-executor`.
#[unsafe(export_name = "__pender")]
fn pend(_: *mut ()) {
    PENDING.store(true, Ordering::Release);
}

/// Runs tasks forever. `start` spawns the first of them.
pub(crate) fn run(start: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let executor: &'static Executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    start(executor.spawner());
    loop {
        // SAFETY: the executor is polled only here, and no task calls this function.
        unsafe { executor.poll() };
        cortex_m::interrupt::disable();
        if !PENDING.load(Ordering::Acquire) {
            // An interrupt ends the sleep, and is handled once interrupts are enabled again.
            cortex_m::asm::wfi();
        }
        PENDING.store(false, Ordering::Release);
        // SAFETY: no caller has a critical section here.
        unsafe { cortex_m::interrupt::enable() };
    }
}
