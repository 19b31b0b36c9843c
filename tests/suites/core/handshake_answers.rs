//! The answer of a server (RFC 6455 sections 4.2.2 and 4.4), which no header value can split.

use websocket_listener_core::handshake::{
    Accept, HeadError, PlainResponse, ResponseError, Upgrade, UpgradeError, reason_phrase,
};

use crate::handshake_samples::{accept_text, parse_response, reject_text, request_with, upgrade};

type Headers<'a> = &'a [(&'a str, &'a [u8])];

/// Names and values that would end a line, or are no header.
const INJECTIONS: [(&str, &[u8]); 12] = [
    ("A", b"b\r\nSet-Cookie: c"),
    ("A", b"b\r\n\r\nbody"),
    ("A", b"b\nc"),
    ("A", b"b\rc"),
    ("A", b"b\0c"),
    ("A", b"b\x7f"),
    ("A", b"\x1b[2J"),
    ("", b"b"),
    ("A b", b"c"),
    ("A:", b"b"),
    ("A\r\nB", b"c"),
    ("\u{e9}", b"b"),
];

fn sample() -> Upgrade {
    upgrade(&request_with("", &[])).unwrap()
}

fn write(accept: &Accept<'_>) -> Result<usize, ResponseError> {
    accept.write(&mut [0; 1024])
}

/// Section 4.2.2 item 5: the lines, in this order, and nothing else.
#[test]
fn the_sample_is_answered_with_101() {
    assert_eq!(
        accept_text(&Accept::new(&sample())),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
}

/// Section 4.2.2 items 5.5 and 5.6, and RFC 9110 section 8.6: no Content-Length with 101.
#[test]
fn subprotocol_extensions_and_headers_are_written() {
    let headers: Headers<'_> = &[("Set-Cookie", b"a=b"), ("Set-Cookie", b"c=\xff")];
    let upgrade = sample();
    let accept = Accept::new(&upgrade).subprotocol("chat").extensions("a; b=1, c").headers(headers);
    let mut out = [0; 1024];
    let length = accept.write(&mut out).unwrap();
    let response = websocket_listener_core::handshake::Response::parse(&out[..length]).unwrap();
    assert_eq!(response.header_str("Sec-WebSocket-Protocol"), Some("chat"));
    assert_eq!(response.header_str("Sec-WebSocket-Extensions"), Some("a; b=1, c"));
    assert!(response.header_values("set-cookie").eq([&b"a=b"[..], b"c=\xff"]));
    assert_eq!(response.header("Content-Length"), None);
}

#[test]
fn an_acceptance_that_does_not_fit_leaves_the_buffer_unchanged() {
    let accept = Accept::new(&sample());
    let needed = accept_text(&accept).len();
    for length in 0..needed {
        let mut out = vec![0xaa; length];
        assert_eq!(accept.write(&mut out), Err(ResponseError::BufferTooSmall { needed }));
        assert!(out.iter().all(|byte| *byte == 0xaa));
    }
    let mut out = vec![0xaa; needed + 1];
    assert_eq!(accept.write(&mut out), Ok(needed));
    assert_eq!(out[needed], 0xaa);
}

#[test]
fn an_acceptance_cannot_be_split() {
    for injection in INJECTIONS {
        let headers = [("Server", &b"x"[..]), injection];
        let upgrade = sample();
        let accept = Accept::new(&upgrade).headers(&headers);
        assert_eq!(write(&accept), Err(ResponseError::InvalidHeader), "{injection:?}");
    }
    for subprotocol in ["", "a b", "a,b", "a\r\nB: c", "a\n", "\u{e9}"] {
        let accept = Accept::new(&sample()).subprotocol(subprotocol);
        assert_eq!(write(&accept), Err(ResponseError::InvalidSubprotocol), "{subprotocol:?}");
    }
    for extensions in
        ["", " ", ",", "a b", "a;", "a\r\nB: c", "a,\r\nb", "a;\r\n b", "a\r\n", "a\x0b"]
    {
        let accept = Accept::new(&sample()).extensions(extensions);
        assert_eq!(write(&accept), Err(ResponseError::InvalidExtensions), "{extensions:?}");
    }
}

#[test]
fn an_acceptance_cannot_contradict_itself() {
    for name in [
        "Upgrade",
        "connection",
        "Content-Length",
        "Transfer-Encoding",
        "Sec-WebSocket-Accept",
        "sec-websocket-protocol",
        "Sec-WebSocket-Extensions",
    ] {
        let headers: Headers<'_> = &[(name, b"x")];
        let upgrade = sample();
        let accept = Accept::new(&upgrade).headers(headers);
        assert_eq!(write(&accept), Err(ResponseError::ReservedHeader), "{name}");
    }
}

/// Section 4.4: "one or more |Sec-WebSocket-Version| header fields indicating versions the server
/// is capable of".
#[test]
fn another_version_is_answered_with_ours() {
    assert_eq!(
        reject_text(&UpgradeError::Version.into()),
        "HTTP/1.1 426 Upgrade Required\r\nConnection: close, Upgrade\r\nContent-Length: 47\r\n\
         Sec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nContent-Type: text/plain\r\n\r\n\
         The header Sec-WebSocket-Version: 13 is needed."
    );
}

/// RFC 9110 section 15.5.6.
#[test]
fn another_method_is_told_which_one_is_allowed() {
    let text = reject_text(&UpgradeError::Method.into());
    assert!(text.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    assert!(text.contains("\r\nAllow: GET\r\n"));
}

/// Section 4.2.1: "an appropriate HTTP error code (such as 400 Bad Request)".
#[test]
fn every_error_becomes_an_answer_in_one_line() {
    let answers = [
        (PlainResponse::from(UpgradeError::Key), 400, UpgradeError::Key.message()),
        (PlainResponse::from(HeadError::TooLarge), 431, HeadError::TooLarge.message()),
        (HeadError::NotHttp.into(), 400, "This is not HTTP."),
        (PlainResponse::from(HeadError::Version), 505, HeadError::Version.message()),
    ];
    for (reject, status, message) in answers {
        assert_eq!(reject.status(), status);
        let text = reject_text(&reject);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, message);
        let head = format!("{head}\r\n\r\n");
        let response = parse_response(&head);
        assert_eq!((response.status(), response.reason()), (status, reason_phrase(status)));
        assert_eq!(response.header_str("Connection"), Some("close"));
        assert_eq!(response.header_str("Content-Type"), Some("text/plain"));
        assert_eq!(response.header_str("Content-Length"), Some(&*body.len().to_string()));
    }
}

#[test]
fn a_page_is_a_valid_answer() {
    let page = PlainResponse::new(200).headers(&[("Content-Type", b"text/html")]).body(b"<p>Hello");
    assert_eq!(
        reject_text(&page),
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\nContent-Type: text/html\r\n\r\n<p>Hello"
    );
    let mut head = [0; 256];
    let length = page.write_head(&mut head).unwrap();
    assert_eq!(length, reject_text(&page).len() - 8);
    assert!(head[..length].ends_with(b"\r\n\r\n"));
}

#[test]
fn the_length_of_any_body_is_written() {
    for length in [0, 1, 9, 10, 99, 100, 12_345, 1_000_000] {
        let body = vec![b'a'; length];
        let mut head = [0; 256];
        let end = PlainResponse::new(200).body(&body).write_head(&mut head).unwrap();
        let text = str::from_utf8(&head[..end]).unwrap();
        assert!(text.contains(&format!("\r\nContent-Length: {length}\r\n")), "{text}");
    }
}

/// RFC 9110 sections 8.6, 15.3.5, 15.3.6 and 15.4.5.
#[test]
fn a_status_without_body_has_none() {
    for status in [204, 205, 304] {
        let body = PlainResponse::new(status).body(b"x");
        assert_eq!(body.write(&mut [0; 256]), Err(ResponseError::UnexpectedBody));
    }
    assert!(!reject_text(&PlainResponse::new(204)).contains("Content-Length"));
    assert!(reject_text(&PlainResponse::new(205)).contains("Content-Length: 0"));
}

#[test]
fn only_final_statuses_can_be_written() {
    for status in [0, 99, 100, 101, 199, 600, 1000, u16::MAX] {
        let answer = PlainResponse::new(status).write(&mut [0; 256]);
        assert_eq!(answer, Err(ResponseError::InvalidStatus), "{status}");
    }
    assert!(reject_text(&PlainResponse::new(599)).starts_with("HTTP/1.1 599 \r\n"));
}

#[test]
fn a_rejection_cannot_be_split() {
    for injection in INJECTIONS {
        let headers = [injection];
        let reject = PlainResponse::new(400).headers(&headers);
        assert_eq!(reject.write(&mut [0; 256]), Err(ResponseError::InvalidHeader), "{injection:?}");
        assert_eq!(reject.write_head(&mut [0; 256]), Err(ResponseError::InvalidHeader));
    }
    for name in ["Connection", "content-length", "Transfer-Encoding"] {
        let headers: Headers<'_> = &[(name, b"0")];
        let reject = PlainResponse::new(400).headers(headers);
        assert_eq!(reject.write(&mut [0; 256]), Err(ResponseError::ReservedHeader), "{name}");
    }
}

#[test]
fn a_rejection_that_does_not_fit_leaves_the_buffer_unchanged() {
    let reject = PlainResponse::from(UpgradeError::Key);
    let needed = reject_text(&reject).len();
    let mut out = vec![0xaa; needed - 1];
    assert_eq!(reject.write(&mut out), Err(ResponseError::BufferTooSmall { needed }));
    assert!(out.iter().all(|byte| *byte == 0xaa));
    assert_eq!(reject.write(&mut vec![0; needed]), Ok(needed));
}
