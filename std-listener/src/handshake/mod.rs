//! The way of a request to a WebSocket, whatever has read it: this crate, or another HTTP server.

pub(crate) mod accept;
pub(crate) mod decision;
mod head;
pub(crate) mod interruption;
pub(crate) mod limits;
#[cfg(feature = "http")]
pub(crate) mod membership;
pub(crate) mod opening;
pub(crate) mod refusal;
#[cfg(feature = "http")]
pub(crate) mod upgrade;
