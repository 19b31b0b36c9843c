//! The HTTP side of a listener.

mod answer;
mod connection;
mod credentials;
mod origin;
mod replay;
mod request;
mod response;
#[cfg(feature = "hyper")]
mod service;
mod set_cookie;
mod standards;
mod subprotocols;
#[cfg(feature = "http")]
mod translation;
#[cfg(feature = "http")]
mod upgrade;

use std::future::Future;
use std::pin::Pin;

pub use answer::Answer;
pub use connection::HttpConnection;
pub use credentials::{Credentials, CredentialsError, equal_in_constant_time};
pub use origin::{AllowedOrigins, OriginError};
pub use replay::Replay;
pub use request::Request;
pub use response::Response;
pub use set_cookie::{InvalidCookie, SameSite, SetCookie};
#[cfg(feature = "http")]
pub use upgrade::HttpUpgrade;

pub(crate) use answer::{AnswerKind, TakeOver};
pub(crate) use response::{borrow_headers, encode_with};
pub(crate) use standards::Standards;
pub(crate) use subprotocols::Subprotocols;
#[cfg(feature = "h2")]
pub(crate) use translation::header_map;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
