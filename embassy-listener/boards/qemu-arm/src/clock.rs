//! The board's time: a free-running counter of microseconds, and a timer that counts down to the
//! next alarm.

use core::cell::Cell;

use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::time_driver_impl;
use qemu::{Alarm, Clock, Register};

/// The FPGA's counter, and its divider.
const COUNTER: Register<u32> = at(0x4002_8018);
const PRESCALE: Register<u32> = at(0x4002_801c);

/// The first of the CMSDK timers.
const CONTROL: Register<u32> = at(0x4000_0000);
const VALUE: Register<u32> = at(0x4000_0004);
const RELOAD: Register<u32> = at(0x4000_0008);
const CLEAR: Register<u32> = at(0x4000_000c);

const ENABLE: u32 = 1;
const INTERRUPT: u32 = 1 << 3;

/// Both run at 25 MHz.
const CYCLES_PER_MICROSECOND: u32 = 25;

/// The longest time to the next alarm, in microseconds: the timer has 32 bits, and the counter has
/// to be read at least once in 71 minutes, before it wraps.
const LONGEST: u64 = 100_000_000;

const fn at(address: usize) -> Register<u32> {
    // SAFETY: only used above, for addresses from the board's manual (Arm DAI 0385).
    unsafe { Register::new(address) }
}

time_driver_impl!(static CLOCK: Clock<Microseconds> = Clock::new(Microseconds::new()));

struct Microseconds {
    /// The last value of the counter, and the number of its wraps.
    seen: Mutex<Cell<(u32, u32)>>,
}

impl Microseconds {
    const fn new() -> Self {
        Self { seen: Mutex::new(Cell::new((0, 0))) }
    }
}

impl Alarm for Microseconds {
    fn now(&self, cs: CriticalSection<'_>) -> u64 {
        let seen = self.seen.borrow(cs);
        let (last, mut wraps) = seen.get();
        let count = COUNTER.read();
        if count < last {
            wraps += 1;
        }
        seen.set((count, wraps));
        u64::from(wraps) << 32 | u64::from(count)
    }

    fn set(&self, cs: CriticalSection<'_>, at: u64) {
        let microseconds = at.saturating_sub(self.now(cs)).clamp(1, LONGEST) as u32;
        CONTROL.write(0);
        CLEAR.write(1);
        RELOAD.write(microseconds * CYCLES_PER_MICROSECOND);
        VALUE.write(microseconds * CYCLES_PER_MICROSECOND);
        CONTROL.write(INTERRUPT | ENABLE);
    }
}

/// Starts the counter and the alarm, which interrupts once the timer's line is enabled.
pub(crate) fn start() {
    PRESCALE.write(CYCLES_PER_MICROSECOND - 1);
    CLOCK.on_alarm();
}

/// Handles the end of the timer's countdown.
pub(crate) fn on_interrupt() {
    CLOCK.on_alarm();
}
