//! Text to the serial port, and the end: QEMU prints why and exits with a failure.

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use qemu::Register;

/// The data register of the serial port, a 16550.
// SAFETY: of QEMU's `virt` machine.
const SERIAL: Register<u8> = unsafe { Register::new(0x1000_0000) };

/// What ends the emulator: SiFive's test device.
// SAFETY: of QEMU's `virt` machine.
const TEST: Register<u32> = unsafe { Register::new(0x10_0000) };

/// With exit code 1.
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
        // It takes everything.
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
