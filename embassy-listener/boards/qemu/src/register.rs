//! Memory-mapped registers.

use core::marker::PhantomData;

/// A register at a fixed address, as wide as `T`.
pub struct Register<T> {
    address: usize,
    width: PhantomData<T>,
}

impl<T: Copy> Register<T> {
    /// Creates the register at that address.
    ///
    /// # Safety
    /// A register of that width must exist at the address, aligned, for the whole run of the
    /// program, and no read from it or write to it may affect memory that Rust code uses.
    #[must_use]
    pub const unsafe fn new(address: usize) -> Self {
        Self { address, width: PhantomData }
    }

    /// Reads the value, which may have an effect on the hardware.
    #[must_use]
    pub fn read(&self) -> T {
        // SAFETY: see `new`.
        unsafe { (self.address as *const T).read_volatile() }
    }

    /// Writes the value.
    pub fn write(&self, value: T) {
        // SAFETY: see `new`.
        unsafe { (self.address as *mut T).write_volatile(value) }
    }
}
