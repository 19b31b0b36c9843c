//! The HTTP side of a listener.

mod answer;
mod connection;
mod replay;
mod response;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use websocket_listener_core::handshake;

pub use answer::Answer;
pub use connection::HttpConnection;
pub use replay::Replay;
pub use response::Response;

pub(crate) use answer::{Acceptance, AnswerKind, TakeOver};
pub(crate) use response::{borrow_headers, encode_with};

/// A request's head: method, target, headers. Cheap to clone.
pub type Request = handshake::Request<Arc<[u8]>>;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
