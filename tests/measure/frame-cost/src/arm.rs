//! Cortex-M: its timer, in an emulator that runs an instruction in a nanosecond.

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// QEMU runs an instruction in a nanosecond (`-icount shift=0`), and the timer at 25 MHz.
const INSTRUCTIONS_PER_TICK: u32 = 40;

/// The timer has 24 bits.
const TIMER: u32 = 0x00ff_ffff;

#[cortex_m_rt::entry]
fn main() -> ! {
    let mut timer = cortex_m::Peripherals::take().expect("it is asked once").SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(TIMER);
    timer.clear_current();
    timer.enable_counter();
    crate::run()
}

/// The instructions that `work` takes, to a multiple of 40.
pub(crate) fn instructions(work: impl FnOnce()) -> u32 {
    let start = SYST::get_current();
    work();
    // It counts down.
    (start.wrapping_sub(SYST::get_current()) & TIMER) * INSTRUCTIONS_PER_TICK
}
