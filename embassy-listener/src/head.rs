//! The head of a request or a response, complete in the connection's receive ring.

use core::mem;
use core::ops::Range;

use embassy_time::{Duration, Timer};
use websocket_listener_core::handshake::{
    HeadError, HeadLimits, HeadScanner, ResponseScanner, ScannedResponse,
};

use crate::socket::Socket;

/// The first and the longest interval, in milliseconds, at which an unfinished head is scanned
/// again: the network stack signals only the first of unread bytes.
const MIN_INTERVAL: u64 = 1;
const MAX_INTERVAL: u64 = 32;

/// The absence of a head.
pub(crate) enum NoHead {
    Refused(HeadError),
    Disconnected,
}

/// Waits until a whole head lies in the ring, which was empty; returns its length.
pub(crate) fn read_head(
    socket: &Socket,
    limits: HeadLimits,
) -> impl Future<Output = Result<usize, NoHead>> {
    let mut scanner = HeadScanner::new(limits_in_ring(socket, limits));
    read_until(socket, move |bytes| (0, scanner.scan(bytes)))
}

/// Waits until the whole head of a response lies in the ring, which was empty; returns its place.
pub(crate) fn read_response(
    socket: &Socket,
    limits: HeadLimits,
) -> impl Future<Output = Result<Range<usize>, NoHead>> {
    let mut scanner = ResponseScanner::new(limits_in_ring(socket, limits));
    let mut start = 0_usize;
    read_until(socket, move |bytes| {
        loop {
            let scanned = scanner.scan(bytes.get(start..).unwrap_or_default());
            match scanned {
                Ok(ScannedResponse::Interim(length)) => start = start.saturating_add(length),
                Ok(ScannedResponse::Head(length)) => {
                    return (0, Ok(Some(start..start.saturating_add(length))));
                }
                // Only an empty ring starts anew, so that the next head lies in one piece.
                Ok(ScannedResponse::Incomplete) if start == bytes.len() => {
                    return (mem::take(&mut start), Ok(None));
                }
                Ok(ScannedResponse::Incomplete) if bytes.len() >= socket.recv_capacity() => {
                    return (0, Err(HeadError::TooLarge));
                }
                Ok(ScannedResponse::Incomplete) => return (0, Ok(None)),
                Err(error) => return (0, Err(error)),
            }
        }
    })
}

fn limits_in_ring(socket: &Socket, limits: HeadLimits) -> HeadLimits {
    HeadLimits { bytes: limits.bytes.min(socket.recv_capacity()), ..limits }
}

/// Waits until `scan` finds what it looks for. It returns the number of bytes to remove, and its
/// find.
#[expect(clippy::manual_async_fn, reason = "an async fn would hold its arguments twice")]
fn read_until<T>(
    socket: &Socket,
    mut scan: impl FnMut(&[u8]) -> (usize, Result<Option<T>, HeadError>),
) -> impl Future<Output = Result<T, NoHead>> {
    async move {
        let mut interval = MIN_INTERVAL;
        loop {
            let complete = !socket.peer_is_sending();
            match socket.read_with(|bytes| scan(bytes)).await {
                Ok(Some(Ok(Some(found)))) => return Ok(found),
                Ok(Some(Ok(None))) if complete => return Err(NoHead::Disconnected),
                Ok(Some(Ok(None))) => {}
                Ok(Some(Err(error))) => return Err(NoHead::Refused(error)),
                Ok(None) | Err(_) => return Err(NoHead::Disconnected),
            }
            Timer::after(Duration::from_millis(interval)).await;
            interval = interval.saturating_mul(2).min(MAX_INTERVAL);
        }
    }
}

/// Returns true if less than half of the ring is unused. A peer with more bytes than fit may then
/// wait for a larger window without end (RFC 9293 section 3.8.6.2.1, against silly windows).
pub(crate) fn lacks_room(socket: &Socket) -> bool {
    socket.recv_queue() > socket.recv_capacity() / 2
}
