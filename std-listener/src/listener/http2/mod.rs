//! WebSockets over HTTP/2 (RFC 8441).

mod liveness;
pub(crate) mod options;
pub(crate) mod serving;
pub(crate) mod stream;
