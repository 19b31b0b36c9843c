//! Arbitrary bytes and arbitrary cuts: no panic, the same answer, and what is written reads back.

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::handshake::{
    Accept, ClientRequest, HeadError, HeadLimits, HeadScanner, PlainResponse, Request, Response,
};

use crate::handshake_samples::{REQUIRED, head};

/// Pieces of which handshakes, and their faults, are made.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"GET ",
        b"/",
        b"/chat",
        b"http://a",
        b"://",
        b"?",
        b"#",
        b" ",
        b"HTTP/1.1",
        b"HTTP/1.0",
        b"101",
        b"\r\n",
        b"\r\n\r\n",
        b"\r",
        b"\n",
        b"\0",
        b"\t",
        b": ",
        b":",
        b",",
        b";",
        b"=",
        b"\"",
        b"\\",
        b"\xff",
        b"Host",
        b"Upgrade",
        b"websocket",
        b"Connection",
        b"Sec-WebSocket-Key",
        b"dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version",
        b"13",
        b"Sec-WebSocket-Extensions",
        b"Sec-WebSocket-Protocol",
        b"chat",
        b"Sec-WebSocket-Accept",
        b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        b"GET / HTTP/1.1\r\n",
        b"Upgrade: websocket\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"Connection: Upgrade\r\n",
        b"Content-Length: 0\r\n",
    ];
    vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

fn anything() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..600), fragments()]
}

fn token() -> impl Strategy<Value = String> {
    "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,20}"
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![0x21..=0x7e_u8, 0x80..=0xff_u8], 0..40)
}

/// `X-` and a token, so that it is none of the reserved names.
fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    vec((token().prop_map(|name| format!("X-{name}")), header_value()), 0..8)
}

fn borrowed(headers: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
}

/// The headers that [`headers`] made.
fn own<'a>(
    headers: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    headers.filter(|(name, _)| name.starts_with("X-"))
}

fn is_head(bytes: &[u8]) -> bool {
    HeadScanner::new(HeadLimits::DEFAULT).scan(bytes) == Ok(Some(bytes.len()))
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

/// Scans `bytes` as they grow to each of `cuts`, and then whole.
fn scan_in_pieces(bytes: &[u8], cuts: &[usize]) -> Result<Option<usize>, HeadError> {
    let mut scanner = HeadScanner::new(HeadLimits { bytes: 300, headers: 5 });
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    cuts.sort_unstable();
    for cut in cuts.into_iter().chain([bytes.len()]) {
        match scanner.scan(&bytes[..cut]) {
            Ok(None) => {}
            outcome => return outcome,
        }
    }
    Ok(None)
}

/// Everything that reads from a request or a response.
fn read_everything(bytes: &[u8]) {
    if let Ok(request) = Request::parse(bytes) {
        let _ = (request.method(), request.path(), request.query(), request.upgrade());
        let _ = (request.headers().count(), request.subprotocols().count(), request.is_upgrade());
        let _ = request.extensions().map(|offer| offer.params().count()).sum::<usize>();
        let _ = request.header_tokens("Upgrade").count();
    }
    if let Ok(response) = Response::parse(bytes) {
        let client = ClientRequest::new("a", "/", *b"the sample nonce");
        let _ = client.subprotocols(&["chat"]).extensions("chat").verify(&response);
        let _ = (response.reason(), response.headers().count());
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_cut_gives_the_same_answer(bytes in anything(), cuts in vec(any::<usize>(), 0..20)) {
        let every_byte: Vec<_> = (0..bytes.len()).collect();
        prop_assert_eq!(scan_in_pieces(&bytes, &cuts), scan_in_pieces(&bytes, &[]));
        prop_assert_eq!(scan_in_pieces(&bytes, &every_byte), scan_in_pieces(&bytes, &[]));
    }

    #[test]
    fn no_bytes_panic(bytes in anything()) {
        let _ = HeadScanner::new(HeadLimits::DEFAULT).scan(&bytes);
        read_everything(&bytes);
    }

    #[test]
    fn no_header_value_panics(
        name in 0..REQUIRED.len(),
        value in header_value(),
        extra in header_value(),
    ) {
        let head = head("GET /chat HTTP/1.1", &REQUIRED).into_bytes();
        let mut lines: Vec<_> = head.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let list = ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Connection"][name % 3];
        lines[name + 1] = [REQUIRED[name].0.as_bytes(), b": ", &value, b"\r"].concat();
        lines.insert(1, [list.as_bytes(), b": ", &extra, b"\r"].concat());
        read_everything(&lines.join(&b'\n'));
    }

    /// The parser never finds a head of the scanner too short, too long or badly cut.
    #[test]
    fn scanner_and_parser_agree_on_the_end(bytes in fragments()) {
        match HeadScanner::new(HeadLimits::DEFAULT).scan(&bytes) {
            Ok(Some(end)) => {
                use HeadError::{Header, StartLine, Version};
                let parsed = Request::parse(&bytes[..end]).map(drop);
                let in_syntax = matches!(parsed, Ok(()) | Err(Header | StartLine | Version));
                prop_assert!(in_syntax, "{parsed:?}");
            }
            _ => prop_assert!(Request::parse(&bytes[..]).is_err()),
        }
    }

    #[test]
    fn more_after_the_version_is_a_malformed_request_line(more in "[!-~][ -~]{0,9}") {
        let head = format!("GET / HTTP/1.1 {more}\r\n\r\n");
        prop_assert_eq!(Request::parse(head.as_bytes()).map(drop), Err(HeadError::StartLine));
    }

    #[test]
    fn the_headers_are_the_lines_of_the_head(bytes in fragments()) {
        if let Ok(request) = Request::parse(&bytes[..]) {
            let text = bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
            let (line, rest) = text.split_once("\r\n").unwrap();
            prop_assert_eq!(Some(request.method()), line.split(' ').next());
            let lines: Vec<_> = rest.split("\r\n").filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(request.headers().count(), lines.len());
            for ((name, value), line) in request.headers().zip(lines) {
                let (expected_name, expected_value) = line.split_once(':').unwrap();
                prop_assert_eq!(name, expected_name);
                let value = value.iter().map(|byte| char::from(*byte)).collect::<String>();
                prop_assert_eq!(value, expected_value.trim_matches([' ', '\t']));
            }
        }
    }

    #[test]
    fn an_accepted_handshake_reads_back(
        nonce: [u8; 16],
        subprotocols in prop::collection::btree_set(token(), 1..5),
        chosen: prop::sample::Index,
        extension in token(),
        asked in headers(),
        told in headers(),
    ) {
        let subprotocols: Vec<_> = subprotocols.iter().map(String::as_str).collect();
        let (asked, told) = (borrowed(&asked), borrowed(&told));
        let client = ClientRequest::new("a.example:8006", "/chat?a=b", nonce)
            .subprotocols(&subprotocols)
            .extensions(&extension)
            .headers(&asked);
        let mut out = [0; 2048];
        let length = client.write(&mut out).unwrap();
        prop_assert!(is_head(&out[..length]));
        let request = Request::parse(&out[..length]).unwrap();
        prop_assert!(request.subprotocols().eq(subprotocols.iter().copied()));
        prop_assert!(own(request.headers()).eq(asked.iter().copied()));

        let upgrade = request.upgrade().unwrap();
        let chosen = subprotocols[chosen.index(subprotocols.len())];
        let accept =
            Accept::new(&upgrade).subprotocol(chosen).extensions(&extension).headers(&told);
        let mut out = [0; 2048];
        let length = accept.write(&mut out).unwrap();
        prop_assert!(is_head(&out[..length]));
        let response = Response::parse(&out[..length]).unwrap();
        prop_assert_eq!(client.verify(&response).unwrap().subprotocol(), Some(chosen));
        prop_assert!(own(response.headers()).eq(told.iter().copied()));
    }

    #[test]
    fn a_rejection_reads_back(
        status in 200..=599_u16,
        headers in headers(),
        body in vec(any::<u8>(), 0..100),
    ) {
        let body = if matches!(status, 204 | 205 | 304) { Vec::new() } else { body };
        let headers = borrowed(&headers);
        let mut out = [0; 2048];
        let length = PlainResponse::new(status).headers(&headers).body(&body).write(&mut out).unwrap();
        let (head, written) = out[..length].split_at(length - body.len());
        prop_assert_eq!(written, &body[..]);
        let response = Response::parse(head).unwrap();
        prop_assert_eq!(response.status(), status);
        prop_assert!(own(response.headers()).eq(headers.iter().copied()));
    }

    #[test]
    fn no_header_splits_an_answer(name in any::<Vec<u8>>(), value in anything()) {
        let name = String::from_utf8_lossy(&name);
        let headers = [(&*name, &value[..])];
        let mut out = [0; 8192];
        if let Ok(length) = PlainResponse::new(400).headers(&headers).write(&mut out) {
            let response = Response::parse(&out[..length]).unwrap();
            prop_assert_eq!(response.headers().count(), 3);
        }
    }
}
