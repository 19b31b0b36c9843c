//! Giving memory back to the system.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How many connections count as many.
const CROWD: usize = 1024;

/// How long the tasks of the last of them may take to be gone.
const DISPERSAL: Duration = Duration::from_millis(100);

/// The least time from then until memory is given back again.
const REST: Duration = Duration::from_secs(60);

/// Makes the allocator return what it has no use for, after many connections have come and gone.
///
/// The C library's allocator only ever returns the end of its heap, and any small allocation there
/// keeps all the rest: after 10,000 connections had come and gone, 21 MiB of 22 were kept for good.
/// `cargo xtask memory` shows it.
#[derive(Default)]
pub(crate) struct Trim {
    crowded: AtomicBool,
    resting: Arc<AtomicBool>,
}

impl Trim {
    /// There are this many connections now.
    pub(crate) fn grown_to(&self, connections: usize) {
        if connections == CROWD {
            self.crowded.store(true, Ordering::Relaxed);
        }
    }

    /// There are none any more.
    pub(crate) fn emptied(&self) {
        if !self.crowded.load(Ordering::Relaxed) {
            return;
        }
        // Connections may also be dropped outside a runtime, where there is no hurry.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.resting.swap(true, Ordering::Relaxed) {
            return;
        }
        self.crowded.store(false, Ordering::Relaxed);
        let resting = self.resting.clone();
        runtime.spawn(async move {
            tokio::time::sleep(DISPERSAL).await;
            // It goes through the whole heap.
            let _ = tokio::task::spawn_blocking(give_back).await;
            tokio::time::sleep(REST).await;
            resting.store(false, Ordering::Relaxed);
        });
    }
}

/// Does nothing with any other allocator.
fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `malloc_trim` may be called at any time from any thread, and touches nothing that
        // is allocated.
        unsafe { libc::malloc_trim(0) };
    }
}
