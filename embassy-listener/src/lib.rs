//! WebSocket connections as `TcpListener` gives TCP connections, for microcontrollers: on
//! [`embassy_net`], in static memory, without a heap. A listener and a client.
//!
//! ```
//! use websocket_listener_embassy::{Message, WebSocketListener};
//!
//! /// Echoes text. A program runs as many of these tasks as there are slots in its `Resources`.
//! async fn worker(listener: &'static WebSocketListener) {
//!     let mut buffer = [0; 1024];
//!     loop {
//!         let Some(mut socket) = listener.accept().await else { return };
//!         while let Ok(Some(Message::Text(text))) = socket.recv(&mut buffer).await {
//!             if socket.send_text(text).await.is_err() {
//!                 break;
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! The guide, the crate's README, has a whole program: its `Cargo.toml`, the network interface, the
//! stack, the listener and its tasks.
//!
//! # Map
//! | task | types and functions |
//! | --- | --- |
//! | accept connections | [`WebSocketListener`], in the memory of a [`Resources`], with the limits and deadlines of [`Options`] |
//! | open connections | [`Client`] |
//! | receive and send whole messages | [`WebSocket::recv`], [`send_text`](WebSocket::send_text), [`send_binary`](WebSocket::send_binary) |
//! | stream messages of any length | [`WebSocket::next_message`] and [`MessageReader`], [`WebSocket::message_writer`] and [`MessageWriter`] |
//! | send while receiving | [`WebSocket::split`]: [`WebSocketReader`], [`WebSocketWriter`] |
//! | serve pages, refuse, choose a subprotocol | [`OnRequest`], [`Answer`], [`Response`], [`HttpConnection`] |
//! | end connections | [`WebSocket::close`], [`WebSocketListener::shutdown`] |
//! | observe | [`WebSocketListener::counters`], [`WebSocket::latency`], [`WebSocket::close_reason`] |
//! | compress messages | `Compression` and [`permessage_deflate`] |
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `proto-ipv4`, `medium-ethernet` | yes | IPv4, Ethernet and WiFi in `embassy-net` |
//! | `proto-ipv6`, `medium-ip` | no | IPv6, interfaces without Ethernet headers |
//! | `deflate` | no | permessage-deflate (RFC 7692), for 5.2 KiB of flash |
//! | `explanations` | no | a sentence in every refusal and Close frame, for 2 KiB of flash |
//! | `defmt`, `log` | no | a log line at the end of each opening handshake; with `defmt` also `Format` for errors and messages |
//!
//! # Layers
//! ```text
//!  the application's tasks       one for each slot: accept, recv, send
//!        |
//!  WebSocketListener, Client     opening handshake, HTTP on the same port, shutdown
//!        |
//!  WebSocket                     one connection: messages, pings, deadlines, close
//!        |
//!  websocket-listener-core       `io` moves bytes between rings and messages, and
//!        |                       `Connection` decides by RFC 6455
//!  a slot of the Resources       a receive ring, a transmit ring, a TCP socket
//!        |
//!  embassy-net (smoltcp)         TCP/IP
//!        |
//!  a network interface           the driver of the chip
//! ```
//!
//! # Memory
//! A connection takes its two rings in the [`Resources`], at most 512 bytes on a 32-bit target for
//! the [`WebSocket`] and its slot, 20 more while its task receives or sends, and the socket in the
//! stack's own resources. Frames are decoded in the receive ring and encoded in the transmit ring,
//! so a payload is copied once each way, between a ring and the caller's buffer.
//!
//! # Misbehaving peers
//! A peer loses its slot if it connects and stays silent (handshake timeout), vanishes (ping
//! interval and pong timeout), stops reading (write timeout), or never ends the stream (close
//! timeout). While every slot is in use, TCP refuses further peers at once.
//!
//! A peer that breaks a rule is answered with an HTTP status or a close code.
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
