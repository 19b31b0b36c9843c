//! An executor that sleeps with WFI. The one of `embassy-executor` sleeps with WFE, during which
//! QEMU keeps running: an idle board would use a whole processor of its host.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::Spawner;
use embassy_executor::raw::Executor;
use static_cell::StaticCell;

/// A task has been woken since all that were woken were polled.
static PENDING: AtomicBool = AtomicBool::new(false);

/// What `embassy-executor` calls when a task is woken.
#[unsafe(export_name = "__pender")]
fn pend(_: *mut ()) {
    PENDING.store(true, Ordering::Release);
}

/// Runs tasks forever, the first of which `start` spawns.
pub(crate) fn run(start: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let executor: &'static Executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    start(executor.spawner());
    loop {
        // SAFETY: it is polled only here, and no task calls this.
        unsafe { executor.poll() };
        cortex_m::interrupt::disable();
        if !PENDING.load(Ordering::Acquire) {
            // An interrupt ends the sleep, and is served when they are enabled again.
            cortex_m::asm::wfi();
        }
        PENDING.store(false, Ordering::Release);
        // SAFETY: this is no critical section of anybody else's.
        unsafe { cortex_m::interrupt::enable() };
    }
}
