//! The opening handshake of one connection.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use websocket_listener_core::Role;
use websocket_listener_core::handshake::{
    Accept, HeadError, HeadScanner, Reject, RequestError, ResponseError, Upgrade, UpgradeError,
    select_subprotocol,
};

use super::Shared;
use super::head::{NoHead, WithRest, read_head};
use super::places::Place;
use crate::connection::{Connection, Details, Setup};
use crate::counters::count;
use crate::http::{Acceptance, AnswerKind, TakeOver, borrow_headers, encode_with};
use crate::registry::{Interruption, Registration};
use crate::transport::Transport;
use crate::{Answer, HttpConnection, Request, Response, WebSocket, clock, linger};

pub(super) struct Negotiation {
    shared: Arc<Shared>,
    accepted: mpsc::Sender<WebSocket>,
    stream: Transport,
    peer_addr: Option<SocketAddr>,
    registration: Registration,
    /// Free again when the negotiation is over.
    _place: Place,
}

/// What a negotiation comes to, if to anything.
enum Outcome {
    /// The request was answered with 101, and a place in the accept queue kept for it.
    Accepted {
        request: Request,
        subprotocol: Option<Box<str>>,
        behind_head: BytesMut,
        permit: mpsc::OwnedPermit<WebSocket>,
    },
    TakenOver {
        request: Request,
        behind_head: BytesMut,
        handler: TakeOver,
    },
}

/// Why there will be no connection.
enum Refusal {
    Head(HeadError),
    Request(RequestError),
    Upgrade(UpgradeError),
    /// The application says so. To HEAD, the body is not sent.
    Rejected {
        response: Response,
        with_body: bool,
    },
    /// The application's answer could not be written.
    InvalidAnswer(ResponseError),
    QueueFull,
    Interrupted(Interruption),
    Disconnected,
}

impl Negotiation {
    pub(super) fn new(
        shared: Arc<Shared>,
        accepted: mpsc::Sender<WebSocket>,
        stream: Transport,
        peer_addr: Option<SocketAddr>,
    ) -> Self {
        let mut registration = shared.negotiations.register();
        registration.wake_at(clock::now() + shared.builder.handshake_timeout);
        let place = shared.places.enter(registration.eviction());
        Self { shared, accepted, stream, peer_addr, registration, _place: place }
    }

    /// Negotiates, and lets an application that takes over do as long as it likes.
    pub(super) async fn run(mut self) {
        let negotiating = negotiate(&self.shared, &self.accepted, &mut self.stream);
        let outcome = unless_interrupted(&mut self.registration, negotiating)
            .await
            .unwrap_or_else(|interruption| Err(Refusal::Interrupted(interruption)));
        match outcome {
            Ok(Outcome::Accepted { request, subprotocol, behind_head, permit }) => {
                permit.send(self.open(request, subprotocol, behind_head));
            }
            Ok(Outcome::TakenOver { request, behind_head, handler }) => {
                handler(self.hand_over(request, behind_head)).await;
            }
            Err(refusal) => {
                self.count(&refusal);
                // In a box, for it is rare and large. Still within the bounds, for peers may be
                // refused in great numbers.
                let refusing = Box::pin(refuse(&mut self.stream, refusal));
                let _ = unless_interrupted(&mut self.registration, refusing).await;
            }
        }
    }

    fn open(
        self,
        request: Request,
        subprotocol: Option<Box<str>>,
        received: BytesMut,
    ) -> WebSocket {
        let peer_addr = self.peer_addr;
        tracing::debug!(?peer_addr, target = request.target(), subprotocol, "accepted");
        WebSocket::new(Connection::new(Setup {
            stream: self.stream,
            role: Role::Server,
            options: self.shared.builder.options,
            registration: self.shared.connections.register(),
            counters: Some(self.shared.counters.clone()),
            received,
            details: Details { request: Some(request), subprotocol, peer_addr },
        }))
    }

    fn hand_over(self, request: Request, behind_head: BytesMut) -> HttpConnection {
        let peer_addr = self.peer_addr;
        tracing::debug!(?peer_addr, target = request.target(), "taken over");
        count(&self.shared.counters.taken_over);
        HttpConnection::new(request, self.stream, behind_head.freeze(), peer_addr)
    }

    fn count(&self, refusal: &Refusal) {
        tracing::debug!(peer_addr = ?self.peer_addr, reason = %refusal, "refused");
        let counters = &self.shared.counters;
        count(match refusal {
            Refusal::Head(_) | Refusal::Request(_) | Refusal::Upgrade(_) => {
                &counters.refused_malformed
            }
            Refusal::Rejected { .. } | Refusal::InvalidAnswer(_) => &counters.refused_rejected,
            Refusal::QueueFull | Refusal::Interrupted(Interruption::Evicted) => {
                &counters.refused_overloaded
            }
            Refusal::Interrupted(Interruption::Deadline) => &counters.refused_timed_out,
            Refusal::Interrupted(Interruption::ShuttingDown) => &counters.refused_shutting_down,
            Refusal::Disconnected => &counters.refused_disconnected,
        });
    }
}

async fn negotiate(
    shared: &Shared,
    accepted: &mpsc::Sender<WebSocket>,
    stream: &mut Transport,
) -> Result<Outcome, Refusal> {
    let scanner = HeadScanner::new(shared.builder.head_limits);
    let WithRest { head, rest: behind_head } =
        read_head(stream, scanner).await.map_err(|no_head| match no_head {
            NoHead::Refused(error) => Refusal::Head(error),
            NoHead::Disconnected => Refusal::Disconnected,
        })?;
    let request = Request::parse(head).map_err(Refusal::Request)?;
    let upgrade = request.upgrade();
    let acceptance = match answer(shared, &request, upgrade).await?.0 {
        AnswerKind::Accept(acceptance) => acceptance,
        AnswerKind::Respond(response) => {
            let with_body = request.method() != "HEAD";
            return Err(Refusal::Rejected { response, with_body });
        }
        AnswerKind::TakeOver(handler) => {
            return Ok(Outcome::TakenOver { request, behind_head, handler });
        }
    };
    let upgrade = upgrade.map_err(Refusal::Upgrade)?;
    let permit = accepted.clone().try_reserve_owned().map_err(|_| Refusal::QueueFull)?;
    let subprotocol = choose_subprotocol(&request, &acceptance, &shared.builder.subprotocols);
    let response = accept(&upgrade, &acceptance, subprotocol.as_deref())?;
    stream.write_all(&response).await.map_err(|_| Refusal::Disconnected)?;
    Ok(Outcome::Accepted { request, subprotocol, behind_head, permit })
}

/// Asks the application, unless the request is a faulty opening handshake: that is no plain HTTP.
async fn answer(
    shared: &Shared,
    request: &Request,
    upgrade: Result<Upgrade, UpgradeError>,
) -> Result<Answer, Refusal> {
    match (&shared.builder.on_request, upgrade) {
        (_, Err(error)) if request.is_upgrade() => Err(Refusal::Upgrade(error)),
        (Some(hook), _) => Ok(hook(request.clone()).await),
        (None, _) => Ok(Answer::accept()),
    }
}

/// The response that opens the WebSocket.
fn accept(
    upgrade: &Upgrade,
    acceptance: &Acceptance,
    subprotocol: Option<&str>,
) -> Result<BytesMut, Refusal> {
    let headers = borrow_headers(&acceptance.headers);
    let mut accept = Accept::new(upgrade).headers(&headers);
    if let Some(subprotocol) = subprotocol {
        accept = accept.subprotocol(subprotocol);
    }
    encode_with(|out| accept.write(out)).map_err(Refusal::InvalidAnswer)
}

/// The application's choice or else the listener's, and only out of what was offered.
fn choose_subprotocol(
    request: &Request,
    acceptance: &Acceptance,
    supported: &[String],
) -> Option<Box<str>> {
    match &acceptance.subprotocol {
        Some(chosen) => select_subprotocol(request, &[chosen]).map(Into::into),
        None if supported.is_empty() => None,
        None => {
            let supported: Vec<_> = supported.iter().map(String::as_str).collect();
            select_subprotocol(request, &supported).map(Into::into)
        }
    }
}

/// Runs `negotiating` up to the deadline, an eviction or the listener's shutdown.
async fn unless_interrupted<T>(
    registration: &mut Registration,
    negotiating: impl Future<Output = T>,
) -> Result<T, Interruption> {
    let mut negotiating = pin!(negotiating);
    poll_fn(|cx| match registration.poll_interrupted(cx) {
        Poll::Ready(interruption) => Poll::Ready(Err(interruption)),
        Poll::Pending => negotiating.as_mut().poll(cx).map(Ok),
    })
    .await
}

/// Tells the peer why, and ends the stream so that it can read that.
async fn refuse(stream: &mut Transport, refusal: Refusal) {
    let response = match &refusal {
        Refusal::Head(error) => encode_with(|out| Reject::from(*error).write(out)),
        Refusal::Request(error) => encode_with(|out| Reject::from(*error).write(out)),
        Refusal::Upgrade(error) => encode_with(|out| Reject::from(*error).write(out)),
        Refusal::Rejected { response, with_body } => response.encode(*with_body),
        Refusal::InvalidAnswer(_) => plain(500, "the application's answer is invalid"),
        Refusal::QueueFull => plain(503, "too many connections"),
        Refusal::Interrupted(Interruption::Deadline) => plain(408, "the request took too long"),
        Refusal::Interrupted(Interruption::Evicted) => plain(503, "too many connections"),
        Refusal::Interrupted(Interruption::ShuttingDown) => plain(503, "shutting down"),
        Refusal::Disconnected => return,
    };
    let response = response.or_else(|_| plain(500, "the application's answer is invalid"));
    let Ok(response) = response else { return };
    if stream.write_all(&response).await.is_ok() {
        linger::close(stream).await;
    }
}

fn plain(status: u16, reason: &'static str) -> Result<BytesMut, ResponseError> {
    Response::new(status).header("Content-Type", "text/plain").body(reason).encode(true)
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Head(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
            Self::Upgrade(error) => error.fmt(f),
            Self::Rejected { response, .. } => write!(f, "application: {}", response.status),
            Self::InvalidAnswer(error) => error.fmt(f),
            Self::QueueFull => f.write_str("accept queue full"),
            Self::Interrupted(Interruption::Deadline) => f.write_str("deadline"),
            Self::Interrupted(Interruption::Evicted) => f.write_str("too many negotiations"),
            Self::Interrupted(Interruption::ShuttingDown) => f.write_str("shutting down"),
            Self::Disconnected => f.write_str("disconnected"),
        }
    }
}
