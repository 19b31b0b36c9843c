//! Interrupts and faults.

use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::NVIC;
use cortex_m_rt::{ExceptionFrame, exception};

use crate::{clock, lan9118};

/// The interrupt lines that the program uses.
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
    /// Enables the line.
    pub(crate) fn enable(self) {
        // SAFETY: `DefaultHandler` handles the line, and no critical section relies on its mask.
        unsafe { NVIC::unmask(self) };
    }
}

const TIMER: i16 = Line::Timer as i16;
const ETHERNET: i16 = Line::Ethernet as i16;

/// Handles every interrupt, because none has a handler of its own.
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
