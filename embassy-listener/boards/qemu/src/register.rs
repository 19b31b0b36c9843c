//! Memory-mapped registers.

use core::marker::PhantomData;

/// A register of the width of `T` at a fixed address.
pub struct Register<T> {
    address: usize,
    width: PhantomData<T>,
}

impl<T: Copy> Register<T> {
    /// The register at that address.
    ///
    /// # Safety
    /// There must be such a register, aligned to its width, for as long as the program runs, and no
    /// value that is read from or written to it may break what the compiler knows of memory.
    #[must_use]
    pub const unsafe fn new(address: usize) -> Self {
        Self { address, width: PhantomData }
    }

    /// Its value now. Reading may have an effect on the hardware.
    #[must_use]
    pub fn read(&self) -> T {
        // SAFETY: see `new`.
        unsafe { (self.address as *const T).read_volatile() }
    }

    /// Sets it.
    pub fn write(&self, value: T) {
        // SAFETY: see `new`.
        unsafe { (self.address as *mut T).write_volatile(value) }
    }
}
