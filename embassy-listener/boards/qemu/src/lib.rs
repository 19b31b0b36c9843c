//! The common part of the boards in QEMU: the start of the application, the time, and access to the
//! hardware.
#![no_std]

mod clock;
mod register;

pub use clock::{Alarm, Clock};
pub use register::Register;
pub use start::serve;

use embassy_net::{Runner, Stack};
use embassy_net_driver::Driver;

/// The seed of the network stack, fixed because the emulated boards have no random numbers.
const SEED: u64 = 0x0123_4567_89ab_cdef;

/// Creates the network stack on a network interface; see [`start::network`].
///
/// # Panics
/// If it is called twice.
pub fn network<D: Driver>(interface: D) -> (Stack<'static>, Runner<'static, D>) {
    start::network(interface, SEED)
}
