//! What a refused peer is told.

use websocket_listener_core::handshake::Reject;

use crate::counters::Outcome;
use crate::socket::Socket;

/// There was no request within the handshake's deadline.
pub(crate) const TIMED_OUT: Reject<'static> = explained(408, b"the request took too long");

/// The application's answer cannot be sent.
pub(crate) const INVALID_ANSWER: Reject<'static> =
    explained(500, b"the application's answer is invalid");

pub(crate) const SHUTTING_DOWN: Reject<'static> = explained(503, b"shutting down");

/// Tells the peer, if the ring is empty: every refusal fits into an empty one.
pub(crate) fn refuse(socket: &Socket, reject: &Reject<'_>) -> Outcome {
    answer(socket, reject, false)
}

/// The same, in answer to HEAD without a body.
pub(crate) fn answer(socket: &Socket, reject: &Reject<'_>, is_head: bool) -> Outcome {
    let told = socket.poke(|out| {
        let written = if is_head { reject.write_head(out) } else { reject.write(out) };
        (written.unwrap_or(0), ())
    });
    told.map_or(Outcome::Disconnected, |()| Outcome::Refused(reject.status()))
}

const fn explained(status: u16, why: &'static [u8]) -> Reject<'static> {
    let reject = Reject::new(status);
    if cfg!(feature = "explanations") {
        reject.headers(&[("Content-Type", b"text/plain")]).body(why)
    } else {
        reject
    }
}
