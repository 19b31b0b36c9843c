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
//! - [`WebSocketListener`] and its [`ListenerBuilder`]: the listener, its limits, subprotocols, HTTP hook; the
//!   [`Options`] of its connections.
//! - [`WebSocket`]: messages as [`Message`]s (`recv`, `send`, `feed`), as `Stream` and `Sink`, or as
//!   byte streams ([`MessageReader`], [`MessageWriter`]); [`split`](WebSocket::split) for two tasks;
//!   [`ByteStream`] for what expects a TCP connection.
//! - [`connect`] and [`Client`]: the other end.
//! - HTTP: the hook of [`ListenerBuilder::on_request`] gets a [`Request`] and returns an [`Answer`];
//!   [`AllowedOrigins`], [`Credentials`] and [`SetCookie`] help it.
//! - Where to listen: an [`Endpoint`] or several; behind proxies, [`ProxyProtocol`] and
//!   [`ForwardedHeader`].
//! - Many connections: [`broadcast()`] of a [`PreparedMessage`], [`ping_all`], [`Counters`].
//! - Extensions: of messages ([`MessageExtension`]), of streams ([`ConnectionExtension`]).
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
mod client;
mod config;
mod connection;
mod counters;
#[cfg(feature = "deflate")]
mod deflate;
mod endpoint;
mod error;
mod extension;
mod handshake;
pub mod http;
mod listener;
mod message;
mod options;
mod peer;
mod proxied;
mod rate;
mod registry;
mod span;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod websocket;

pub use crate::http::{
    AllowedOrigins, Answer, Credentials, CredentialsError, HttpConnection, InvalidCookieError,
    OriginError, Replay, Request, Response, SameSite, SetCookie, equal_in_constant_time,
};
pub use ::bytes;
pub use builder::ListenerBuilder;
pub use client::{Client, ConnectError, ConnectStep, ProxyError, RedirectError, UrlError, connect};
pub use counters::{ClosedCounts, Counters, RefusedCounts};
#[cfg(feature = "deflate")]
pub use deflate::PermessageDeflate;
#[cfg(unix)]
pub use endpoint::InheritError;
pub use endpoint::{
    BindError, Endpoint, EndpointError, IntoEndpoints, LocalEndpoint, PeerName, SocketOptions,
    StreamListener,
};
pub use error::{Deadline, Error};
pub use extension::{
    CodecProgress, ConnectionExtension, InvalidDataError, MessageCodec, MessageExtension,
};
pub use handshake::acceptor::{AcceptError, WebSocketAcceptor};
#[cfg(feature = "http")]
pub use handshake::upgrade::HttpUpgrade;
#[cfg(feature = "h2")]
pub use listener::http2::options::Http2Options;
#[cfg(feature = "h2")]
pub use listener::http2::stream::Http2Stream;
pub use listener::{ShutdownReport, WebSocketListener};
pub use message::event::Event;
pub use message::outgoing::Outgoing;
pub use message::payload::Payload;
pub use message::prepared::PreparedMessage;
pub use message::{Message, Text};
pub use options::{Options, SlowConsumer};
pub use proxied::{ForwardedHeader, InvalidNetworkError, ProxyProtocol, TrustedPeers};
#[cfg(feature = "tls")]
pub use tls::{ServerTls, TlsError, TlsSession};
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use transport::{AnyStream, Transport};
pub use websocket::WebSocket;
pub use websocket::broadcast::{Broadcast, broadcast, ping_all};
pub use websocket::byte_stream::ByteStream;
pub use websocket::close_reason::CloseReason;
pub use websocket::halves::{WebSocketReader, WebSocketWriter};
pub use websocket::message_reader::MessageReader;
pub use websocket::message_writer::MessageWriter;
pub use websocket_listener_core as engine;
pub use websocket_listener_core::{
    CloseCode, Initiator, MessageKind, PingMode, ProtocolError, ReservedBits,
};
