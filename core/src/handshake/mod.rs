//! The opening handshake (RFC 6455 section 4), for both ends and without I/O.
//!
//! A server scans the received bytes with a [`HeadScanner`] until the head is complete, parses it
//! as a [`Request`], checks it with [`Request::upgrade`], and answers with [`Accept`] or
//! [`PlainResponse`]. [`Request::classify`] tells an opening handshake from plain HTTP. A client
//! writes a [`ClientRequest`], finds the head of the [`Response`] with a [`ResponseScanner`], and
//! checks it with [`ClientRequest::verify`].
//!
//! Nothing here allocates, waits or panics. A head is scanned once, in time linear in its bytes.
//! The bytes after a head are the first bytes of the frame stream.
//!
//! ```
//! use websocket_listener_core::handshake::{Accept, HeadLimits, HeadScanner, PlainResponse, Request};
//!
//! /// The answer to what was received, or `None` while the head is not whole.
//! fn answer(scanner: &mut HeadScanner, received: &[u8], out: &mut [u8]) -> Option<usize> {
//!     let head = match scanner.scan(received) {
//!         Ok(None) => return None,
//!         Ok(Some(end)) => received.get(..end)?,
//!         Err(error) => return PlainResponse::from(error).write(out).ok(),
//!     };
//!     let request = match Request::parse(head) {
//!         Ok(request) => request,
//!         Err(error) => return PlainResponse::from(error).write(out).ok(),
//!     };
//!     match request.upgrade() {
//!         Ok(upgrade) => Accept::new(&upgrade).write(out).ok(),
//!         Err(error) => PlainResponse::from(error).write(out).ok(),
//!     }
//! }
//!
//! let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
//! let mut out = [0; 256];
//! assert_eq!(answer(&mut scanner, b"GET /chat HTTP/1.1\r\nHost: exam", &mut out), None);
//! let length = answer(
//!     &mut scanner,
//!     b"GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//!       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
//!     &mut out,
//! );
//! assert!(out[..length.unwrap()].starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
//! ```

mod accept;
mod client_request;
mod extension;
mod http;
mod key;
mod opening_fields;
mod plain_response;
mod request;
mod response;
mod response_error;
mod response_scanner;
mod subprotocol;
mod target;
mod upgrade;
mod upgrade_error;
mod verify;

pub use accept::Accept;
pub use client_request::{ClientRequest, ClientRequestError};
pub use extension::ExtensionOffer;
pub use http::{HeadError, HeadLimits, HeadScanner, MAX_HEAD_BYTES, MAX_HEADERS, reason_phrase};
pub use opening_fields::is_handshake_header;
pub use plain_response::PlainResponse;
pub use request::Request;
pub use response::Response;
pub use response_error::ResponseError;
pub use response_scanner::{MAX_INTERIM_RESPONSES, ResponseScanner, ScannedResponse};
pub use subprotocol::{is_subprotocol, select_subprotocol};
pub use target::resource_name;
pub use upgrade::{RequestKind, Upgrade};
pub use upgrade_error::UpgradeError;
pub use verify::{Established, VerifyError};
