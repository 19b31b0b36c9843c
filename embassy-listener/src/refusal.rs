//! Refusals: an HTTP status, and with the feature `explanations` a sentence.

use websocket_listener_core::handshake::PlainResponse;

use crate::counters::Outcome;
use crate::socket::Socket;

/// The refusal of a peer that sent no whole request within the handshake timeout.
pub(crate) const TIMED_OUT: PlainResponse<'static> =
    PlainResponse::explained(408, "the request took too long");

/// The response in place of an application's answer that cannot be sent.
pub(crate) const INVALID_ANSWER: PlainResponse<'static> =
    PlainResponse::explained(500, "the application's answer is invalid");

/// The refusal of a peer during a shutdown.
pub(crate) const SHUTTING_DOWN: PlainResponse<'static> =
    PlainResponse::explained(503, "shutting down");

/// Writes a refusal. The ring is empty, and every refusal fits into an empty ring.
pub(crate) fn refuse(socket: &Socket, response: &PlainResponse<'_>) -> Outcome {
    answer(socket, response, false)
}

/// Writes a refusal, without its body if the method is HEAD.
pub(crate) fn answer(socket: &Socket, response: &PlainResponse<'_>, is_head: bool) -> Outcome {
    let told = socket.poke(|out| {
        let written = if is_head { response.write_head(out) } else { response.write(out) };
        (written.unwrap_or(0), ())
    });
    told.map_or(Outcome::Disconnected, |()| Outcome::Refused(response.status()))
}
