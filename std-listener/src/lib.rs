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
//! - [`WebSocketListener`] and its [`Builder`]: the listener, its limits, subprotocols, HTTP hook; the
//!   [`Options`] of its connections.
//! - [`WebSocket`]: messages as [`Message`]s (`recv`, `send`, `feed`), as `Stream` and `Sink`, or as
//!   byte streams ([`MessageReader`], [`MessageWriter`]); [`split`](WebSocket::split) for two tasks;
//!   [`ByteStream`] for what expects a TCP connection.
//! - [`connect`] and [`Client`]: the other end.
//! - HTTP: the hook of [`Builder::on_request`] gets a [`Request`] and returns an [`Answer`];
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

mod access;
mod broadcast;
mod buffers;
mod builder;
mod byte_stream;
mod client;
mod clock;
mod close_reason;
mod connection;
mod counters;
#[cfg(feature = "deflate")]
mod deflate;
mod endpoint;
mod error;
mod event;
mod extension;
mod http;
#[cfg(feature = "h2")]
mod http2_options;
#[cfg(feature = "h2")]
mod http2_stream;
mod linger;
mod listener;
mod memory;
mod message;
mod message_reader;
mod message_writer;
mod options;
mod payload;
mod peer;
mod prepared;
mod proxied;
mod registration;
mod registry;
mod slow_consumer;
mod span;
mod split;
#[cfg(feature = "tls")]
mod tls;
mod transport;
mod websocket;
mod wheel;

#[cfg(feature = "http")]
pub use crate::http::HttpUpgrade;
pub use crate::http::{
    AllowedOrigins, Answer, Credentials, CredentialsError, HttpConnection, InvalidCookie,
    OriginError, Replay, Request, Response, SameSite, SetCookie, equal_in_constant_time,
};
pub use broadcast::{Broadcast, broadcast, ping_all};
pub use builder::Builder;
pub use byte_stream::ByteStream;
pub use client::{Client, ConnectError, ConnectStep, ProxyError, RedirectError, UrlError, connect};
pub use close_reason::CloseReason;
pub use counters::{Closed, Counters, Refused};
#[cfg(feature = "deflate")]
pub use deflate::PermessageDeflate;
#[cfg(unix)]
pub use endpoint::InheritError;
pub use endpoint::{
    BindError, Endpoint, EndpointError, IntoEndpoints, LocalEndpoint, PeerName, SocketOptions,
    StreamListener,
};
pub use error::{Deadline, Error};
pub use event::Event;
pub use extension::{ConnectionExtension, InvalidData, MessageCodec, MessageExtension, Progress};
#[cfg(feature = "h2")]
pub use http2_options::Http2Options;
#[cfg(feature = "h2")]
pub use http2_stream::Http2Stream;
pub use listener::{AcceptError, Shutdown, WebSocketListener};
pub use message::{Message, Text};
pub use message_reader::MessageReader;
pub use message_writer::MessageWriter;
pub use options::Options;
pub use payload::Payload;
pub use prepared::PreparedMessage;
pub use proxied::{ForwardedHeader, NetworkError, ProxyProtocol, TrustedPeers};
pub use slow_consumer::SlowConsumer;
pub use split::{WebSocketReader, WebSocketWriter};
#[cfg(feature = "tls")]
pub use tls::{ServerTls, TlsError, TlsSession};
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use transport::{AnyStream, Transport};
pub use websocket::WebSocket;
pub use websocket_listener_core::{
    CloseCode, Initiator, MessageKind, PingMode, ProtocolError, ReservedBits, handshake,
};

use websocket_listener_core::{Config, ControlError, Instant, SendError, TimedOut};
