//! The server's side of the opening handshake, in the rings of the connection.

use embassy_time::with_deadline;
use websocket_listener_core::handshake::{
    Accept, HeadError, PlainResponse, RequestKind, ResponseError, Upgrade, select_subprotocol,
};

use crate::clock::{deadline, from_millis};
use crate::compression::{Agreement, Compressing};
use crate::counters::Outcome;
use crate::head::{NoHead, lacks_room, read_head};
use crate::http::{HttpConnection, HttpError, Request, Response};
use crate::on_request::{AnswerKind, OnRequest};
use crate::opened::Opened;
use crate::options::Options;
use crate::refusal::{INVALID_ANSWER, TIMED_OUT, answer, refuse};
use crate::socket::Socket;

/// The decision about a request.
enum Decision<'a> {
    Accept {
        upgrade: Upgrade,
        headers: &'a [(&'a str, &'a [u8])],
        opened: Opened,
        agreement: Option<Agreement>,
    },
    /// Answer with this response, or without one let the application take over.
    Serve(Option<Response<'a>>),
    Refuse(PlainResponse<'static>),
}

/// Waits until the head of the request lies in the ring; returns its length. On an error, the peer
/// has been answered.
pub(crate) async fn request_head(socket: &Socket, options: &Options) -> Result<usize, Outcome> {
    let due = deadline(from_millis(options.handshake_timeout));
    Err(match with_deadline(due, read_head(socket, options.head_limits)).await {
        Ok(Ok(head)) => return Ok(head),
        Ok(Err(NoHead::Disconnected)) => Outcome::Disconnected,
        Ok(Err(NoHead::Refused(error))) => refuse(socket, &PlainResponse::from(error)),
        Err(_) if lacks_room(socket) => refuse(socket, &PlainResponse::from(HeadError::TooLarge)),
        Err(_) => {
            refuse(socket, &TIMED_OUT);
            Outcome::TimedOut
        }
    })
}

/// Answers the request with this head.
pub(crate) async fn negotiate(
    socket: &Socket,
    head: usize,
    options: &Options,
    compressing: &Compressing,
    hook: &impl OnRequest,
) -> Outcome {
    // The decision is gone before the answer is awaited: it is large.
    let (response, is_head) = {
        let decide = |bytes: &[u8]| {
            decide(bytes.get(..head).unwrap_or_default(), options, compressing, hook)
        };
        match socket.peek(decide) {
            None => return Outcome::Disconnected,
            Some((Decision::Refuse(reject), is_head)) => return answer(socket, &reject, is_head),
            Some((Decision::Accept { upgrade, headers, opened, agreement }, _)) => {
                let refused = open(socket, head, |out| {
                    // Inlined, so that the code of headers and extensions is linked only where used.
                    let answer = agreement.map(|agreement| agreement.answer());
                    let mut accept = Accept::new(&upgrade).headers(hook.headers(headers));
                    if let Some(answer) = &answer {
                        accept = accept.extensions(answer.as_str());
                    }
                    if let Some(subprotocol) = opened.subprotocol {
                        accept = accept.subprotocol(subprotocol);
                    }
                    accept.write(out)
                });
                return match refused {
                    None => Outcome::Opened(opened, compressing.begin(agreement)),
                    Some(refused) => refused,
                };
            }
            Some((Decision::Serve(response), is_head)) => (response, is_head),
        }
    };
    let mut http = HttpConnection::new(socket, head, is_head, options.write_timeout);
    match (hook.serve(&mut http, response, options.http_timeout).await, response) {
        (Err(HttpError::Response(_)), _) => answer(socket, &INVALID_ANSWER, is_head),
        (_, Some(response)) => Outcome::Refused(response.status()),
        (_, None) => Outcome::TakenOver,
    }
}

/// Decides about a request, and returns whether it is a HEAD.
fn decide<'a>(
    head: &[u8],
    options: &Options,
    compressing: &Compressing,
    hook: &'a impl OnRequest,
) -> (Decision<'a>, bool) {
    let request = match Request::parse(head) {
        Ok(request) => request,
        Err(error) => return (Decision::Refuse(PlainResponse::from(error)), false),
    };
    (decide_request(&request, options, compressing, hook), request.method() == "HEAD")
}

fn decide_request<'a>(
    request: &Request<'_>,
    options: &Options,
    compressing: &Compressing,
    hook: &'a impl OnRequest,
) -> Decision<'a> {
    let kind = match request.classify(request.upgrade()) {
        Ok(kind) => kind,
        Err(error) => return Decision::Refuse(PlainResponse::from(error)),
    };
    let (chosen, headers) = match hook.answer(request).0 {
        AnswerKind::Accept { subprotocol, headers } => (subprotocol, headers),
        AnswerKind::Respond(response) => return Decision::Serve(Some(response)),
        AnswerKind::TakeOver => return Decision::Serve(None),
    };
    let upgrade = match kind {
        RequestKind::WebSocket(upgrade) => upgrade,
        RequestKind::Http(error) => return Decision::Refuse(PlainResponse::from(error)),
    };
    let subprotocol = match chosen {
        Some(chosen) => select_subprotocol(request, &[chosen]),
        None => select_subprotocol(request, options.subprotocols),
    };
    let opened = Opened::new(request.target(), subprotocol);
    let agreement = compressing.select(request.extensions());
    Decision::Accept { upgrade, headers, opened, agreement }
}

/// Sends the acceptance; returns the outcome if it cannot be sent.
fn open(
    socket: &Socket,
    head: usize,
    mut write: impl FnMut(&mut [u8]) -> Result<usize, ResponseError>,
) -> Option<Outcome> {
    // The ring is empty, so no wait can make more room.
    let written = socket.poke(|out| match write(out) {
        Ok(length) => (length, true),
        Err(_) => (0, false),
    });
    match written {
        Some(true) => {}
        Some(false) => return Some(refuse(socket, &INVALID_ANSWER)),
        None => return Some(Outcome::Disconnected),
    }
    match socket.skip(head) {
        Some(()) => None,
        None => Some(Outcome::Disconnected),
    }
}
