//! WebSocket connections the way `TcpListener` gives TCP connections: bind, accept, read and write
//! messages, whole or as streams. On Tokio.
//!
//! ```no_run
//! use websocket_listener::{Error, WebSocketListener};
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = WebSocketListener::bind("127.0.0.1:8006").await?;
//!     while let Some(mut socket) = listener.accept().await {
//!         tokio::spawn(async move {
//!             while let Some(message) = socket.recv().await? {
//!                 socket.feed(message).await?; // leaves before `recv` waits
//!             }
//!             Ok::<_, Error>(())
//!         });
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | to | take |
//! | --- | --- |
//! | listen | [`WebSocketListener`], its [`ListenerBuilder`] and the [`Options`] of its connections; [`WebSocketAcceptor`] for single streams; [`endpoint`] for where to listen |
//! | exchange messages | [`WebSocket`]: whole [`Message`]s (`recv`, `send`, `feed`), `Stream` and `Sink`, or streams of bytes ([`MessageReader`], [`MessageWriter`]); [`split`](WebSocket::split) for two tasks; [`ByteStream`] in place of a TCP connection |
//! | reach many connections | [`broadcast()`] of a [`PreparedMessage`], [`ping_all`], [`counters`] |
//! | answer HTTP on the same port | [`http`]: requests, answers, cookies, credentials, origins |
//! | connect | [`client`] |
//! | stand behind proxies, speak TLS | [`proxy`], `tls` |
//! | extend the protocol | [`extension`], with compression among its extensions |
//!
//! One rule: keep receiving, even if you only send. A connection has no task of its own; the task
//! that receives from it answers its pings, keeps its deadlines and notices its end.
//!
//! Cargo features, none on by default, each of which only adds: `tls` (`wss://`), `deflate`
//! (permessage-deflate), `h2` (WebSockets over HTTP/2), `http` and `hyper` (beside, and inside,
//! another HTTP server), `metrics` (the counters for the crate `metrics`).
//!
//! Each connection has events in `tracing`, in its [span](WebSocket::span) and with its
//! [`id`](WebSocket::id): at the level `debug` its opening and its end; at the level `trace`, with
//! the target `websocket_listener::control`, each ping and pong that comes.
//!
//! The protocol itself is `websocket-listener-core`; this crate moves its bytes.
// On docs.rs, items say which feature they need.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_debug_implementations)]

mod buffers;
mod builder;
pub mod client;
mod config;
mod connection;
pub mod counters;
#[cfg(feature = "deflate")]
mod deflate;
pub mod endpoint;
mod error;
pub mod extension;
mod handshake;
pub mod http;
mod listener;
mod message;
mod options;
mod peer;
pub mod proxy;
mod rate;
mod registry;
mod span;
#[cfg(feature = "tls")]
pub mod tls;
mod transport;
mod websocket;

pub use ::bytes;
pub use builder::ListenerBuilder;
pub use error::{Deadline, Error};
pub use handshake::acceptor::{AcceptError, WebSocketAcceptor};
pub use listener::{ShutdownReport, WebSocketListener};
pub use message::event::Event;
pub use message::outgoing::Outgoing;
pub use message::payload::Payload;
pub use message::prepared::PreparedMessage;
pub use message::{Message, Text};
pub use options::{Options, SlowConsumer};
pub use websocket::WebSocket;
pub use websocket::broadcast::{Broadcast, broadcast, ping_all};
pub use websocket::byte_stream::ByteStream;
pub use websocket::close_reason::CloseReason;
pub use websocket::halves::{WebSocketReader, WebSocketWriter};
pub use websocket::message_reader::MessageReader;
pub use websocket::message_writer::MessageWriter;
pub use websocket_listener_core as engine;
pub use websocket_listener_core::{CloseCode, Initiator, MessageKind, PingMode, ProtocolError};
