//! Requests that are refused: the status, a body that says why, and the end of the stream.

use crate::peer::{Peer, RawResponse};
use crate::request::{KEY, RawRequest, request};
use crate::target::Target;

async fn refused<T: Target>(target: &T, status: u16, bytes: impl AsRef<[u8]>) -> RawResponse {
    let mut peer = Peer::connect(target).await;
    peer.send(bytes).await;
    peer.refused(status).await
}

async fn all_refused<T: Target>(
    target: &T,
    status: u16,
    requests: impl IntoIterator<Item = RawRequest>,
) {
    for request in requests {
        refused(target, status, request.text()).await;
    }
}

pub async fn input_that_is_not_http_gets_400<T: Target>(target: &T) {
    for bytes in ["\r\n\r\n", "hello\r\n\r\n", " GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n\r\n"] {
        refused(target, 400, bytes).await;
    }
    refused(target, 400, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").await;
}

/// A browser that was told `wss://`.
pub async fn a_tls_hello_gets_400_at_its_first_byte<T: Target>(target: &T) {
    refused(target, 400, [0x16]).await;
    let mut hello = vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03];
    hello.resize(517, 0xaa);
    refused(target, 400, hello).await;
}

pub async fn http_1_0_gets_400<T: Target>(target: &T) {
    refused(target, 400, request().line("GET /echo HTTP/1.0").text()).await;
}

pub async fn a_method_other_than_get_gets_405<T: Target>(target: &T) {
    for method in ["POST", "PUT", "OPTIONS", "get"] {
        let request = request().line(&format!("{method} /echo HTTP/1.1"));
        let response = refused(target, 405, request.text()).await;
        assert_eq!(response.header("Allow"), Some("GET"));
    }
}

/// RFC 9110 section 9.3.2: the answer to HEAD has no content, whatever its `Content-Length`.
pub async fn the_refusal_of_head_has_no_body<T: Target>(target: &T) {
    let upgrade = request().line("HEAD /echo HTTP/1.1");
    for request in [upgrade.clone(), upgrade.without("Upgrade")] {
        let mut peer = Peer::connect(target).await;
        peer.send(request.text()).await;
        let answer = String::from_utf8(peer.rest().await).expect("an answer of text");
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

/// RFC 9112 section 3.2.
pub async fn a_request_without_exactly_one_host_gets_400<T: Target>(target: &T) {
    let good = request();
    let without = good.clone().without("Host");
    let bad = ["", "two words", "a/b", "a@b"].map(|host| good.clone().with("Host", host));
    all_refused(target, 400, bad).await;
    all_refused(target, 400, [without, good.and("Host", "server.example.com")]).await;
}

/// RFC 6455 section 4.2.1 item 5: base64 of 16 bytes.
pub async fn a_bad_key_gets_400<T: Target>(target: &T) {
    let keys = [
        "",
        "x",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZSE=",
        "dGhlIHNhbXBsZSBub25jZQ==x",
        "dGhlIHNhbXBs*SBub25jZQ==",
        "dGhlIHNhbXBsZSBub25j",
    ];
    all_refused(target, 400, keys.map(|key| request().with("Sec-WebSocket-Key", key))).await;
    let without = request().without("Sec-WebSocket-Key");
    all_refused(target, 400, [without, request().and("Sec-WebSocket-Key", KEY)]).await;
}

pub async fn a_missing_or_wrong_upgrade_or_connection_gets_400<T: Target>(target: &T) {
    for name in ["Upgrade", "Connection"] {
        let wrong = ["", "h2c", "websockets", "up", "keep-alive", "\"upgrade, websocket\""];
        all_refused(target, 400, [request().without(name)]).await;
        all_refused(target, 400, wrong.map(|value| request().with(name, value))).await;
    }
}

/// Section 4.4, and RFC 9110 section 15.5.22.
pub async fn another_version_gets_426_with_the_one_spoken<T: Target>(target: &T) {
    for version in ["0", "8", "12", "14", "013", "x", "13, 8"] {
        let request = request().with("Sec-WebSocket-Version", version);
        let response = refused(target, 426, request.text()).await;
        assert_eq!(response.header("Sec-WebSocket-Version"), Some("13"));
    }
    let without = request().without("Sec-WebSocket-Version");
    let response = refused(target, 426, without.text()).await;
    assert_eq!(response.header("Sec-WebSocket-Version"), Some("13"));
}

/// RFC 6585 section 5.
pub async fn a_byte_or_header_over_the_limit_gets_431<T: Target>(target: &T) {
    let limits = target.limits();
    let bytes = request().padded_to_bytes(limits.head_bytes + 1);
    let headers = request().padded_to_headers(limits.headers + 1);
    all_refused(target, 431, [bytes, headers]).await;
}

/// The answer comes at the limit: the line never ends.
pub async fn an_endless_header_line_gets_431_at_the_limit<T: Target>(target: &T) {
    let start = "GET /echo HTTP/1.1\r\nHost: server.example.com\r\nX-Endless: ";
    let endless = start.to_owned() + &"x".repeat(target.limits().head_bytes - start.len());
    refused(target, 431, endless).await;
    refused(target, 431, "GET /".to_owned() + &"x".repeat(target.limits().head_bytes)).await;
    let headers = "a:b\r\n".repeat(target.limits().headers + 1);
    refused(target, 431, format!("GET / HTTP/1.1\r\n{headers}")).await;
}

/// RFC 9112 sections 2.2 and 5.2: what two parsers may understand in two ways.
pub async fn folded_lines_bare_line_feeds_and_nul_get_400<T: Target>(target: &T) {
    let text = request().text();
    let insert = |bytes: &str| text.replacen("\r\nUpgrade", &format!("{bytes}Upgrade"), 1);
    for bad in [
        insert("\r\nX: a\r\n b\r\n"),
        insert("\r\nX: a\r\n\tb\r\n"),
        insert("\nX: a\r\n"),
        insert("\r\nX: a\n"),
        insert("\r\nX: a\rb\r\n"),
        insert("\r\nX: a\0b\r\n"),
        insert("\r\nX\0: a\r\n"),
        insert("\r\nX: a\x0bb\r\n"),
        insert("\r\nX : a\r\n"),
        insert("\r\n: a\r\n"),
        insert("\r\nno colon\r\n"),
        text.replace("\r\n", "\n"),
        text.replacen("/echo", "/ec\0ho", 1),
        text.replacen("GET /echo", "GET  /echo", 1),
        format!("\r\n{text}"),
    ] {
        refused(target, 400, &bad).await;
    }
}

/// A proxy would take for a body what the listener would take for frames.
pub async fn a_body_on_the_upgrade_gets_400<T: Target>(target: &T) {
    for length in ["5", "00", "-0", "x", ""] {
        refused(target, 400, request().and("Content-Length", length).text() + "hello").await;
    }
    let lengths = request().and("Content-Length", "0").and("Content-Length", "5");
    refused(target, 400, lengths.text() + "hello").await;
    for coding in ["chunked", "identity", "gzip, chunked"] {
        let request = request().and("Transfer-Encoding", coding);
        refused(target, 400, request.text() + "5\r\nhello\r\n0\r\n\r\n").await;
    }
}

/// Malformed offers (RFC 6455 sections 4.1 and 9.1).
pub async fn malformed_subprotocols_and_extensions_get_400<T: Target>(target: &T) {
    let offer = |name, value| request().and(name, value);
    let offers = [
        offer("Sec-WebSocket-Protocol", "a b"),
        offer("Sec-WebSocket-Protocol", "chat, \"super\""),
        offer("Sec-WebSocket-Extensions", "a; b="),
        offer("Sec-WebSocket-Extensions", "a b"),
        offer("Sec-WebSocket-Version", "13"),
    ];
    all_refused(target, 400, offers).await;
}

/// A peer that goes on sending still gets to read why it was refused.
pub async fn a_refused_peer_that_keeps_sending_can_read_the_answer<T: Target>(target: &T) {
    let mut peer = Peer::connect(target).await;
    peer.send("GET / HTTP/1.1\r\nbad line\r\n\r\n").await;
    for _ in 0..16 {
        peer.send([b'x'; 512]).await;
    }
    let response = peer.response().await;
    assert_eq!(response.status, 400);
}
