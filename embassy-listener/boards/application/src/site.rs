//! The paths and the answers to their requests.

use websocket_listener_embassy::{Answer, MAX_TARGET, OnRequest, Request, Response};

pub(crate) const ECHO: &str = "/echo";
pub(crate) const TELEMETRY: &str = "/telemetry";
pub(crate) const CHARGEN: &str = "/chargen";

const PAGE: Response<'static> = Response::new(200)
    .headers(&[("Content-Type", b"text/html; charset=utf-8"), ("Cache-Control", b"no-store")])
    .body(include_bytes!("page.html"));

const NOT_FOUND: Response<'static> = Response::new(404)
    .headers(&[("Content-Type", b"text/plain")])
    .body(b"there is /, /echo, /telemetry and /chargen\n");

/// The hook that answers requests by their path.
pub(crate) struct Site;

impl OnRequest for Site {
    fn answer(&self, request: &Request<'_>) -> Answer<'_> {
        match request.path() {
            "/" => Answer::respond(PAGE),
            // The listener refuses a request that does not open a WebSocket.
            ECHO | TELEMETRY | CHARGEN if request.target().len() <= MAX_TARGET => Answer::accept(),
            // A connection does not keep a longer target, so it would have no path.
            ECHO | TELEMETRY | CHARGEN => Answer::respond(Response::new(414)),
            _ => Answer::respond(NOT_FOUND),
        }
    }
}

/// Returns the path of a request's target.
pub(crate) fn path(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}
