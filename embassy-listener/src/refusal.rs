//! Refusals: an HTTP status, and with the feature `explanations` a sentence.

use websocket_listener_core::handshake::Reject;

use crate::counters::Outcome;
use crate::socket::Socket;

/// The refusal of a peer that sent no whole request within the handshake timeout.
pub(crate) const TIMED_OUT: Reject<'static> = explained(408, b"the request took too long");

/// The response in place of an application's answer that cannot be sent.
pub(crate) const INVALID_ANSWER: Reject<'static> =
    explained(500, b"the application's answer is invalid");

/// The refusal of a peer during a shutdown.
pub(crate) const SHUTTING_DOWN: Reject<'static> = explained(503, b"shutting down");

/// Writes a refusal. The ring is empty, and every refusal fits into an empty ring.
pub(crate) fn refuse(socket: &Socket, reject: &Reject<'_>) -> Outcome {
    answer(socket, reject, false)
}

/// Writes a refusal, without its body if the method is HEAD.
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
