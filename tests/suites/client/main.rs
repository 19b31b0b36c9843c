//! The client: from a URL to a connection, over everything that can stand between them.

mod cancelling;
mod happy_eyeballs;
mod hostile_servers;
mod masks;
mod opening;
mod options;
mod proxies;
mod redirects;
mod refusals;
mod support;
mod temporary;
mod tls;
mod tls_support;
#[cfg(unix)]
mod unix_sockets;
mod urls;

// Shared with the tests of the listener.
#[path = "../listener/fitful.rs"]
mod fitful;
