//! The way of a request to a WebSocket, whatever has read it: this crate, or another HTTP server.

pub(crate) mod acceptor;
pub(crate) mod decision;
pub(crate) mod established;
mod head;
pub(crate) mod interruption;
pub(crate) mod limits;
pub(crate) mod membership;
pub(crate) mod opening;
pub(crate) mod refusal;
pub(crate) mod response;
#[cfg(feature = "http")]
pub(crate) mod upgrade;
