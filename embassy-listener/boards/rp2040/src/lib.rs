//! The common part of the boards with an RP2040: the memory layout, and output on UART0 (pin GP0,
//! 115,200 baud), including the message of a panic.
#![no_std]

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use embassy_rp::Peri;
use embassy_rp::peripherals::{PIN_0, UART0};
use embassy_rp::uart::{Blocking, Config, UartTx};

/// UART0, for writing.
pub struct Console(UartTx<'static, Blocking>);

impl Console {
    /// Sets up the UART and its pin.
    pub fn new(uart: Peri<'static, UART0>, pin: Peri<'static, PIN_0>) -> Self {
        Self(UartTx::new_blocking(uart, pin, Config::default()))
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.blocking_write(text.as_bytes()).map_err(|_| fmt::Error)
    }
}

/// Prints the message, and stops for a debugger.
#[panic_handler]
fn panic(panic: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    // SAFETY: nothing else runs any more, so the UART and its pin have no other user.
    let (uart, pin) = unsafe { (UART0::steal(), PIN_0::steal()) };
    let _ = writeln!(Console::new(uart, pin), "{panic}");
    loop {
        cortex_m::asm::bkpt();
    }
}
