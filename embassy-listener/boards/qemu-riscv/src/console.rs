//! The serial port, and the panic handler: QEMU prints the message and exits with a failure.

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use qemu::Register;

/// The data register of the serial port, a 16550.
// SAFETY: a register of QEMU's `virt` machine.
const SERIAL: Register<u8> = unsafe { Register::new(0x1000_0000) };

/// SiFive's test device, which ends the emulator.
// SAFETY: a register of QEMU's `virt` machine.
const TEST: Register<u32> = unsafe { Register::new(0x10_0000) };

/// The command to exit with code 1.
const FAIL: u32 = 1 << 16 | 0x3333;

pub(crate) struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| SERIAL.write(byte));
        Ok(())
    }
}

/// Prints a line.
macro_rules! println {
    ($($argument:tt)*) => {{
        // Never fails.
        let _ = core::fmt::Write::write_fmt(
            &mut $crate::console::Console,
            format_args!("{}\n", format_args!($($argument)*)),
        );
    }};
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    riscv::interrupt::disable();
    println!("{info}");
    loop {
        TEST.write(FAIL);
    }
}
