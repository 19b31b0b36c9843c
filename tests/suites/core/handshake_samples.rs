//! Requests and responses to start from: RFC 6455 section 1.3, and variations of it.

use websocket_listener_core::handshake::{
    Accept, HeadError, PlainResponse, Request, Response, Upgrade, UpgradeError,
};

/// The nonce of RFC 6455 section 1.3, whose base64 is the sample key.
pub(crate) const NONCE: [u8; 16] = *b"the sample nonce";
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The headers that an opening handshake must have.
pub(crate) const REQUIRED: [(&str, &str); 5] = [
    ("Host", "server.example.com"),
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", KEY),
    ("Sec-WebSocket-Version", "13"),
];

/// `line`, the headers, and the empty line.
pub(crate) fn head(line: &str, headers: &[(&str, &str)]) -> String {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{line}\r\n{headers}\r\n")
}

/// A good request with its `name` replaced by these lines: none, one or several.
pub(crate) fn request_with(name: &str, values: &[&str]) -> String {
    let kept = REQUIRED.iter().copied().filter(|(found, _)| *found != name);
    let headers: Vec<_> = kept.chain(values.iter().map(|value| (name, *value))).collect();
    head("GET /chat HTTP/1.1", &headers)
}

/// The good response to the sample key with its `name` replaced by these lines.
pub(crate) fn response_with(name: &str, values: &[&str]) -> String {
    let required =
        [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", ACCEPT)];
    let kept = required.into_iter().filter(|(found, _)| *found != name);
    let headers: Vec<_> = kept.chain(values.iter().map(|value| (name, *value))).collect();
    head("HTTP/1.1 101 Switching Protocols", &headers)
}

pub(crate) fn parse(head: &str) -> Result<Request<&[u8]>, HeadError> {
    Request::parse(head.as_bytes())
}

pub(crate) fn upgrade(head: &str) -> Result<Upgrade, UpgradeError> {
    parse(head).unwrap().upgrade()
}

pub(crate) fn parse_response(head: &str) -> Response<&[u8]> {
    Response::parse(head.as_bytes()).unwrap()
}

pub(crate) fn accept_text(accept: &Accept<'_>) -> String {
    let mut out = [0; 1024];
    let length = accept.write(&mut out).unwrap();
    String::from_utf8(out[..length].to_vec()).unwrap()
}

pub(crate) fn reject_text(reject: &PlainResponse<'_>) -> String {
    let mut out = [0; 1024];
    let length = reject.write(&mut out).unwrap();
    String::from_utf8(out[..length].to_vec()).unwrap()
}
