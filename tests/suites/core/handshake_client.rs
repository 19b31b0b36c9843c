//! The request of a client, and the responses that it accepts (RFC 6455 section 4.1).

use websocket_listener_core::handshake::{
    ClientRequest, ClientRequestError, HeadError, HeadLimits, HeadScanner, MAX_INTERIM_RESPONSES,
    Response, ResponseScanner, ScannedResponse, VerifyError,
};

use crate::handshake_samples::{ACCEPT, NONCE, parse, parse_response, response_with};

fn request() -> ClientRequest<'static> {
    ClientRequest::new("server.example.com", "/chat", NONCE)
}

fn text(request: &ClientRequest<'_>) -> Result<String, ClientRequestError> {
    let mut out = [0; 1024];
    let length = request.write(&mut out)?;
    Ok(String::from_utf8(out[..length].to_vec()).unwrap())
}

fn refusal(request: &ClientRequest<'_>, name: &str, values: &[&str]) -> Option<VerifyError> {
    request.verify(&parse_response(&response_with(name, values))).err()
}

/// Items 1 to 9 of the requirements.
#[test]
fn the_request_meets_every_requirement_of_an_opening_handshake() {
    assert_eq!(
        text(&request()).unwrap(),
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
}

/// Items 10 to 12.
#[test]
fn subprotocols_extensions_and_headers_are_offered() {
    let request = request()
        .subprotocols(&["chat", "superchat"])
        .extensions("permessage-deflate; client_max_window_bits")
        .headers(&[("Origin", b"http://example.com"), ("Cookie", b"a=b")]);
    let head = text(&request).unwrap();
    let read = parse(&head).unwrap();
    assert!(read.upgrade().is_ok());
    assert!(read.subprotocols().eq(["chat", "superchat"]));
    assert_eq!(read.extensions().next().unwrap().name(), "permessage-deflate");
    assert_eq!(read.header_str("Origin"), Some("http://example.com"));
    assert_eq!(read.header_str("Cookie"), Some("a=b"));
}

#[test]
fn an_invalid_host_is_not_sent() {
    for host in ["", "a b", "a/b", "a\r\nB: c", "u@a", "\u{e9}"] {
        let request = ClientRequest::new(host, "/", NONCE);
        assert_eq!(text(&request), Err(ClientRequestError::InvalidHost), "{host:?}");
    }
    assert!(text(&ClientRequest::new("[::1]:8006", "/", NONCE)).is_ok());
}

/// Section 3: no fragment, and a path that is never empty.
#[test]
fn a_target_that_is_not_a_resource_name_is_not_sent() {
    for target in ["", "chat", "?a", "/a b", "/a#b", "/a\r\nB: c", "/\u{e9}", "/\0", "http://a/b"] {
        let request = ClientRequest::new("a", target, NONCE);
        assert_eq!(text(&request), Err(ClientRequestError::InvalidTarget), "{target:?}");
    }
}

/// Item 10: tokens, and "all unique strings".
#[test]
fn subprotocols_that_are_not_unique_tokens_are_not_sent() {
    for subprotocols in [&[""][..], &["a", "b c"], &["a,b"], &["a\r\nB: c"], &["a", "b", "a"]] {
        let request = request().subprotocols(subprotocols);
        assert_eq!(text(&request), Err(ClientRequestError::InvalidSubprotocol), "{subprotocols:?}");
    }
}

#[test]
fn malformed_extensions_are_not_sent() {
    for extensions in ["", "a;", "a b", "a,\r\nb", "a\r\nB: c"] {
        let request = request().extensions(extensions);
        assert_eq!(text(&request), Err(ClientRequestError::InvalidExtensions), "{extensions:?}");
    }
}

#[test]
fn a_request_cannot_be_split() {
    for header in [
        ("A", &b"b\r\nC: d"[..]),
        ("A", b"b\n"),
        ("A", b"\0"),
        ("", b"b"),
        ("A:B", b"c"),
        ("A\r", b"b"),
    ] {
        let headers = [header];
        let request = request().headers(&headers);
        assert_eq!(text(&request), Err(ClientRequestError::InvalidHeader), "{header:?}");
    }
}

#[test]
fn a_request_cannot_contradict_itself() {
    for name in [
        "host",
        "Upgrade",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "sec-websocket-key",
    ] {
        let headers = [(name, &b"a"[..])];
        let request = request().headers(&headers);
        assert_eq!(text(&request), Err(ClientRequestError::ReservedHeader), "{name}");
    }
}

#[test]
fn a_request_that_does_not_fit_leaves_the_buffer_unchanged() {
    let needed = text(&request()).unwrap().len();
    let mut out = vec![0xaa; needed - 1];
    assert_eq!(request().write(&mut out), Err(ClientRequestError::BufferTooSmall { needed }));
    assert!(out.iter().all(|byte| *byte == 0xaa));
    assert_eq!(request().write(&mut vec![0; needed]), Ok(needed));
}

#[test]
fn the_sample_response_establishes_the_connection() {
    let response = response_with("", &[]);
    let established = request().verify(&parse_response(&response)).unwrap();
    assert_eq!(established.subprotocol(), None);
}

/// Item 1: "If the status code received from the server is not 101".
#[test]
fn another_status_is_plain_http() {
    let response = parse_response("HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n");
    assert_eq!(request().verify(&response), Err(VerifyError::Status(302)));
    assert_eq!(response.header_str("Location"), Some("/b"));
    let response = response_with("", &[]).replace("101", "200");
    assert_eq!(request().verify(&parse_response(&response)), Err(VerifyError::Status(200)));
}

#[test]
fn http_1_0_cannot_switch() {
    let response = response_with("", &[]).replace("HTTP/1.1", "HTTP/1.0");
    assert_eq!(request().verify(&parse_response(&response)), Err(VerifyError::HttpVersion));
}

/// Item 2.
#[test]
fn the_upgrade_is_websocket_alone() {
    assert_eq!(refusal(&request(), "Upgrade", &["WebSocket"]), None);
    for values in [&[][..], &[""], &["h2c"], &["websocket, h2c"], &["websocket", "h2c"]] {
        assert_eq!(
            refusal(&request(), "Upgrade", values),
            Some(VerifyError::Upgrade),
            "{values:?}"
        );
    }
}

/// Item 3.
#[test]
fn the_connection_lists_upgrade() {
    assert_eq!(refusal(&request(), "Connection", &["keep-alive", "x, upgrade"]), None);
    for values in [&[][..], &["close"], &["Upgrade-Insecure"]] {
        assert_eq!(refusal(&request(), "Connection", values), Some(VerifyError::Connection));
    }
}

/// Item 4, and section 11.3.3: "MUST NOT appear more than once".
#[test]
fn the_accept_value_answers_our_key() {
    let swapped = ACCEPT.to_lowercase();
    let long = format!("{ACCEPT}a");
    for values in [&[][..], &[""], &[&*swapped], &[&*long], &[&ACCEPT[..27]], &[ACCEPT, ACCEPT]] {
        let error = refusal(&request(), "Sec-WebSocket-Accept", values);
        assert_eq!(error, Some(VerifyError::Accept), "{values:?}");
    }
    let other = ClientRequest::new("a", "/", [7; 16]);
    assert_eq!(refusal(&other, "", &[]), Some(VerifyError::Accept));
}

/// Item 5.
#[test]
fn an_extension_that_was_not_offered_fails_the_connection() {
    let name = "Sec-WebSocket-Extensions";
    assert_eq!(refusal(&request(), name, &["a"]), Some(VerifyError::Extension));
    let request = request().extensions("a; b, c");
    assert_eq!(refusal(&request, name, &["a; d=1", "c"]), None);
    for value in ["d", "a, d", "A", "a;", "a b", r#"a; b="1\0""#] {
        assert_eq!(refusal(&request, name, &[value]), Some(VerifyError::Extension), "{value}");
    }
}

#[test]
fn the_extensions_in_use_are_read_from_the_response() {
    let head = response_with("Sec-WebSocket-Extensions", &["a; d=1, c"]);
    let response = parse_response(&head);
    assert!(request().extensions("c, a").verify(&response).is_ok());
    assert!(response.extensions().map(|extension| extension.name()).eq(["a", "c"]));
}

/// Item 6, and section 11.3.4: "MUST NOT appear more than once in an HTTP response".
#[test]
fn a_subprotocol_that_was_not_offered_fails_the_connection() {
    let name = "Sec-WebSocket-Protocol";
    assert_eq!(refusal(&request(), name, &["chat"]), Some(VerifyError::Subprotocol));
    let request = request().subprotocols(&["chat", "soap"]);
    for values in [&["wamp"][..], &["Chat"], &[""], &["chat, soap"], &["chat", "chat"]] {
        assert_eq!(refusal(&request, name, values), Some(VerifyError::Subprotocol), "{values:?}");
    }
    let established = request.verify(&parse_response(&response_with(name, &["soap"])));
    assert_eq!(established.unwrap().subprotocol(), Some("soap"));
    assert_eq!(refusal(&request, name, &[]), None);
}

#[test]
fn frames_after_the_response_are_not_part_of_it() {
    let response = response_with("", &[]);
    let bytes = [response.as_bytes(), b"\x81\x02hi"].concat();
    let end = HeadScanner::new(HeadLimits::DEFAULT).scan(&bytes);
    assert_eq!(end, Ok(Some(response.len())));
    assert_eq!(Response::parse(&bytes[..]).unwrap_err(), HeadError::TrailingBytes);
}

#[test]
fn a_response_is_borrowed_unchanged() {
    let response = parse_response("HTTP/1.1 404 No such thing \r\nA: b\r\nA: c, d\r\n\r\n");
    assert_eq!(
        (response.status(), response.reason(), response.version()),
        (404, "No such thing", 1)
    );
    assert!(response.headers().eq([("A", &b"b"[..]), ("A", b"c, d")]));
    assert!(response.header_tokens("a").eq(["b", "c", "d"]));
    assert_eq!(response.header("a"), Some(&b"b"[..]));
    assert_eq!(parse_response("HTTP/1.0 200\r\n\r\n").reason(), "");
    let owned = response.map_head(Vec::from);
    assert_eq!(owned.header_str("A"), Some("b"));
}

#[test]
fn input_that_is_not_a_response_is_refused() {
    for (head, error) in [
        ("", HeadError::Incomplete),
        ("HTTP/1.1 101 X\r\n", HeadError::Incomplete),
        ("HTTP/2.0 101 X\r\n\r\n", HeadError::Version),
        ("SSH-2.0-x\r\n\r\n", HeadError::Version),
        ("HTTP/1.1 1O1 X\r\n\r\n", HeadError::StartLine),
        ("HTTP/1.1 101 X\n\n", HeadError::LineEnd),
        ("\r\nHTTP/1.1 101 X\r\n\r\n", HeadError::LineEnd),
        ("HTTP/1.1 101 X\r\nA : b\r\n\r\n", HeadError::Header),
        ("HTTP/1.1 101 X\r\nA: b\r\n c\r\n\r\n", HeadError::Header),
    ] {
        assert_eq!(Response::parse(head.as_bytes()).unwrap_err(), error, "{head:?}");
    }
    let many = format!("HTTP/1.1 101 X\r\n{}\r\n", "A: b\r\n".repeat(65));
    let error = Response::parse(many.as_bytes()).unwrap_err();
    assert_eq!(error, HeadError::TooManyHeaders);
}

/// RFC 9110 section 15.2.
#[test]
fn interim_responses_are_told_from_the_response_that_counts() {
    for (status, interim) in [(100, true), (102, true), (103, true), (101, false), (200, false)] {
        let head = format!("HTTP/1.1 {status} X\r\n\r\n");
        let scanned = ResponseScanner::new(HeadLimits::DEFAULT).scan(head.as_bytes());
        let expected = match interim {
            true => ScannedResponse::Interim(head.len()),
            false => ScannedResponse::Head(head.len()),
        };
        assert_eq!(scanned, Ok(expected), "{status}");
    }
}

#[test]
fn interim_responses_are_skipped_up_to_their_limit() {
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let mut scanner = ResponseScanner::new(HeadLimits::DEFAULT);
    for _ in 0..MAX_INTERIM_RESPONSES {
        assert_eq!(scanner.scan(&interim[..20]), Ok(ScannedResponse::Incomplete));
        assert_eq!(scanner.scan(interim), Ok(ScannedResponse::Interim(interim.len())));
    }
    let mut full = scanner;
    let response = response_with("", &[]);
    let found = scanner.scan(response.as_bytes());
    assert_eq!(found, Ok(ScannedResponse::Head(response.len())));
    for _ in 0..2 {
        assert_eq!(full.scan(interim), Err(HeadError::TooManyInterim));
    }
}

#[test]
fn each_interim_response_keeps_within_the_limits() {
    let mut scanner = ResponseScanner::new(HeadLimits { bytes: 64, headers: 1 });
    let interim = b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n";
    assert_eq!(scanner.scan(interim), Ok(ScannedResponse::Interim(interim.len())));
    let two_headers = b"HTTP/1.1 100 Continue\r\nA: b\r\nA: b\r\n\r\n";
    assert_eq!(scanner.scan(two_headers), Err(HeadError::TooManyHeaders));
}
