//! What the servers of the benchmark have in common: one listening socket, its threads, and two
//! ways to echo.

mod burst;
mod in_place;
mod serving;

pub use burst::echo_bursts;
pub use in_place::{Answered, InPlace};
pub use serving::{run, serve};
