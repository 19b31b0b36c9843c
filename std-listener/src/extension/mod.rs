//! Extensions of messages, such as compression, and of the stream below.
//!
//! - [`MessageExtension`] and its [`MessageCodec`] change messages (RFC 6455 section 9).
//!   `PermessageDeflate` is one, with the feature `deflate`.
//! - [`ConnectionExtension`] wraps the stream that carries the frames.

pub(crate) mod codec;
pub(crate) mod connection;
pub(crate) mod message;
pub(crate) mod negotiation;

pub use codec::{CodecProgress, InvalidDataError, MessageCodec};
pub use connection::ConnectionExtension;
pub use message::MessageExtension;
pub use websocket_listener_core::ReservedBits;

#[cfg(feature = "deflate")]
pub use crate::deflate::PermessageDeflate;
