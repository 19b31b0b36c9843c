//! The HTTP side of a listener: requests, the application's answers to them, cookies, credentials
//! and origins.
//!
//! With the feature `http`, the crate `http` is re-exported as `types`: a [`Request`] converts to an
//! `http::Request<()>`, and an [`Answer`] or a [`Response`] is made of an `http::Response`.

pub(crate) mod answer;
pub(crate) mod connection;
#[cfg(feature = "http")]
mod conversions;
mod credentials;
pub(crate) mod future;
pub(crate) mod header;
pub(crate) mod hook;
pub(crate) mod linger;
pub(crate) mod origin;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod response;
#[cfg(feature = "hyper")]
mod service;
pub(crate) mod set_cookie;
pub(crate) mod standards;
pub(crate) mod status;
pub(crate) mod subprotocols;
#[cfg(feature = "http")]
pub(crate) mod translation;
mod write_through;

#[cfg(feature = "http")]
pub use ::http as types;

pub use answer::Answer;
pub use connection::HttpConnection;
pub use credentials::{Credentials, CredentialsError, equal_in_constant_time};
pub use header::InvalidHeaderError;
pub use origin::{AllowedOrigins, OriginError};
pub use replay::Replay;
pub use request::Request;
pub use response::Response;
pub use set_cookie::{InvalidCookieError, SameSite, SetCookie};
pub use status::{InvalidStatusError, Status};

#[cfg(feature = "http")]
pub use crate::handshake::upgrade::HttpUpgrade;
#[cfg(feature = "h2")]
pub use crate::listener::http2::options::Http2Options;
#[cfg(feature = "h2")]
pub use crate::listener::http2::stream::Http2Stream;
