//! The head of a request or a response, read in the connection's receive ring.

use embassy_time::{Duration, Timer};
use websocket_listener_core::handshake::{HeadError, HeadLimits, HeadScanner};

use crate::socket::Socket;

/// How long to wait for the rest of a head: the network only signals the first of unread bytes.
const FIRST_LOOK: u64 = 1;
const LAST_LOOK: u64 = 32;

/// Why there is no head.
pub(crate) enum NoHead {
    Refused(HeadError),
    Disconnected,
}

/// Waits until a whole head lies in the ring, which was empty; returns its length.
pub(crate) async fn read_head(socket: &Socket, limits: HeadLimits) -> Result<usize, NoHead> {
    let bytes = limits.bytes.min(socket.recv_capacity());
    let mut scanner = HeadScanner::new(HeadLimits { bytes, ..limits });
    let mut wait = FIRST_LOOK;
    loop {
        let complete = !socket.peer_is_sending();
        match socket.read_with(|bytes| (0, scanner.scan(bytes))).await {
            Ok(Some(Ok(Some(head)))) => return Ok(head),
            Ok(Some(Ok(None))) if complete => return Err(NoHead::Disconnected),
            Ok(Some(Ok(None))) => {}
            Ok(Some(Err(error))) => return Err(NoHead::Refused(error)),
            Ok(None) | Err(_) => return Err(NoHead::Disconnected),
        }
        Timer::after(Duration::from_millis(wait)).await;
        wait = wait.saturating_mul(2).min(LAST_LOOK);
    }
}

/// Whether less than half of the ring is left. A peer that has more to send than fits may then wait
/// for room without end (RFC 9293 section 3.8.6.2.1, against silly windows).
pub(crate) fn lacks_room(socket: &Socket) -> bool {
    socket.recv_queue() > socket.recv_capacity() / 2
}
