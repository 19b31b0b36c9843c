//! The server's side of the opening handshake, in the rings of the connection.

use embassy_time::{Duration, Timer, with_deadline};
use websocket_listener_core::handshake::{
    Accept, HeadError, HeadLimits, HeadScanner, Reject, ResponseError, Upgrade, UpgradeError,
    select_subprotocol,
};

use crate::clock::embassy;
use crate::compression::{Agreement, Compressed, Compressing};
use crate::http::{AnswerKind, Response};
use crate::net::Socket;
use crate::opened::Opened;
use crate::refusal::{INVALID_ANSWER, TIMED_OUT, answer, refuse};
use crate::resources::deadline;
use crate::{HttpConnection, HttpError, OnRequest, Options, Request};

/// How long to wait for the rest of a head: the network only signals the first of unread bytes.
const FIRST_LOOK: u64 = 1;
const LAST_LOOK: u64 = 32;

/// The outcome of an opening handshake.
pub(crate) enum Outcome {
    Opened(Opened, Compressed),
    TakenOver,
    /// Refused with this status.
    Refused(u16),
    TimedOut,
    Disconnected,
}

/// What to do about a request.
enum Decision<'a> {
    Accept {
        upgrade: Upgrade,
        headers: &'a [(&'a str, &'a [u8])],
        opened: Opened,
        agreement: Option<Agreement>,
    },
    /// Answer it with this response, or have it taken over.
    Serve(Option<Response<'a>>),
    Refuse(Reject<'static>),
}

/// Reads the head of the request, which then lies in the ring; returns its length. If there is
/// none, the peer has been answered.
pub(crate) async fn request_head(socket: &Socket, options: &Options) -> Result<usize, Outcome> {
    let due = deadline(embassy(options.handshake_timeout));
    Err(match with_deadline(due, read_head(socket, options.head_limits)).await {
        Ok(Ok(head)) => return Ok(head),
        Ok(Err(NoHead::Disconnected)) => Outcome::Disconnected,
        Ok(Err(NoHead::Refused(error))) => refuse(socket, &Reject::from(error)),
        Err(_) if lacks_room(socket) => refuse(socket, &Reject::from(HeadError::TooLarge)),
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
    let decision = socket
        .peek(|bytes| decide(bytes.get(..head).unwrap_or_default(), options, compressing, hook));
    match decision {
        None => Outcome::Disconnected,
        Some((Decision::Refuse(reject), is_head)) => answer(socket, &reject, is_head),
        Some((Decision::Accept { upgrade, headers, opened, agreement }, _)) => {
            let refused = open(socket, head, |out| {
                // Inlined, so that code for what is known not to be there is not linked.
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
            match refused {
                None => Outcome::Opened(opened, compressing.begin(agreement)),
                Some(refused) => refused,
            }
        }
        Some((Decision::Serve(response), is_head)) => {
            let mut http = HttpConnection::new(socket, head, is_head, options.write_timeout);
            match (hook.serve(&mut http, response, options.http_timeout).await, response) {
                (Err(HttpError::Response(_)), _) => answer(socket, &INVALID_ANSWER, is_head),
                (_, Some(response)) => Outcome::Refused(response.status()),
                (_, None) => Outcome::TakenOver,
            }
        }
    }
}

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
fn lacks_room(socket: &Socket) -> bool {
    socket.recv_queue() > socket.recv_capacity() / 2
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
        Err(error) => return (Decision::Refuse(Reject::from(error)), false),
    };
    (judge(&request, options, compressing, hook), request.method() == "HEAD")
}

fn judge<'a>(
    request: &Request<'_>,
    options: &Options,
    compressing: &Compressing,
    hook: &'a impl OnRequest,
) -> Decision<'a> {
    let upgrade = request.upgrade();
    match upgrade {
        Err(error) if request.is_upgrade() => return Decision::Refuse(Reject::from(error)),
        // Two servers in a chain must not understand it as two different requests.
        Err(_) if !request.names_server() => {
            return Decision::Refuse(Reject::from(UpgradeError::Host));
        }
        _ => {}
    }
    let (chosen, headers) = match hook.answer(request).0 {
        AnswerKind::Accept { subprotocol, headers } => (subprotocol, headers),
        AnswerKind::Respond(response) => return Decision::Serve(Some(response)),
        AnswerKind::TakeOver => return Decision::Serve(None),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => return Decision::Refuse(Reject::from(error)),
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
    // The ring is empty, so there is nothing to wait for.
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
