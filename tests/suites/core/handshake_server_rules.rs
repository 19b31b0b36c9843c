//! The rules for a client's opening handshake, and the refusal of any other (RFC 6455 section
//! 4.2.1).

use websocket_listener_core::handshake::{RequestKind, UpgradeError};

use crate::handshake_samples::{ACCEPT, KEY, REQUIRED, head, parse, request_with, upgrade};

fn refusal(name: &str, values: &[&str]) -> Option<UpgradeError> {
    upgrade(&request_with(name, values)).err()
}

/// RFC 6455 section 1.3.
#[test]
fn the_sample_handshake_has_the_sample_accept_value() {
    let head = head(
        "GET /chat HTTP/1.1",
        &[
            ("Host", "server.example.com"),
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", KEY),
            ("Origin", "http://example.com"),
            ("Sec-WebSocket-Protocol", "chat, superchat"),
            ("Sec-WebSocket-Version", "13"),
        ],
    );
    assert_eq!(upgrade(&head).unwrap().accept_value(), ACCEPT);
}

/// Item 1: "An HTTP/1.1 or higher GET request".
#[test]
fn the_method_is_get() {
    for method in ["POST", "HEAD", "CONNECT", "OPTIONS", "get", "GETX"] {
        let head = head(&format!("{method} /chat HTTP/1.1"), &REQUIRED);
        assert_eq!(upgrade(&head), Err(UpgradeError::Method), "{method}");
    }
    assert_eq!(UpgradeError::Method.status(), 405);
}

/// Item 1.
#[test]
fn http_1_0_is_refused() {
    let head = head("GET /chat HTTP/1.0", &REQUIRED);
    assert_eq!(upgrade(&head), Err(UpgradeError::HttpVersion));
    assert_eq!(UpgradeError::HttpVersion.status(), 400);
}

/// Item 1, and section 3: a resource name, or an absolute HTTP URI, without fragment.
#[test]
fn the_target_names_a_resource() {
    for target in
        ["/", "/chat?a=b", "http://server.example.com/chat", "HTTPS://a:443", "ws://a/b?c"]
    {
        assert!(upgrade(&head(&format!("GET {target} HTTP/1.1"), &REQUIRED)).is_ok(), "{target}");
    }
    for target in [
        "*",
        "a:443",
        "chat",
        "?a",
        "/chat#a",
        "http:///chat",
        "ftp://a/b",
        "http://a/#b",
        "/\u{e9}",
    ] {
        let head = head(&format!("GET {target} HTTP/1.1"), &REQUIRED);
        assert_eq!(upgrade(&head), Err(UpgradeError::Target), "{target}");
    }
}

/// Item 2, and RFC 9112 section 3.2.
#[test]
fn exactly_one_valid_host_is_needed() {
    for values in
        [&[][..], &["a", "a"], &[""], &["a b"], &["a/b"], &["u@a"], &["a\"b"], &["\u{e9}"]]
    {
        assert_eq!(refusal("Host", values), Some(UpgradeError::Host), "{values:?}");
    }
    for host in ["a", "server.example.com:8006", "127.0.0.1", "[::1]:8006"] {
        assert_eq!(refusal("Host", &[host]), None);
    }
    assert_eq!(UpgradeError::Host.status(), 400);
}

/// Item 3: "the value "websocket", treated as an ASCII case-insensitive value".
#[test]
fn upgrade_lists_websocket_in_any_case() {
    for values in [
        &["WebSocket"][..],
        &["WEBSOCKET"],
        &["h2c, websocket"],
        &["h2c", "websocket"],
        &[",websocket,"],
    ] {
        assert_eq!(refusal("Upgrade", values), None, "{values:?}");
    }
    for values in [&[][..], &[""], &["websockets"], &["web socket"], &["h2c"], &["\"websocket\""]] {
        assert_eq!(refusal("Upgrade", values), Some(UpgradeError::Upgrade), "{values:?}");
    }
    assert_eq!(UpgradeError::Upgrade.status(), 400);
}

#[test]
fn a_request_asks_for_a_websocket_by_its_upgrade_header_alone() {
    let asks = |values| parse(&request_with("Upgrade", values)).unwrap().is_upgrade();
    assert!(asks(&["h2c, WebSocket"]));
    assert!(!asks(&["h2c"]));
    assert!(!asks(&[]));
    let bare = head("POST / HTTP/1.0", &[("upgrade", "websocket")]);
    assert!(parse(&bare).unwrap().is_upgrade());
}

/// Item 4: "includes the token "Upgrade", treated as an ASCII case-insensitive value".
#[test]
fn connection_lists_upgrade_in_any_case_and_order() {
    for values in [
        &["upgrade"][..],
        &["keep-alive, Upgrade"],
        &["UPGRADE,keep-alive"],
        &["keep-alive", "Upgrade"],
        &["Upgrade", "close"],
        &["a,\tUpgrade ,b"],
    ] {
        assert_eq!(refusal("Connection", values), None, "{values:?}");
    }
    for values in [&[][..], &[""], &["keep-alive"], &["Upgraded"], &["keep-alive Upgrade"]] {
        assert_eq!(refusal("Connection", values), Some(UpgradeError::Connection), "{values:?}");
    }
    assert_eq!(UpgradeError::Connection.status(), 400);
}

/// Item 5: "a base64-encoded value that, when decoded, is 16 bytes in length".
#[test]
fn the_key_is_sixteen_bytes_in_base64() {
    for key in [
        "",
        "x",
        "AQIDBAUGBwgJCgsMDQ4P",
        "AQIDBAUGBwgJCgsMDQ4PEC0=",
        "AQIDBAUGBwgJCgsMDQ4PECEi",
        "AQIDBAUGBwgJCgsMDQ4PECAwQA==",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ===",
        "dGhlIHNhbXBsZSBub25jZQ==a",
        "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBs ZSBub25jZQ==",
        "dGhlIHNhbXBsZSBub2-_ZQ==",
        "========================",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
        "\"dGhlIHNhbXBsZSBub25jZQ==\"",
    ] {
        assert_eq!(refusal("Sec-WebSocket-Key", &[key]), Some(UpgradeError::Key), "{key}");
    }
    assert_eq!(UpgradeError::Key.status(), 400);
}

/// RFC 4648 section 3.5 leaves it to the decoder, and the key in the example of RFC 6455 section 4.1
/// has a one among them.
#[test]
fn the_bits_of_a_key_that_encode_nothing_may_be_anything() {
    let example = "AQIDBAUGBwgJCgsMDQ4PEC==";
    let head = request_with("Sec-WebSocket-Key", &[example]);
    assert_eq!(upgrade(&head).unwrap().accept_value(), "OfS0wDaT5NoxF2gqm7Zj2YtetzM=");
    for last in ["R==", "Z==", "f=="] {
        let key = KEY.replace("Q==", last);
        assert_eq!(refusal("Sec-WebSocket-Key", &[&key]), None, "{key}");
    }
}

/// RFC 6455 section 11.3.1: it "MUST NOT appear more than once".
#[test]
fn the_key_stands_once() {
    assert_eq!(refusal("Sec-WebSocket-Key", &[]), Some(UpgradeError::Key));
    assert_eq!(refusal("Sec-WebSocket-Key", &[KEY, KEY]), Some(UpgradeError::Key));
    assert_eq!(refusal("Sec-WebSocket-Key", &[&"a".repeat(7000)]), Some(UpgradeError::Key));
}

/// Section 4.2.2 item 5.4 ignores the white space around the key.
#[test]
fn white_space_around_the_key_is_not_part_of_it() {
    let head = request_with("Sec-WebSocket-Key", &[&format!("  {KEY}\t ")]);
    assert_eq!(upgrade(&head).unwrap().accept_value(), ACCEPT);
}

/// Item 6, and section 4.4.
#[test]
fn the_version_is_13() {
    for values in
        [&[][..], &[""], &["8"], &["7"], &["14"], &["0"], &["130"], &["013"], &["13, 8"], &["x"]]
    {
        assert_eq!(
            refusal("Sec-WebSocket-Version", values),
            Some(UpgradeError::Version),
            "{values:?}"
        );
    }
    assert_eq!(UpgradeError::Version.status(), 426);
}

/// Section 4.4: another version may have other rules for its key, so the version is judged first.
#[test]
fn another_version_is_told_ours_even_with_a_bad_key() {
    let mut headers = REQUIRED.to_vec();
    headers.retain(|(name, _)| *name != "Sec-WebSocket-Key" && *name != "Sec-WebSocket-Version");
    headers.push(("Sec-WebSocket-Version", "25"));
    assert_eq!(upgrade(&head("GET / HTTP/1.1", &headers)), Err(UpgradeError::Version));
}

/// RFC 6455 section 11.3.5: it "MUST NOT appear more than once in an HTTP request".
#[test]
fn the_version_stands_once() {
    let error = refusal("Sec-WebSocket-Version", &["13", "13"]);
    assert_eq!(error, Some(UpgradeError::RepeatedVersion));
    assert_eq!(UpgradeError::RepeatedVersion.status(), 400);
}

/// A proxy that believes in a body would see frames as one, or frames in one.
#[test]
fn an_upgrade_has_no_body() {
    for (name, values) in [
        ("Content-Length", &["5"][..]),
        ("content-length", &["0", "5"]),
        ("Content-Length", &["5", "0"]),
        ("Content-Length", &["0, 5"]),
        ("Content-Length", &["+0"]),
        ("Transfer-Encoding", &["chunked"]),
        ("Transfer-Encoding", &["0"]),
    ] {
        assert_eq!(refusal(name, values), Some(UpgradeError::Body), "{name}");
    }
    assert_eq!(refusal("Content-Length", &["0"]), None);
    assert_eq!(UpgradeError::Body.status(), 400);
}

/// Item 7 and the end of item 10: what the server does not know it ignores.
#[test]
fn unknown_headers_are_ignored() {
    assert_eq!(refusal("Sec-WebSocket-Something", &["x", "y"]), None);
    assert_eq!(refusal("Cookie", &["a=b; c=\"d"]), None);
    assert_eq!(refusal("Origin", &["null"]), None);
}

#[test]
fn header_names_are_compared_without_case() {
    let shouted: Vec<_> =
        REQUIRED.iter().map(|(name, value)| (name.to_uppercase(), *value)).collect();
    let headers: Vec<_> = shouted.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert!(upgrade(&head("GET /chat HTTP/1.1", &headers)).is_ok());
}

#[test]
fn every_refusal_says_why_in_one_line() {
    for error in
        [UpgradeError::Method, UpgradeError::Key, UpgradeError::Version, UpgradeError::Body]
    {
        assert!(!error.message().is_empty() && !error.message().contains('\n'));
        assert!(!error.to_string().is_empty());
    }
}

/// Found in tokio-websockets 0.13.3: this was upgraded.
#[test]
fn post_http_1_0_without_host_and_with_key_x_is_refused() {
    let head = head(
        "POST / HTTP/1.0",
        &[
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Key", "x"),
            ("Sec-WebSocket-Version", "13"),
        ],
    );
    assert!(upgrade(&head).is_err());
}

/// A faulty opening handshake is never plain HTTP, and plain HTTP names its server (RFC 9112 section
/// 3.2).
#[test]
fn requests_are_opening_handshakes_or_plain_http_or_faulty() {
    let kind = |head: &str| {
        let request = parse(head).unwrap();
        request.classify(request.upgrade().map(drop))
    };
    assert_eq!(kind(&head("GET / HTTP/1.1", &REQUIRED)), Ok(RequestKind::WebSocket(())));
    let no_upgrade = RequestKind::Http(UpgradeError::Upgrade);
    assert_eq!(kind("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Ok(no_upgrade));
    assert_eq!(
        kind("POST / HTTP/1.1\r\nHost: a\r\n\r\n"),
        Ok(RequestKind::Http(UpgradeError::Method))
    );
    assert_eq!(kind("GET / HTTP/1.1\r\n\r\n"), Err(UpgradeError::Host));
    assert_eq!(kind("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), Err(UpgradeError::Host));
    assert_eq!(kind(&request_with("Sec-WebSocket-Key", &[])), Err(UpgradeError::Key));
    assert_eq!(kind(&request_with("Connection", &[])), Err(UpgradeError::Connection));
}
