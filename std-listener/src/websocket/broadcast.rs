//! One message, or one ping, for many connections.

use tokio::io::{AsyncRead, AsyncWrite};

use super::halves::WebSocketWriter;
use crate::connection::turns::without_budget;
use crate::error::Error;
use crate::message::prepared::PreparedMessage;

/// The outcome of a [broadcast](broadcast()).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broadcast {
    /// Connections whose stream or queue has accepted the message.
    pub sent: usize,
    /// Connections that were too slow, and continue without the message.
    pub dropped: usize,
    /// Connections that have closed or ended, or are closed now for being too slow
    /// ([`SlowConsumer::Close`](crate::SlowConsumer::Close)). For these,
    /// [`WebSocketWriter::is_closed`] is true.
    pub closed: usize,
}

/// Sends a message to many connections, without waiting for any of them. The message is encoded
/// once and its bytes are shared. For a slow peer, the [`SlowConsumer`](crate::SlowConsumer) policy
/// of its connection applies.
///
/// The task that receives from a connection later writes the bytes that its stream does not accept
/// at once, so each connection needs such a task. `writers` may be a `&mut Vec`, the values of a
/// map, or another iterator. Each writer costs a system call, so tens of thousands of them keep a
/// thread busy for a tenth of a second.
///
/// ```
/// use websocket_listener::{Broadcast, PreparedMessage, WebSocketWriter, broadcast};
///
/// fn tell(room: &mut Vec<WebSocketWriter>, text: &str) -> Broadcast {
///     let outcome = broadcast(&PreparedMessage::new(text), room.iter_mut());
///     if outcome.closed > 0 {
///         room.retain(|writer| !writer.is_closed());
///     }
///     outcome
/// }
/// assert_eq!(tell(&mut Vec::new(), "hello, all").sent, 0);
/// ```
#[doc(alias("publish", "topic", "pub/sub", "room"))]
pub fn broadcast<'a, S>(
    message: &PreparedMessage,
    writers: impl IntoIterator<Item = &'a mut WebSocketWriter<S>>,
) -> Broadcast
where
    S: AsyncRead + AsyncWrite + Unpin + 'a,
{
    let mut outcome = Broadcast::default();
    without_budget(|| {
        for writer in writers {
            match writer.try_send_prepared_now(message) {
                Ok(()) => outcome.sent += 1,
                Err(Error::QueueFull) => outcome.dropped += 1,
                Err(_) => outcome.closed += 1,
            }
        }
    });
    outcome
}

/// Pings many connections, without waiting for any of them, and returns the number of pings. It
/// suits [`PingMode::Manual`](crate::PingMode::Manual), where one task pings all connections.
///
/// The task that receives from a connection reads the answer, which updates
/// [`latency`](WebSocketWriter::latency), or ends the connection after the [pong
/// timeout](crate::Options::pong_timeout). The ping replaces one that a slow peer has not read yet.
/// The payload has at most 125 bytes; with more, no connection is pinged.
///
/// ```
/// use websocket_listener::{WebSocketWriter, ping_all};
///
/// fn ping_room(room: &mut Vec<WebSocketWriter>) {
///     if ping_all(b"", room.iter_mut()) < room.len() {
///         room.retain(|writer| !writer.is_closed());
///     }
/// }
/// ```
#[doc(alias = "heartbeat")]
pub fn ping_all<'a, S>(
    payload: &[u8],
    writers: impl IntoIterator<Item = &'a mut WebSocketWriter<S>>,
) -> usize
where
    S: AsyncRead + AsyncWrite + Unpin + 'a,
{
    let ping = |writer: &mut WebSocketWriter<S>| writer.try_ping_now(payload).is_ok();
    without_budget(|| writers.into_iter().map(ping).filter(|pinged| *pinged).count())
}
