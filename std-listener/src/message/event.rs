//! Messages, and the control frames between them.

use super::Message;
use super::payload::Payload;

/// What [`WebSocket::recv_event`](crate::WebSocket::recv_event) gives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A message.
    Message(Message),
    /// A ping, with its payload of at most 125 bytes. It has been answered, unless [automatic
    /// pongs](crate::Options::automatic_pongs) are off.
    Ping(Payload),
    /// A pong. If it answers the last ping, [`WebSocket::latency`](crate::WebSocket::latency) has
    /// been updated.
    Pong,
}
