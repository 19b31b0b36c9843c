//! Interrupts and faults.

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use cortex_m_rt::{ExceptionFrame, exception};

use crate::{clock, lan9118};

/// The interrupt lines of the board that are used.
#[derive(Clone, Copy)]
#[repr(u16)]
pub(crate) enum Line {
    Timer = 8,
    Ethernet = 13,
}

// SAFETY: these are lines of the board, and the numbers do not change.
unsafe impl InterruptNumber for Line {
    fn number(self) -> u16 {
        self as u16
    }
}

impl Line {
    /// Lets it interrupt.
    pub(crate) fn enable(self) {
        // SAFETY: `DefaultHandler` serves it, and no critical section rests on it being masked.
        unsafe { NVIC::unmask(self) };
    }
}

const TIMER: i16 = Line::Timer as i16;
const ETHERNET: i16 = Line::Ethernet as i16;

/// Every interrupt that has no handler of its own: all of them.
#[exception]
unsafe fn DefaultHandler(line: i16) {
    match line {
        TIMER => clock::on_interrupt(),
        ETHERNET => lan9118::on_interrupt(),
        _ => panic!("interrupt {line}"),
    }
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    panic!("hard fault: {frame:?}")
}
