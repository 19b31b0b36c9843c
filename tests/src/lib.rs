//! Support code of the tests: frames as bytes, the log of what a connection hears, and two
//! connections joined by links under a clock of their own.

mod frame;
mod log;
mod pair;
mod refusal;
mod side;
mod wire;

pub use frame::{Frame, LengthForm, binary, close, continuation, frame, ping, pong, text};
pub use log::{Heard, Log, collect};
pub use pair::{End, Ending, Link, Pair};
pub use refusal::refusal;
pub use side::{MASK, Side, last_mask};
pub use wire::{WireFrame, transmit, transmit_all, wire_frames};
