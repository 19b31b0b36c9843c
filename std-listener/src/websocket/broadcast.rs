//! One message, or one ping, for many.

use std::pin::pin;
use std::task::{Context, Waker};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::unconstrained;

use super::halves::WebSocketWriter;
use crate::error::Error;
use crate::message::prepared::PreparedMessage;

/// What became of a message that was [broadcast](broadcast()).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broadcast {
    /// Connections whose stream or queue has taken it.
    pub sent: usize,
    /// Connections that were too slow, and go on without it.
    pub dropped: usize,
    /// Connections that nothing can be sent to: they have closed or ended, or are closed now for
    /// being too slow ([`SlowConsumer::Close`](crate::SlowConsumer::Close)).
    /// [`WebSocketWriter::is_closed`] tells which.
    pub closed: usize,
}

/// Sends a message to many connections, without waiting for any of them. The message is encoded
/// once and its bytes are shared. What happens where a peer is slow is for that connection's
/// [`SlowConsumer`](crate::SlowConsumer) policy to decide.
///
/// Bytes that a stream does not take at once are written later by the task that receives from that
/// connection, so there must be such a task. `writers` may be anything that yields them: `&mut
/// Vec`, the values of a map. Each writer costs a system call, so tens of thousands of them keep a
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
/// assert_eq!(tell(&mut Vec::new(), "anybody here?").sent, 0);
/// ```
pub fn broadcast<'a, S>(
    message: &PreparedMessage,
    writers: impl IntoIterator<Item = &'a mut WebSocketWriter<S>>,
) -> Broadcast
where
    S: AsyncRead + AsyncWrite + Unpin + 'a,
{
    let mut outcome = Broadcast::default();
    unhindered(|| {
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

/// Pings many connections, without waiting for any of them, and returns how many could be pinged.
/// For [`PingMode::Manual`](crate::PingMode::Manual): one place pings them all, whenever it likes.
///
/// The task that receives from a connection sees the answer, which updates
/// [`latency`](WebSocketWriter::latency), or that none came within the [pong
/// timeout](crate::Options::pong_timeout). A ping that a slow peer has not taken yet is replaced.
/// The payload is at most 125 bytes; with more, nobody is pinged.
///
/// ```
/// use websocket_listener::{WebSocketWriter, ping_all};
///
/// fn look_after(room: &mut Vec<WebSocketWriter>) {
///     if ping_all(b"", room.iter_mut()) < room.len() {
///         room.retain(|writer| !writer.is_closed());
///     }
/// }
/// ```
pub fn ping_all<'a, S>(
    payload: &[u8],
    writers: impl IntoIterator<Item = &'a mut WebSocketWriter<S>>,
) -> usize
where
    S: AsyncRead + AsyncWrite + Unpin + 'a,
{
    let ping = |writer: &mut WebSocketWriter<S>| writer.try_ping_now(payload).is_ok();
    unhindered(|| writers.into_iter().map(ping).filter(|pinged| *pinged).count())
}

/// Tokio lets a task touch its sockets only so often before it has to yield. A caller that never
/// waits is exempted here: otherwise bytes would lie in a queue for no reason.
pub(crate) fn unhindered<T>(work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let working = pin!(unconstrained(async { result = Some(work()) }));
    let done = working.poll(&mut Context::from_waker(Waker::noop()));
    debug_assert!(done.is_ready());
    result.expect("it never waits")
}
