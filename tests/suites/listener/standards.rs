//! Several standards side by side, distinguished by their version (RFC 6455 section 4.4).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Response};
use websocket_listener::{ListenerBuilder, MessageKind, WebSocketListener};
use websocket_listener_tests::request::request;
use websocket_listener_tests::text;

use crate::support::{in_virtual_time, peer_of};

/// RFC 6455, its drafts from 8 on, and something that shouts.
fn standards() -> ListenerBuilder {
    WebSocketListener::builder()
        .on_request(|_| async { Answer::accept().header("X-Standard", "13").unwrap() })
        .standard("8", |_| async { Answer::accept().header("X-Standard", "8").unwrap() })
        .standard("77", |_| async { Answer::take_over(shout) })
}

async fn shout(mut http: HttpConnection) {
    let mut word = String::new();
    http.read_to_string(&mut word).await.unwrap();
    http.write_all(word.to_uppercase().as_bytes()).await.unwrap();
    http.shutdown().await.unwrap();
}

#[test]
fn each_standard_is_answered_by_its_own_hook() {
    in_virtual_time(async {
        for version in ["13", "8"] {
            let mut peer = peer_of(standards());
            peer.send(request().with("Sec-WebSocket-Version", version).text()).await;
            assert_eq!(peer.upgraded().await.header("X-Standard"), Some(version));
            peer.send_frame(text("the same frames")).await;
            peer.echoed(MessageKind::Text, b"the same frames").await;
        }
    });
}

#[test]
fn a_standard_with_frames_of_its_own_takes_over() {
    in_virtual_time(async {
        let mut peer = peer_of(standards());
        peer.send(request().with("Sec-WebSocket-Version", "77").text() + "louder").await;
        peer.finish().await;
        assert_eq!(peer.rest().await, b"LOUDER");
    });
}

#[test]
fn an_unknown_version_is_answered_with_the_known_ones() {
    in_virtual_time(async {
        for version in ["7", "0", "013", "13, 8", "x"] {
            let mut peer = peer_of(standards());
            peer.send(request().with("Sec-WebSocket-Version", version).text()).await;
            let response = peer.refused(426).await;
            assert_eq!(response.header("Sec-WebSocket-Version"), Some("13, 8, 77"));
            assert_eq!(response.header("Upgrade"), Some("websocket"));
        }
        let mut peer = peer_of(WebSocketListener::builder());
        peer.send(request().with("Sec-WebSocket-Version", "8").text()).await;
        assert_eq!(peer.refused(426).await.header("Sec-WebSocket-Version"), Some("13"));
    });
}

/// A request that opens no WebSocket asks for none of them.
#[test]
fn plain_http_is_answered_by_the_hook_of_the_listener_under_any_version() {
    in_virtual_time(async {
        let pages = || {
            let builder = WebSocketListener::builder();
            builder
                .on_request(|_| async {
                    let page = Response::new(Status::OK).body("a page");
                    page.header("Content-Type", "text/plain")
                })
                .standard("77", |_| async { Answer::take_over(shout) })
        };
        let mut peer = peer_of(pages());
        peer.send("GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 77\r\n\r\n").await;
        assert_eq!(peer.refused(200).await.body, "a page");
    });
}

/// Section 4.2.1.
#[test]
fn the_other_rules_hold_for_every_standard() {
    in_virtual_time(async {
        for version in ["13", "8", "77"] {
            let asked = || request().with("Sec-WebSocket-Version", version);
            for faulty in [
                asked().with("Sec-WebSocket-Key", "short"),
                asked().without("Connection"),
                asked().and("Sec-WebSocket-Version", version),
            ] {
                let mut peer = peer_of(standards());
                peer.send(faulty.text()).await;
                peer.refused(400).await;
            }
        }
    });
}
