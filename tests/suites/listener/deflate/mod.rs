//! permessage-deflate (RFC 7692).

mod any;
mod close;
mod memory;
mod messages;
mod rules;
pub(crate) mod support;
mod turns;
