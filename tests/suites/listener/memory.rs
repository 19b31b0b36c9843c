//! The memory and the allocations of each thread, so that a test that runs on one thread can look at
//! its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with an account for each thread. What one thread allocates and another
/// frees appears on both accounts.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn account(bytes: isize) {
    // A thread that is ending has no account any more.
    let _ = HELD.try_with(|held| {
        let now = held.get() + bytes;
        held.set(now);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now)));
    });
}

// SAFETY: every call is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        account(layout.size() as isize);
        let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        account(-(layout.size() as isize));
        // SAFETY: the pointer came from `alloc`, which is the system's.
        unsafe { System.dealloc(pointer, layout) };
    }
}

/// Bytes that this thread holds.
pub(crate) fn held() -> isize {
    HELD.get()
}

/// Returns the number of allocations of this thread. Growing an allocation counts as well.
pub(crate) fn allocations() -> u64 {
    ALLOCATIONS.get()
}

/// From here on the peak is watched.
pub(crate) fn begin_peak() {
    PEAK.set(held());
}

/// The most bytes that this thread has held since [`begin_peak`].
pub(crate) fn peak() -> isize {
    PEAK.get()
}
