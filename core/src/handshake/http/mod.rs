//! Heads of HTTP/1.1 (RFC 9112), read in place and written into a buffer, without any rule of
//! WebSocket.

mod head_error;
pub(super) mod headers;
mod limits;
pub(super) mod lines;
pub(super) mod list;
mod scanner;
mod status;
pub(super) mod syntax;
pub(super) mod writer;

pub use head_error::HeadError;
pub use limits::{HeadLimits, MAX_HEAD_BYTES, MAX_HEADERS};
pub use scanner::HeadScanner;
pub use status::reason_phrase;
