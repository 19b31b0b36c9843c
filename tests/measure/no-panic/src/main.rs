//! Drives all of websocket-listener-core, for `cargo xtask no-panic` to look at what the linker
//! makes of it. Never run.
//!
//! Whatever goes in comes through [`any`] and whatever comes out goes through [`black_box`], so the
//! optimizer can assume nothing about either, and what it proves away is proved for every caller.
#![no_std]
#![no_main]

#[cfg(feature = "deflate")]
mod deflate;
mod engine;
mod errors;
#[cfg(feature = "handshake")]
mod handshake;
#[cfg(feature = "io")]
mod io;
#[cfg(feature = "panic-on-purpose")]
mod on_purpose;
#[cfg(feature = "io")]
mod stream;

use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU8, Ordering};

/// In the program exactly if the panic handler is: nothing else uses it.
#[unsafe(no_mangle)]
static PANIC_HANDLER_IS_REACHABLE: AtomicU8 = AtomicU8::new(0);

/// Uses the place of the panic, so that every place stays in the program, but not its message,
/// whose formatting would bring code of its own.
#[panic_handler]
#[inline(never)]
fn panic(panic: &PanicInfo<'_>) -> ! {
    black_box(panic.location());
    loop {
        PANIC_HANDLER_IS_REACHABLE.store(1, Ordering::Relaxed);
    }
}

/// Where the linker starts: everything that this leads to is in the program, and nothing else.
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    loop {
        engine::drive();
        #[cfg(feature = "deflate")]
        deflate::drive();
        #[cfg(feature = "io")]
        io::drive();
        #[cfg(feature = "handshake")]
        handshake::drive();
        #[cfg(feature = "panic-on-purpose")]
        on_purpose::drive();
    }
}

/// The value, or any other as far as the optimizer can tell.
fn any<T>(value: T) -> T {
    black_box(value)
}

/// Any bytes, of any length up to that of the buffer, to do with as one likes.
fn any_bytes(buffer: &mut [u8]) -> &mut [u8] {
    let length = any(buffer.len());
    black_box(buffer.get_mut(..length).unwrap_or_default())
}
