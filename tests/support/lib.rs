//! Support code of the tests: frames as bytes, the log of what a connection hears, two connections
//! joined by links under a clock of their own, and the list of [`behaviours`] that every listener
//! has to show.

pub mod behaviours;
pub mod lessons;
pub mod peer;
pub mod request;
pub mod rules;
pub mod target;

#[cfg(feature = "certificates")]
mod authority;
mod executor;
mod frame;
mod log;
#[cfg(test)]
mod named;
mod pair;
mod raw_peer;
mod refusal;
mod ring;
mod side;
mod sockets;
mod stream;
mod wire;

#[cfg(feature = "certificates")]
pub use authority::{Authority, Identity};
pub use executor::{VirtualClock, dropping, first, join, polled, run, woken};
pub use frame::{Frame, LengthForm, binary, close, continuation, frame, ping, pong, text};
pub use log::{Heard, Log, collect};
pub use pair::{End, Ending, Link, Pair};
pub use raw_peer::RawPeer;
pub use refusal::refusal;
pub use ring::{RingReader, RingWriter, duplex, read_with, ring, write_with};
pub use side::{MASK, Side, last_mask};
pub use sockets::{OwnedMessage, RingSocket, owned, pattern, socket_and_peer, sockets};
pub use stream::Raw;
pub use wire::{WireFrame, transmit, transmit_all, wire_frames};

/// The READMEs, so that their examples are compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../core/README.md")]
#[doc = include_str!("../../std-listener/README.md")]
#[doc = include_str!("../../embassy-listener/README.md")]
pub struct Readme;
