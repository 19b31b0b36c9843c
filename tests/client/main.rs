//! Row 17, the client: from a URL to a connection, over everything that can stand between them.

mod opening;
mod support;

// Shared with the tests of the listener.
#[path = "../listener/fitful.rs"]
mod fitful;
