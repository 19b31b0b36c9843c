//! What the boards in QEMU have in common: how the application is started, how time is kept, and
//! how hardware is reached.
#![no_std]

mod clock;
mod register;
mod start;

pub use clock::{Alarm, Clock};
pub use register::Register;
pub use start::{network, serve};
