//! WebSocket connections the way `TcpListener` gives TCP connections, on Tokio: bind, accept, read
//! and write messages, whole or as streams.
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
//! | listen | [`WebSocketListener`]; for limits, subprotocols, TLS and a hook, its [`ListenerBuilder`] |
//! | choose where | an [`Endpoint`](endpoint::Endpoint) or several, or any [`StreamListener`](endpoint::StreamListener) |
//! | connect | [`connect`]; for headers, TLS and proxies, a [`Client`]; its errors are in the module [`client`] |
//! | answer HTTP | the module [`http`]: a hook gets a [`Request`](http::Request) and gives an [`Answer`](http::Answer) |
//! | exchange messages | a [`WebSocket`]: `recv`, `send`, `feed` of a [`Message`]; also as `Stream` and `Sink` |
//! | exchange large messages | [`MessageReader`] and [`MessageWriter`], which hold a piece at a time |
//! | read and write at once | its [halves](WebSocket::split) |
//! | tunnel bytes | a [`ByteStream`] |
//! | send to many | [`broadcast()`] of a [`PreparedMessage`], [`ping_all`] |
//! | set limits and deadlines | the [`Options`] of its connections |
//! | be behind proxies | the module [`proxy`] |
//! | watch | [`counters`], and the [span](WebSocket::span) of each connection |
//! | use streams of another server | [`WebSocketListener::negotiate`], `WebSocketListener::upgrade`, or a [`WebSocketAcceptor`] alone |
//! | extend the protocol | the module [`extension`] |
//!
//! One rule: keep receiving, even if you only send. A connection has no task of its own; the task
//! that receives from it answers its pings, keeps its deadlines and notices its end.
//!
//! # Features
//! None is on by default, and each only adds.
//!
//! | feature | adds |
//! | --- | --- |
//! | `tls` | `wss://`, for the listener and the client, and the module `tls` |
//! | `deflate` | `PermessageDeflate`: compression (RFC 7692) |
//! | `h2` | WebSockets over HTTP/2 (RFC 8441) |
//! | `http` | conversions from and to the crate `http`; upgrades of another server's streams |
//! | `hyper` | hyper's services, and so axum's routers, on the listener's port |
//! | `metrics` | the counters as metrics of the crate `metrics` |
//!
//! # Layers
//! ```text
//! your code     WebSocketListener            Client
//!                      |                        |
//! negotiation   endpoint > TLS > HTTP      proxy > TLS > HTTP
//!                      |                        |
//! connection           +------ WebSocket ------+     tasks, buffers, queues
//!                                  |
//! protocol               websocket-listener-core     frames, deadlines, closing: no I/O
//! ```
//!
//! # Logs
//! Each connection has events in `tracing`, in its [span](WebSocket::span) and with its
//! [`id`](WebSocket::id): at the level `debug` its opening and its end; at the level `trace`, with
//! the target `websocket_listener::control`, each ping and pong that comes.
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
#[doc(inline)]
pub use client::{Client, connect};
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
