//! WebSockets over HTTP/2 (RFC 8441).

pub(crate) mod client;
mod requests;
mod resets;
mod slow_links;
mod websockets;
