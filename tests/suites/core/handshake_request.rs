//! A request is read from its bytes, in place (RFC 9112 sections 2, 3 and 5).

use websocket_listener_core::handshake::{HeadError, MAX_HEAD_BYTES, Request};

use crate::handshake_samples::{head, parse};

fn refusal(head: &str) -> HeadError {
    parse(head).unwrap_err()
}

#[test]
fn method_target_version_and_headers_are_borrowed_unchanged() {
    let head = "GET /a/%20b?c=d?e HTTP/1.1\r\nHost: x\r\nX-Empty:\r\nx-pad:\t  y z \t\r\nHOST: second\r\n\r\n";
    let request = parse(head).unwrap();
    assert_eq!(request.head(), head.as_bytes());
    assert_eq!(request.method(), "GET");
    assert_eq!(request.target(), "/a/%20b?c=d?e");
    assert_eq!(request.path(), "/a/%20b");
    assert_eq!(request.query(), Some("c=d?e"));
    assert_eq!(request.version(), 1);
    assert!(request.headers().eq([
        ("Host", &b"x"[..]),
        ("X-Empty", b""),
        ("x-pad", b"y z"),
        ("HOST", b"second"),
    ]));
    assert_eq!(request.header("host"), Some(&b"x"[..]));
    assert!(request.header_values("Host").eq([&b"x"[..], b"second"]));
    assert_eq!(request.header("x-empty"), Some(&b""[..]));
    assert_eq!(request.header("X"), None);
}

#[test]
fn a_value_need_not_be_text() {
    let request = Request::parse(b"GET / HTTP/1.1\r\nA: \xff\r\nB: \xc3\xa9\r\n\r\n").unwrap();
    assert_eq!(request.header("a"), Some(&b"\xff"[..]));
    assert_eq!(request.header_str("a"), None);
    assert_eq!(request.header_str("b"), Some("é"));
}

#[test]
fn a_value_may_hold_colons() {
    let request = parse("GET / HTTP/1.1\r\nHost: [::1]:8006\r\n\r\n").unwrap();
    assert_eq!(request.header_str("Host"), Some("[::1]:8006"));
}

#[test]
fn http_1_0_is_read_for_plain_http_to_answer() {
    assert_eq!(parse("GET / HTTP/1.0\r\n\r\n").unwrap().version(), 0);
}

/// RFC 9112 section 3.2.
#[test]
fn every_form_of_target_has_a_path() {
    let cases = [
        ("/", "/", None),
        ("/chat?", "/chat", Some("")),
        ("//double/slash", "//double/slash", None),
        ("/a://b?c", "/a://b", Some("c")),
        ("http://example.com", "/", None),
        ("http://example.com?a=/b", "/", Some("a=/b")),
        ("http://example.com:80/chat?a=b", "/chat", Some("a=b")),
        ("*", "*", None),
        ("example.com:443", "example.com:443", None),
    ];
    for (target, path, query) in cases {
        let head = head(&format!("GET {target} HTTP/1.1"), &[]);
        let request = parse(&head).unwrap();
        assert_eq!((request.target(), request.path(), request.query()), (target, path, query));
    }
}

#[test]
fn a_request_can_change_its_storage() {
    let head = head("GET /chat HTTP/1.1", &[("Host", "a")]);
    let owned = parse(&head).unwrap().map_head(Box::<[u8]>::from);
    drop(head);
    assert_eq!((owned.path(), owned.header("Host")), ("/chat", Some(&b"a"[..])));
}

#[test]
fn other_bytes_in_the_storage_are_meaningless_but_harmless() {
    let request = parse("GET /chat HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    for other in [&b""[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"GET /c\r\n: \r\n\n:"]
    {
        let request = request.map_head(|_| other);
        let _ = (request.method(), request.path(), request.query(), request.upgrade());
        assert!(request.headers().count() <= 2);
    }
}

#[test]
fn debug_output_hides_credentials() {
    let request = parse("GET /chat HTTP/1.1\r\nAuthorization: Basic c2VjcmV0\r\n\r\n").unwrap();
    assert_eq!(
        format!("{request:?}"),
        r#"Request { method: "GET", target: "/chat", version: 1, .. }"#
    );
}

#[test]
fn input_that_is_not_a_request_is_refused() {
    for (head, error) in [
        ("", HeadError::Incomplete),
        ("GET / HTTP/1.1\r\nHost: a\r\n", HeadError::Incomplete),
        ("GET / HTTP/1.1\r\n\r\nx", HeadError::TrailingBytes),
        ("GET / HTTP/1.1\n\n", HeadError::LineEnd),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", HeadError::LineEnd),
        ("\r\nGET / HTTP/1.1\r\n\r\n", HeadError::LineEnd),
        ("\nGET / HTTP/1.1\r\n\r\n", HeadError::LineEnd),
        ("GET  / HTTP/1.1\r\n\r\n", HeadError::StartLine),
        ("GET /a b HTTP/1.1\r\n\r\n", HeadError::Version),
        (" GET / HTTP/1.1\r\n\r\n", HeadError::StartLine),
        ("GE\u{0}T / HTTP/1.1\r\n\r\n", HeadError::StartLine),
        ("GET /\r\n\r\n", HeadError::StartLine),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", HeadError::StartLine),
        ("GET / HTTP/2.0\r\n\r\n", HeadError::Version),
        ("PRI * HTTP/2.0\r\n\r\n", HeadError::Version),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", HeadError::Header),
        ("GET / HTTP/1.1\r\n: a\r\n\r\n", HeadError::Header),
        ("GET / HTTP/1.1\r\nHost\r\n\r\n", HeadError::Header),
        ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", HeadError::Header),
        ("GET / HTTP/1.1\r\nA: \u{0}\r\n\r\n", HeadError::Header),
    ] {
        assert_eq!(refusal(head), error, "{head:?}");
    }
}

#[test]
fn each_refusal_has_its_proper_status() {
    assert_eq!(HeadError::Version.status(), 505);
    assert_eq!(HeadError::TooLarge.status(), 431);
    assert_eq!(HeadError::TooManyHeaders.status(), 431);
    assert_eq!(HeadError::Header.status(), 400);
}

#[test]
fn sixty_four_headers_are_read_and_sixty_five_refused() {
    let headers = |count| head("GET / HTTP/1.1", &vec![("A", "a"); count]);
    assert_eq!(parse(&headers(64)).unwrap().headers().count(), 64);
    assert_eq!(refusal(&headers(65)), HeadError::TooManyHeaders);
}

#[test]
fn a_head_beyond_sixteen_bits_is_refused() {
    let of = |length: usize| {
        let frame = head("GET / HTTP/1.1", &[("A", "")]).len();
        head("GET / HTTP/1.1", &[("A", &"a".repeat(length - frame))])
    };
    assert_eq!(parse(&of(MAX_HEAD_BYTES)).unwrap().header("A").unwrap().len(), 65_535 - 23);
    assert_eq!(refusal(&of(MAX_HEAD_BYTES + 1)), HeadError::TooLarge);
}

#[test]
fn a_request_costs_eight_bytes_beside_its_head() {
    assert_eq!(size_of::<Request<[u8; 0]>>(), 8);
}
