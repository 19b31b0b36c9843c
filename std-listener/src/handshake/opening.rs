//! The opening handshake over one stream: the request and the answer.

use std::pin::pin;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use websocket_listener_core::handshake::HeadScanner;

use super::decision::{Decision, decide};
use super::established::Established;
use super::head::{NoHead, WithRest, read_head};
use super::interruption::{Interruption, Stage, unless_interrupted};
use super::limits::Limiter;
use super::refusal::Refusal;
use super::response::Acceptance;
use crate::config::ListenerConfig;
use crate::http::answer::TakeOver;
use crate::http::linger;
use crate::http::request::Request;
use crate::http::response::Response;
use crate::peer::Peer;
use crate::registry::clock;
use crate::registry::registration::Registration;

/// The first line of HTTP/2, as a request of HTTP/1.1 (RFC 9113 section 3.4).
#[cfg(feature = "h2")]
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The outcome of an opening handshake.
pub(crate) enum Opening<P> {
    /// The request was answered with 101.
    Accepted {
        established: Established,
        admission: P,
    },
    TakenOver {
        request: Request,
        after_head: BytesMut,
        handler: TakeOver,
    },
    /// The peer uses HTTP/2, and these are its first bytes.
    #[cfg(feature = "h2")]
    Http2 {
        received: bytes::Bytes,
    },
}

/// Reads the request, calls `request_has_come`, and answers the request, unless it is refused. An
/// acceptance requires a permit of `admit`.
#[expect(clippy::manual_async_fn, reason = "an async fn would hold its arguments twice")]
pub(crate) fn open<S: AsyncRead + AsyncWrite + Unpin, P>(
    config: &ListenerConfig,
    limiter: &Arc<Limiter>,
    stream: &mut S,
    peer: Peer,
    request_has_come: impl FnOnce(),
    admit: impl FnOnce() -> Option<P>,
) -> impl Future<Output = Result<Opening<P>, Refusal>> {
    async move {
        let scanner = HeadScanner::new(config.head_limits);
        let WithRest { head, rest: after_head } =
            read_head(stream, scanner).await.map_err(|no_head| match no_head {
                NoHead::Refused(error) => Refusal::Head(error),
                NoHead::Disconnected => Refusal::Disconnected,
            })?;
        request_has_come();
        #[cfg(feature = "h2")]
        if config.http2.is_some() && *head == *PREFACE {
            return Ok(Opening::Http2 { received: [&head[..], &after_head].concat().into() });
        }
        let mut request = Request::from_peer(head, peer).map_err(Refusal::Head)?;
        if let Some(forwarded) = &config.forwarded {
            request.apply_forwarded(forwarded);
        }
        let standard = config.standards.asked_for(&request);
        let (hook, upgrade) = match standard {
            Some(other) => {
                (Some(&other.hook), request.as_engine().upgrade_to_version(&other.version))
            }
            None => (config.on_request.as_ref(), request.as_engine().upgrade()),
        };
        let decision = decide(config, limiter, hook, &mut request, upgrade.map(drop)).await?;
        let (terms, upgrade) = match (decision, upgrade) {
            (Decision::Accept(terms), Ok(upgrade)) => (terms, upgrade),
            (Decision::Accept(_), Err(error)) => {
                return Err(Refusal::Upgrade { error, with_body: true });
            }
            (Decision::TakeOver(handler), _) => {
                return Ok(Opening::TakenOver { request, after_head, handler });
            }
        };
        let admission = admit().ok_or(Refusal::QueueFull)?;
        let acceptance = Acceptance::new(config, &request, terms);
        let response = acceptance.encode(&upgrade).map_err(Refusal::InvalidAnswer)?;
        let established = acceptance.establish(config, request, after_head);
        stream.write_all(&response).await.map_err(|_| Refusal::Disconnected)?;
        stream.flush().await.map_err(|_| Refusal::Disconnected)?;
        Ok(Opening::Accepted { established, admission })
    }
}

/// Sends the refusal, and ends the stream so that the peer can read it. It stays within the limits of
/// negotiations, because many peers may be refused. Only an answer of the application, which may be
/// long, may take as long as the peer continues to read it.
pub(crate) async fn refuse<S: AsyncRead + AsyncWrite + Unpin>(
    registration: &mut Registration,
    stream: &mut S,
    refusal: &Refusal,
) {
    let stage = match refusal {
        Refusal::Interrupted(Interruption::Evicted) => {
            return answer_refused(stream, refusal).await;
        }
        Refusal::Interrupted(Interruption::ShuttingDown) => {
            answer_refused(stream, refusal).await;
            // Until the listener stops, the end of the peer's request may arrive.
            let closing = pin!(linger::close(stream));
            let _ = unless_interrupted(registration, Stage::Layers, closing).await;
            return;
        }
        Refusal::Interrupted(Interruption::Deadline) => {
            registration.wake_at(clock::now() + linger::DEADLINE);
            Stage::Request
        }
        Refusal::Rejected { .. } => Stage::Answer,
        _ => Stage::Request,
    };
    let answering = pin!(answer_refused(stream, refusal));
    // After an interruption, nothing more can be sent.
    let _ = unless_interrupted(registration, stage, answering).await;
}

async fn answer_refused<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, refusal: &Refusal) {
    #[cfg(feature = "tls")]
    if let Refusal::Tls(_) = refusal {
        // TLS has already sent its alert.
        return linger::close(stream).await;
    }
    let Some((response, with_body)) = refusal.response() else { return };
    let response = response.encode(with_body).or_else(|_| Response::invalid().encode(with_body));
    let Ok(response) = response else { return };
    if let Refusal::Interrupted(Interruption::Evicted | Interruption::ShuttingDown) = refusal {
        // No time is left.
        linger::answer_at_once(stream, &response).await;
    } else if linger::answer(stream, &response).await.is_ok() {
        linger::close(stream).await;
    }
}
