//! A `no_std`, allocation-free, sans-I/O WebSocket engine (RFC 6455).
//!
//! [`Connection`] is the protocol of one connection after its opening handshake, [`handshake`] that
//! handshake. Neither does any I/O: bytes and the time are arguments, events and bytes are results.
//! So the same code serves a Tokio server, a microcontroller and a WASI program, and a test drives it
//! with a clock of its own.
//!
//! What this crate promises: no heap, no `unsafe`, no panic on any input.
#![no_std]
// On docs.rs, items say which feature they need.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod close;
mod config;
mod connection;
#[cfg(feature = "deflate")]
pub mod deflate;
mod error;
mod frame;
pub mod handshake;
#[cfg(feature = "io")]
pub mod io;
pub mod permessage_deflate;
mod time;
mod utf8;

pub use close::{CloseCode, CloseReason, Initiator};
pub use config::{Config, PingMode, Role};
pub use connection::{
    Connection, ControlArray, ControlMemory, Data, DataFrame, Event, Received, Side, Wants,
    WholeMessage,
};
pub use error::{ControlError, Failure, ProtocolError, SendError, TimedOut};
pub use frame::{
    EncodedHeader, FrameHeader, MAX_CONTROL_FRAME, MAX_CONTROL_PAYLOAD, Mask, MessageKind, OpCode,
    ReservedBits,
};
pub use time::{Instant, Milliseconds};
pub use utf8::{InvalidUtf8, Utf8Validator};
