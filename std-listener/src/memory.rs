//! Giving memory back to the system.

/// Makes the allocator return what it has no use for.
///
/// The C library's allocator only ever returns the end of its heap, and any small allocation there
/// keeps all the rest: after 10,000 connections had come and gone, 21 MiB of 22 were kept for good.
/// `cargo xtask memory` shows it. Does nothing where the allocator is another.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: `malloc_trim` may be called at any time from any thread, and touches nothing that
        // is allocated.
        unsafe { libc::malloc_trim(0) };
    }
}
