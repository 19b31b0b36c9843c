//! The HTTP side of a listener.

mod answer;
mod connection;
mod replay;
mod request;
mod response;

use std::future::Future;
use std::pin::Pin;

pub use answer::Answer;
pub use connection::HttpConnection;
pub use replay::Replay;
pub use request::Request;
pub use response::Response;

pub(crate) use answer::{Acceptance, AnswerKind, TakeOver};
pub(crate) use response::{borrow_headers, encode_with};

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
