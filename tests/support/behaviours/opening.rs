//! Opening handshakes that succeed (RFC 6455 section 4.2).

use websocket_listener_core::{CloseCode, MessageKind};

use crate::peer::Peer;
use crate::request::request;
use crate::target::Target;
use crate::{Side, binary, close, ping, text};

/// Section 4.2.2.
pub async fn a_good_request_is_answered_with_101<T: Target>(target: &T) {
    let mut peer = Peer::connect(target).await;
    peer.send(request().text()).await;
    let response = peer.upgraded().await;
    assert_eq!(response.header("Sec-WebSocket-Protocol"), None);
    assert_eq!(response.header("Sec-WebSocket-Extensions"), None);
    peer.echo(MessageKind::Text, b"hello").await;
}

/// Section 4.2.1 items 3 and 4; browsers send `keep-alive, Upgrade`.
pub async fn upgrade_and_connection_are_lists_in_any_case_and_order<T: Target>(target: &T) {
    for connection in ["keep-alive, Upgrade", "UPGRADE,Keep-Alive", "a , ,\tupgrade ,b"] {
        for upgrade in ["websocket", "WebSocket", "h2c, WEBSOCKET"] {
            let request = request().with("Connection", connection).with("Upgrade", upgrade);
            let mut peer = Peer::connect(target).await;
            peer.send(request.text()).await;
            peer.upgraded().await;
        }
    }
    let lines = request().with("Connection", "keep-alive").and("Connection", "upgrade");
    let mut peer = Peer::connect(target).await;
    peer.send(lines.text()).await;
    peer.upgraded().await;
}

/// RFC 9110 section 5.1.
pub async fn header_names_have_no_case<T: Target>(target: &T) {
    for cased in [str::to_uppercase, str::to_lowercase] {
        let text = request().text();
        let (line, headers) = text.split_once("\r\n").expect("a first line");
        let names_cased = headers.split("\r\n").map(|header| match header.split_once(": ") {
            Some((name, value)) => format!("{}:{value}\r\n", cased(name)),
            None => String::new(),
        });
        let text = format!("{line}\r\n{}\r\n", names_cased.collect::<String>());
        let mut peer = Peer::connect(target).await;
        peer.send(text).await;
        peer.upgraded().await;
    }
}

/// RFC 9110 section 8.6: some devices and client libraries say that they send no body.
pub async fn a_content_length_of_zero_means_no_body<T: Target>(target: &T) {
    let mut peer = Peer::connect(target).await;
    let mut bytes = request().and("Content-Length", "0").text().into_bytes();
    bytes.extend(text("first").to(Side::Server).bytes());
    peer.send(bytes).await;
    peer.upgraded().await;
    peer.echoed(MessageKind::Text, b"first").await;
}

/// The bytes after the request are the first of the frames, wherever the stream is cut.
pub async fn frames_in_the_same_segment_as_the_request_are_read<T: Target>(target: &T) {
    let mut bytes = request().text().into_bytes();
    bytes.extend(text("first").to(Side::Server).bytes());
    bytes.extend(ping("second").to(Side::Server).bytes());
    bytes.extend(binary([7; 1000]).to(Side::Server).bytes());
    let head = request().text().len();
    let cuts = [bytes.len(), bytes.len() - 1, bytes.len() - 500, head + 1, head + 8, head - 1];
    for cut in cuts {
        let mut peer = Peer::connect(target).await;
        peer.send(&bytes[..cut]).await;
        if cut >= head {
            peer.upgraded().await;
        }
        peer.send(&bytes[cut..]).await;
        if cut < head {
            peer.upgraded().await;
        }
        peer.answered_by_pong_and_echoes(b"second", &[b"first", &[7; 1000]]).await;
    }
}

pub async fn a_close_frame_in_the_same_segment_as_the_request_is_answered<T: Target>(target: &T) {
    let mut bytes = request().text().into_bytes();
    bytes.extend(close(CloseCode::NORMAL, "already").to(Side::Server).bytes());
    let mut peer = Peer::connect(target).await;
    peer.send(bytes).await;
    peer.upgraded().await;
    peer.closed(CloseCode::NORMAL).await;
}

pub async fn a_request_that_comes_byte_by_byte_is_accepted<T: Target>(target: &T) {
    let mut peer = Peer::connect(target).await;
    for byte in request().text().bytes() {
        peer.send([byte]).await;
    }
    peer.upgraded().await;
    for byte in text("slowly").to(Side::Server).bytes() {
        peer.send([byte]).await;
    }
    peer.echoed(MessageKind::Text, b"slowly").await;
}

pub async fn a_head_of_just_the_limits_is_accepted<T: Target>(target: &T) {
    let limits = target.limits();
    for request in
        [request().padded_to_headers(limits.headers), request().padded_to_bytes(limits.head_bytes)]
    {
        let mut peer = Peer::connect(target).await;
        peer.send(request.text()).await;
        peer.upgraded().await;
    }
}

/// The target speaks no subprotocol and no extension, so it answers no offer.
pub async fn offers_that_are_not_taken_up_do_no_harm<T: Target>(target: &T) {
    let request = request()
        .and("Sec-WebSocket-Protocol", "chat, superchat")
        .and("Sec-WebSocket-Extensions", "x-webkit-deflate-frame, permessage-bzip2; level=9")
        .and("Origin", "http://example.com")
        .and("Cookie", "a=1; b=\"2\"");
    let mut peer = Peer::connect(target).await;
    peer.send(request.text()).await;
    let response = peer.upgraded().await;
    assert_eq!(response.header("Sec-WebSocket-Protocol"), None);
    assert_eq!(response.header("Sec-WebSocket-Extensions"), None);
    peer.echo(MessageKind::Binary, b"\0\xff").await;
}
