//! What the boards in QEMU have in common: how the application is started, how time is kept, and
//! how hardware is reached.
#![no_std]

mod clock;
mod register;

pub use clock::{Alarm, Clock};
pub use register::Register;
pub use start::serve;

use embassy_net::{Runner, Stack};
use embassy_net_driver::Driver;

/// The emulated boards have nothing random.
const SEED: u64 = 0x0123_4567_89ab_cdef;

/// The network stack on a network interface; see [`start::network`].
///
/// # Panics
/// If it is called twice.
pub fn network<D: Driver>(interface: D) -> (Stack<'static>, Runner<'static, D>) {
    start::network(interface, SEED)
}
