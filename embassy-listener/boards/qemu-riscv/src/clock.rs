//! The machine's time: a free-running counter of 64 bits at 10 MHz, and the count that interrupts.

use critical_section::CriticalSection;
use embassy_time_driver::time_driver_impl;
use qemu::{Alarm, Clock, Register};

const COMPARE_LOW: Register<u32> = at(0x4000);
const COMPARE_HIGH: Register<u32> = at(0x4004);
const COUNT_LOW: Register<u32> = at(0xbff8);
const COUNT_HIGH: Register<u32> = at(0xbffc);

/// Returns the register at that offset.
const fn at(offset: usize) -> Register<u32> {
    // SAFETY: only used above, for registers of the CLINT of QEMU's `virt` machine.
    unsafe { Register::new(0x0200_0000 + offset) }
}

time_driver_impl!(static CLOCK: Clock<Clint> = Clock::new(Clint));

struct Clint;

impl Alarm for Clint {
    fn now(&self, _: CriticalSection<'_>) -> u64 {
        loop {
            let high = COUNT_HIGH.read();
            let low = COUNT_LOW.read();
            // Otherwise the low word has wrapped in between.
            if high == COUNT_HIGH.read() {
                return u64::from(high) << 32 | u64::from(low);
            }
        }
    }

    fn set(&self, _: CriticalSection<'_>, at: u64) {
        // Between the writes, the alarm lies in the far future.
        COMPARE_HIGH.write(u32::MAX);
        COMPARE_LOW.write(at as u32);
        COMPARE_HIGH.write((at >> 32) as u32);
    }
}

/// Sets the alarm for the first time.
pub(crate) fn start() {
    CLOCK.on_alarm();
}

/// Handles the alarm.
pub(crate) fn on_interrupt() {
    CLOCK.on_alarm();
}
