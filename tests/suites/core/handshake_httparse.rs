//! Heads are read as `httparse` reads them, where it keeps to the letter of RFC 9112.

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::handshake::{HeadError, HeadLimits, HeadScanner, Request, Response};

/// Pieces of which heads, and their faults, are made.
const PIECES: [&str; 34] = [
    "GET ",
    "GET",
    "/",
    "/chat",
    "*",
    " ",
    "  ",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2",
    "HTTP/1.1 ",
    "101",
    "1O1",
    "99",
    " OK",
    "\r\n",
    "\r\n",
    "\r\n\r\n",
    "\t",
    ": ",
    ":",
    "Host",
    "A: b",
    "A : b",
    "(",
    "\u{e9}",
    "\u{7f}",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\n",
    "HTTP/1.1 101 X\r\n",
    "HTTP/1.1 101\r\n",
    "A: b\r\n",
    "Host: a\r\n",
];

fn heads() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(prop::sample::select(&PIECES[..]), 0..12);
    (pieces, prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()))).prop_map(
        |(pieces, change)| {
            let mut head = (pieces.concat() + "\r\n\r\n").into_bytes();
            if let Some((place, byte)) = change {
                let place = place.index(head.len());
                head[place] = byte;
            }
            head
        },
    )
}

/// The first head of the bytes. `httparse` tolerates more in others, which are never parsed.
fn whole_head(bytes: &[u8]) -> Option<&[u8]> {
    let end = HeadScanner::new(HeadLimits::DEFAULT).scan(bytes).ok()??;
    Some(&bytes[..end])
}

fn headers<'h>(headers: &[httparse::Header<'h>]) -> Vec<(&'h str, &'h [u8])> {
    headers.iter().map(|header| (header.name, header.value.trim_ascii())).collect()
}

type RequestParts<'h> = (&'h str, &'h str, u8, Vec<(&'h str, &'h [u8])>);

fn request_by_httparse(head: &[u8]) -> Result<RequestParts<'_>, HeadError> {
    use httparse::Error;

    let mut room = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut room);
    let parsed = request.parse(head).map_err(|error| match error {
        Error::HeaderName | Error::HeaderValue => HeadError::Header,
        Error::Version => HeadError::Version,
        Error::TooManyHeaders => HeadError::TooManyHeaders,
        Error::NewLine | Error::Status | Error::Token => HeadError::StartLine,
    })?;
    assert_eq!(parsed, httparse::Status::Complete(head.len()));
    let (method, target) = (request.method.unwrap(), request.path.unwrap());
    Ok((method, target, request.version.unwrap(), headers(request.headers)))
}

fn request_by_us(head: &[u8]) -> Result<RequestParts<'_>, HeadError> {
    let parsed = Request::parse(head)?;
    let method = str::from_utf8(&head[..parsed.method().len()]).unwrap();
    let target = &head[method.len() + 1..][..parsed.target().len()];
    let mut lines = Vec::new();
    for (name, value) in parsed.headers() {
        let at = |part: &[u8]| part.as_ptr() as usize - head.as_ptr() as usize;
        let (name, value) =
            (&head[at(name.as_bytes())..][..name.len()], &head[at(value)..][..value.len()]);
        lines.push((str::from_utf8(name).unwrap(), value));
    }
    Ok((method, str::from_utf8(target).unwrap(), parsed.version(), lines))
}

fn response_by_httparse(head: &[u8]) -> Result<(u16, u8, usize), HeadError> {
    use httparse::Error;

    let mut room = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut room);
    let parsed = response.parse(head).map_err(|error| match error {
        Error::HeaderName | Error::HeaderValue => HeadError::Header,
        Error::Version => HeadError::Version,
        Error::TooManyHeaders => HeadError::TooManyHeaders,
        Error::NewLine | Error::Status | Error::Token => HeadError::StartLine,
    })?;
    assert_eq!(parsed, httparse::Status::Complete(head.len()));
    Ok((response.code.unwrap(), response.version.unwrap(), response.headers.len()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_are_read_as_by_httparse(bytes in heads()) {
        if let Some(head) = whole_head(&bytes) {
            prop_assert_eq!(request_by_us(head), request_by_httparse(head));
        }
    }

    #[test]
    fn responses_are_read_as_by_httparse(bytes in heads()) {
        if let Some(head) = whole_head(&bytes) {
            let ours = Response::parse(head);
            let ours = ours.map(|ours| (ours.status(), ours.version(), ours.headers().count()));
            prop_assert_eq!(ours, response_by_httparse(head));
        }
    }
}
