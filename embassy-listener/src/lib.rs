//! WebSocket connections the way `TcpListener` gives TCP connections: accept, read and write
//! messages, whole or as streams. For microcontrollers, on `embassy-net`, with static memory.
//!
//! ```
//! use embassy_executor::task;
//! use websocket_listener_embassy::{Error, Message, WebSocketListener};
//!
//! #[task(pool_size = 4)] // as many as there are slots in the listener's `Resources`
//! async fn worker(listener: &'static WebSocketListener) {
//!     loop {
//!         // `while let` would keep room for a second connection in the task.
//!         let Some(mut socket) = listener.accept().await else { return };
//!         let echo = async {
//!             let mut buffer = [0; 1024];
//!             while let Some(message) = socket.recv(&mut buffer).await? {
//!                 match message {
//!                     Message::Text(text) => socket.send_text(text).await?,
//!                     Message::Binary(bytes) => socket.send_binary(bytes).await?,
//!                 }
//!             }
//!             Ok::<_, Error>(())
//!         };
//!         let _ = echo.await;
//!     }
//! }
//! ```
//!
//! - [`Resources`]: the memory, [`WebSocketListener`] and its [`Options`], [`OnRequest`] for HTTP on
//!   the same port.
//! - [`WebSocket`]: messages into the caller's buffer (`recv`), of any length as streams
//!   ([`MessageReader`], [`MessageWriter`]), [`split`](WebSocket::split) for both ways at once.
//! - [`Client`]: the other end.
//!
//! # Memory
//! No heap. A connection takes its two rings in the [`Resources`], at most 512 bytes on a 32-bit
//! target (the [`WebSocket`] and its slot), 20 more while its task receives or sends, and the
//! socket that the stack keeps in its own resources. Frames are decoded in the receive ring and
//! encoded in the transmit ring, so a payload is copied once each way, between a ring and the
//! caller's buffer.
//!
//! # When a peer misbehaves
//! A peer loses its slot if it connects and says nothing (handshake timeout), vanishes (ping
//! interval and pong timeout), stops reading (write timeout), or does not close (close timeout).
//! While all slots are in use, TCP refuses a further peer at once.
//!
//! A peer that breaks a rule gets an HTTP status or a close code, and with the feature
//! `explanations` a sentence, too.
//!
//! The protocol itself is `websocket-listener-core`; this crate moves its bytes.
#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![warn(clippy::large_futures)]
#![warn(missing_debug_implementations)]

#[macro_use]
mod log;

mod client;
mod clock;
#[cfg(feature = "deflate")]
mod compression;
#[cfg(not(feature = "deflate"))]
#[path = "no_compression.rs"]
mod compression;
mod counters;
mod head;
mod http;
mod listener;
mod negotiation;
mod on_request;
mod opened;
mod options;
mod pool;
mod refusal;
mod resources;
mod slot;
mod socket;
mod transport;
mod websocket;

pub use client::{Client, ConnectError};
pub use clock::EmbassyClock;
#[cfg(feature = "deflate")]
pub use compression::Compression;
pub use counters::Counters;
pub use http::{HttpConnection, HttpError, Request, Response};
pub use listener::{Shutdown, WebSocketListener};
pub use on_request::{AcceptAll, Answer, OnRequest};
pub use opened::MAX_TARGET;
pub use options::Options;
pub use resources::Resources;
pub use socket::{IpEndpoint, Stack};
pub use transport::{SlotReader, SlotWriter};
pub use websocket::{MessageReader, MessageWriter, WebSocket, WebSocketReader, WebSocketWriter};
pub use websocket_listener_core::io::{
    Error, MAX_SENT_CONTROL_PAYLOAD, Message, RecvError, SendError,
};
pub use websocket_listener_core::{
    CloseCode, CloseReason, Initiator, MessageKind, PingMode, ProtocolError, handshake,
    permessage_deflate,
};
