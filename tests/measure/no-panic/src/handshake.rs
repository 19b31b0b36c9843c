//! The opening handshake of both ends: whatever was received, whatever is answered.

use core::hint::black_box;

use websocket_listener_core::handshake::{
    Accept, ClientRequest, ExtensionOffer, HeadLimits, HeadScanner, MAX_HEAD_BYTES, MAX_HEADERS,
    PlainResponse, Request, RequestKind, Response, ResponseScanner, Upgrade, is_subprotocol,
    reason_phrase, select_subprotocol,
};

use crate::errors::say;
use crate::{any, any_bytes};

/// Drives the server's end, then the client's.
pub fn drive() {
    let mut received = [0; 256];
    let received = any_bytes(&mut received);
    let mut out = [0; 256];
    server(received, &mut out);
    client(received, &mut out);
    black_box(reason_phrase(any(200)));
    black_box(is_subprotocol(any("chat")));
}

/// Finds, reads, judges and answers a request.
fn server(received: &[u8], out: &mut [u8]) {
    let limits = HeadLimits { bytes: any(MAX_HEAD_BYTES), headers: any(MAX_HEADERS) };
    let mut scanner = HeadScanner::new(if any(true) { limits } else { HeadLimits::default() });
    while any(true) {
        match scanner.scan(any(received)) {
            Ok(end) => {
                black_box(end);
            }
            Err(error) => {
                say(Err::<(), _>(error));
                reject(PlainResponse::from(error), out);
            }
        }
        black_box(scanner.scanned());
    }
    let request = match Request::parse(any(received)) {
        Ok(request) => request,
        Err(error) => {
            say(Err::<(), _>(error));
            return reject(PlainResponse::from(error), out);
        }
    };
    ask(&request);
    match request.classify(request.upgrade()) {
        Ok(RequestKind::WebSocket(upgrade)) => accept(&request, &upgrade, out),
        Ok(RequestKind::Http(error)) | Err(error) => {
            black_box((error.status(), error.message()));
            say(Err::<(), _>(error));
            reject(PlainResponse::from(error), out);
        }
    }
    black_box(request.map_head(any::<&[u8]>));
}

/// Everything a request can be asked.
fn ask(request: &Request<&[u8]>) {
    black_box((request.head(), request.method(), request.target(), request.path()));
    black_box((request.query(), request.resource_name(), request.version(), request.is_upgrade()));
    let name = any("Cookie");
    black_box((request.header(name), request.header_str(name)));
    request.headers().for_each(see);
    request.header_values(name).for_each(see);
    request.header_tokens(name).for_each(see);
    request.subprotocols().for_each(see);
    request.extensions().for_each(see_extension);
}

/// Answers with yes.
fn accept(request: &Request<&[u8]>, upgrade: &Upgrade, out: &mut [u8]) {
    black_box(upgrade.accept_value());
    let headers = [any(("Set-Cookie", b"a=b".as_slice()))];
    let mut accept = Accept::new(upgrade).headers(any(&headers)).extensions(any("x-extension"));
    if let Some(subprotocol) = select_subprotocol(request, any(&["chat", "log"])) {
        accept = accept.subprotocol(any(subprotocol));
    }
    say(accept.write(out));
    black_box(out);
}

/// Answers with no, in one of the ways.
fn reject(reject: PlainResponse<'_>, out: &mut [u8]) {
    black_box(reject.status());
    say(reject.write(out));
    let headers = [any(("Retry-After", b"1".as_slice()))];
    say(PlainResponse::explained(any(503), any("busy")).write(out));
    let own = PlainResponse::new(any(503)).headers(any(&headers)).body(any(b"busy"));
    say(own.write_head(out));
    say(own.write(out));
    black_box(out);
}

/// Asks, reads the answer and judges it.
fn client(received: &[u8], out: &mut [u8]) {
    let headers = [any(("Origin", b"null".as_slice()))];
    let subprotocols = [any("chat"), any("log")];
    let request = ClientRequest::new(any("example.com"), any("/"), any([0; 16]))
        .subprotocols(any(&subprotocols))
        .extensions(any("x-extension"))
        .headers(any(&headers));
    say(request.write(out));
    black_box(out);

    let mut scanner = ResponseScanner::new(any(HeadLimits::DEFAULT));
    while any(true) {
        say(scanner.scan(any(received)).map(|scanned| {
            black_box(scanned);
        }));
    }
    let response = match Response::parse(any(received)) {
        Ok(response) => response,
        Err(error) => return say(Err::<(), _>(error)),
    };
    black_box((response.head(), response.status(), response.reason(), response.version()));
    let name = any("Set-Cookie");
    black_box((response.header(name), response.header_str(name)));
    response.headers().for_each(see);
    response.header_values(name).for_each(see);
    response.header_tokens(name).for_each(see);
    response.extensions().for_each(see_extension);
    say(request.verify(&response).map(|established| {
        black_box(established.subprotocol());
    }));
    black_box(response.map_head(any::<&[u8]>));
}

/// Takes note of something that was asked for.
fn see<T>(value: T) {
    black_box(value);
}

/// Takes note of an extension and its parameters.
fn see_extension(offer: ExtensionOffer<'_>) {
    black_box(offer.name());
    offer.params().for_each(see);
}
