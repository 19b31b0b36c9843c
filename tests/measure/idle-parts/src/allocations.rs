//! An allocator that remembers what is alive, and who asked for it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The system's allocator, which takes note of what a thread asks for while it is watched.
pub(crate) struct Remembering;

/// The live allocations.
pub(crate) struct Allocation {
    pub(crate) bytes: usize,
    /// The caller that asked for it.
    pub(crate) trace: Backtrace,
}

thread_local! {
    static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
}

static ALIVE: Mutex<Option<HashMap<usize, Allocation>>> = Mutex::new(None);

/// From now on, takes note of what this thread asks for; or no longer.
pub(crate) fn watch(is_watched: bool) {
    IS_WATCHED.set(is_watched);
}

/// Returns the live allocations that were made while watched.
pub(crate) fn alive() -> Vec<Allocation> {
    alive_by_address().take().unwrap_or_default().into_values().collect()
}

fn alive_by_address() -> MutexGuard<'static, Option<HashMap<usize, Allocation>>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes note, unless the thread is not watched, or allocates for this very purpose.
fn note(take: impl FnOnce(&mut HashMap<usize, Allocation>)) {
    let was_watched = IS_WATCHED.try_with(|watched| watched.replace(false)).unwrap_or(false);
    if was_watched {
        take(alive_by_address().get_or_insert_default());
        watch(true);
    }
}

// SAFETY: every call is handed to the system's allocator as it is.
unsafe impl GlobalAlloc for Remembering {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the one that is asked for.
        let pointer = unsafe { System.alloc(layout) };
        note(|alive| {
            let trace = Backtrace::force_capture();
            alive.insert(pointer.addr(), Allocation { bytes: layout.size(), trace });
        });
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(|alive| {
            alive.remove(&pointer.addr());
        });
        // SAFETY: the pointer came from `alloc`, which is the system's.
        unsafe { System.dealloc(pointer, layout) };
    }
}
