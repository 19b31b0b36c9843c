//! The head of a request or a response, complete in the connection's receive ring.

use embassy_time::{Duration, Timer};
use websocket_listener_core::handshake::{HeadError, HeadLimits, HeadScanner};

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
pub(crate) async fn read_head(socket: &Socket, limits: HeadLimits) -> Result<usize, NoHead> {
    let bytes = limits.bytes.min(socket.recv_capacity());
    let mut scanner = HeadScanner::new(HeadLimits { bytes, ..limits });
    let mut interval = MIN_INTERVAL;
    loop {
        let complete = !socket.peer_is_sending();
        match socket.read_with(|bytes| (0, scanner.scan(bytes))).await {
            Ok(Some(Ok(Some(head)))) => return Ok(head),
            Ok(Some(Ok(None))) if complete => return Err(NoHead::Disconnected),
            Ok(Some(Ok(None))) => {}
            Ok(Some(Err(error))) => return Err(NoHead::Refused(error)),
            Ok(None) | Err(_) => return Err(NoHead::Disconnected),
        }
        Timer::after(Duration::from_millis(interval)).await;
        interval = interval.saturating_mul(2).min(MAX_INTERVAL);
    }
}

/// Returns true if less than half of the ring is unused. A peer with more bytes than fit may then
/// wait for a larger window without end (RFC 9293 section 3.8.6.2.1, against silly windows).
pub(crate) fn lacks_room(socket: &Socket) -> bool {
    socket.recv_queue() > socket.recv_capacity() / 2
}
