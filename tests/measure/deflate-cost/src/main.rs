//! Deflates a board's telemetry, message by message, inflates it again, and prints what that took:
//! `TEXT COMPRESSED DEFLATE INFLATE`, in bytes and instructions.
#![no_std]
#![no_main]

#[cfg(feature = "codec")]
mod codec;
#[cfg(not(feature = "codec"))]
#[path = "copy.rs"]
mod codec;

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

/// Reports as `/telemetry` of the boards' application sends them, one in a line.
const REPORTS: &str = include_str!("reports.txt");

/// QEMU runs an instruction in a nanosecond (`-icount shift=0`), and the timer at 25 MHz.
const INSTRUCTIONS_PER_TICK: u32 = 40;

#[entry]
fn main() -> ! {
    let mut timer = cortex_m::Peripherals::take().expect("it is asked once").SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(0x00ff_ffff);
    timer.clear_current();
    timer.enable_counter();

    let (mut text, mut compressed, mut deflating, mut inflating) = (0, 0, 0, 0);
    for report in REPORTS.lines() {
        let mut wire = [0; 512];
        let mut back = [0; 512];
        let start = SYST::get_current();
        let sent = codec::deflate(black_box(report.as_bytes()), &mut wire);
        let middle = SYST::get_current();
        let received = codec::inflate(black_box(wire.get(..sent).unwrap_or_default()), &mut back);
        let end = SYST::get_current();
        assert!(back.get(..received) == Some(report.as_bytes()), "it comes back");
        text += report.len();
        compressed += sent;
        deflating += ticks(start, middle);
        inflating += ticks(middle, end);
    }
    hprintln!(
        "{} {} {} {}",
        text,
        compressed,
        deflating * INSTRUCTIONS_PER_TICK,
        inflating * INSTRUCTIONS_PER_TICK
    );
    debug::exit(debug::EXIT_SUCCESS);
    loop {}
}

/// The timer counts down, 24 bits wide.
fn ticks(start: u32, end: u32) -> u32 {
    start.wrapping_sub(end) & 0x00ff_ffff
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}
