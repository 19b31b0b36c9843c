//! The panic handler: QEMU prints the message and exits with a failure.

use core::panic::PanicInfo;

use cortex_m_semihosting::debug::{EXIT_FAILURE, exit};
use cortex_m_semihosting::hprintln;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    hprintln!("{}", info);
    loop {
        exit(EXIT_FAILURE);
    }
}
