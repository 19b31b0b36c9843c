//! The WebSocket protocol (RFC 6455) as values: bytes and the time in, events and bytes out.
//!
//! `no_std`, no heap, no `unsafe`, no panic on any input. The engine does no I/O and reads no clock, so
//! the same code serves a Tokio server, a microcontroller and a WASI program, and a test drives it with
//! a clock of its own.
//!
//! ```
//! use websocket_listener_core::{Config, Connection, DataFrame, Event, Instant, MessageKind, Role};
//!
//! let now = Instant::from_micros(0);
//! let mut server: Connection = Connection::new(Role::Server, Config::new(), now);
//! let mut bytes = *b"\x81\x82\x37\xfa\x21\x3d\x5f\x93"; // a masked frame of a client
//! let received = server.receive(&mut bytes, now).unwrap();
//! let Some(Event::Data(data)) = received.event else { panic!("no data") };
//! assert_eq!((&*data.payload, data.last), (&b"hi"[..], true));
//! let header = server.begin_frame(DataFrame::whole(MessageKind::Text, 2)).unwrap();
//! assert_eq!(header.as_bytes(), b"\x81\x02"); // the header of the reply; its payload follows
//! ```
//!
//! # Map
//!
//! ```text
//!   messages          io::WebSocket          feature io: whole messages over embedded-io-async
//!                     |           |
//!   events, frames    Connection  |          one connection, from its first frame to its end
//!                     |           |
//!   before that       |       handshake      the opening handshake of both ends, and plain HTTP
//!                     |           |
//!   compression     deflate   permessage_deflate    feature deflate: the codec; its negotiation
//! ```
//!
//! | to … | take |
//! | --- | --- |
//! | send and receive messages over any async stream | [`io::WebSocket`](crate::io), with feature `io` |
//! | drive one connection with own I/O | [`Connection`], set up by a [`Config`] |
//! | accept or open a connection | [`handshake`] |
//! | compress messages | [`permessage_deflate`], and `deflate` with feature `deflate` |
//!
//! | feature | adds |
//! | --- | --- |
//! | `io` (default) | the connection over `embedded_io_async::{Read, Write}` |
//! | `deflate` | DEFLATE in fixed memory, and permessage-deflate (RFC 7692) over `io` |
//! | `explanations` | refusals and Close frames with a sentence for the peer |
//! | `defmt` | `defmt::Format` for errors, events and messages |
//! | `speed` | UTF-8 validation with SIMD on servers |
#![no_std]
// On docs.rs, items name the feature they need.
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
