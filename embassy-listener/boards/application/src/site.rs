//! What is found under which path.

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

/// The paths.
pub(crate) struct Site;

impl OnRequest for Site {
    fn answer(&self, request: &Request<'_>) -> Answer<'_> {
        match request.path() {
            "/" => Answer::respond(PAGE),
            // What does not open a WebSocket is refused by the listener, with the status that fits.
            ECHO | TELEMETRY | CHARGEN if request.target().len() <= MAX_TARGET => Answer::accept(),
            // The connection would not know its path.
            ECHO | TELEMETRY | CHARGEN => Answer::respond(Response::new(414)),
            _ => Answer::respond(NOT_FOUND),
        }
    }
}

/// The path of a request's target.
pub(crate) fn path(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}
