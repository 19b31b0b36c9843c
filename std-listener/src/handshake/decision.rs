//! The decision about a request, over any version of HTTP.

use std::sync::Arc;

use websocket_listener_core::handshake::{RequestKind, UpgradeError};

use super::limits::{Limiter, Seat};
use super::refusal::Refusal;
use crate::config::ListenerConfig;
use crate::http::answer::{Answer, AnswerKind, TakeOver};
use crate::http::header::Headers;
use crate::http::hook::Hook;
use crate::http::request::Request;
use crate::http::response::Response;
use crate::options::Options;

/// The decision about a request that is not refused.
pub(crate) enum Decision {
    Accept(Terms),
    TakeOver(TakeOver),
}

/// The parameters of an accepted WebSocket.
pub(crate) struct Terms {
    pub(crate) headers: Headers,
    pub(crate) subprotocol: Option<Box<str>>,
    pub(crate) seat: Option<Box<Seat>>,
    /// Replace the listener's options.
    pub(crate) options: Option<Box<Options>>,
}

/// Decides about a request, by the application's hook. Refuses a faulty opening handshake, which does
/// not count as plain HTTP, a page of another origin, and a request over the limits. The request
/// keeps a value that the hook attaches.
pub(crate) async fn decide(
    config: &ListenerConfig,
    limiter: &Arc<Limiter>,
    hook: Option<&Hook>,
    request: &mut Request,
    checked: Result<(), UpgradeError>,
) -> Result<Decision, Refusal> {
    let faulty = |error| faulty(config, request, error);
    let rejected = |response| Refusal::Rejected { response, with_body: wants_body(request) };
    let kind = request.as_engine().classify(checked).map_err(faulty)?;
    let is_websocket = matches!(kind, RequestKind::WebSocket(()));
    if is_websocket {
        check_origin(config, request).map_err(rejected)?;
    }
    let seat = limiter.admit(request.client_addr(), is_websocket)?;
    let answer = match hook {
        Some(hook) => hook(request.clone()).await,
        None => Answer::accept(),
    };
    match answer.0 {
        AnswerKind::Accept(acceptance) => {
            if let RequestKind::Http(error) = kind {
                return Err(faulty(error));
            }
            let by_hook = acceptance.subprotocol.as_deref();
            let subprotocol = config.subprotocols.choose(request, by_hook).map_err(rejected)?;
            if let Some(value) = acceptance.attached {
                request.attach(value);
            }
            let (headers, options) = (acceptance.headers, acceptance.options);
            Ok(Decision::Accept(Terms { headers, subprotocol, seat, options }))
        }
        AnswerKind::Respond(response) => Err(rejected(response)),
        AnswerKind::TakeOver(handler) => Ok(Decision::TakeOver(handler)),
    }
}

fn check_origin(config: &ListenerConfig, request: &Request) -> Result<(), Response> {
    match &config.allowed_origins {
        Some(allowed) => Ok(allowed.check(request)?),
        None => Ok(()),
    }
}

fn faulty(config: &ListenerConfig, request: &Request, error: UpgradeError) -> Refusal {
    let with_body = wants_body(request);
    match (error, config.standards.versions()) {
        (UpgradeError::Version, Some(versions)) => Refusal::Version { versions, with_body },
        _ => Refusal::Upgrade { error, with_body },
    }
}

/// The answer to HEAD has the headers of a body and no body (RFC 9110 section 9.3.2).
fn wants_body(request: &Request) -> bool {
    request.method() != "HEAD"
}
