//! Events: messages, and the control frames between them.

use super::Message;
use super::payload::Payload;

/// An event of a connection, returned by [`WebSocket::recv_event`](crate::WebSocket::recv_event).
///
/// ```
/// use websocket_listener::{Error, Event, WebSocket};
///
/// /// Echoes messages, and prints the latency at each pong.
/// async fn serve(mut socket: WebSocket) -> Result<(), Error> {
///     while let Some(event) = socket.recv_event().await? {
///         match event {
///             Event::Message(message) => socket.send(message).await?,
///             Event::Pong => println!("{:?}", socket.latency()),
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// ```
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
