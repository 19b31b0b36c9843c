//! The page, the character generator, and what is not there.

use websocket_listener_core::{CloseCode, MessageKind};
use websocket_listener_tests::close;
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::target::{Board, shared};

const PAGE: &str = include_str!("../../../embassy-listener/boards/application/src/page.html");

async fn answer(board: &Board, request: &str) -> (String, String) {
    let mut peer = Peer::connect(board).await;
    peer.send(request).await;
    let answer = String::from_utf8(peer.rest().await).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_owned(), body.to_owned())
}

#[test]
fn the_page_is_served_whole_every_time() {
    shared(async |board| {
        for _ in 0..20 {
            let (head, body) = answer(board, "GET / HTTP/1.1\r\nHost: board\r\n\r\n").await;
            assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
            assert!(head.contains("Content-Type: text/html"), "{head}");
            assert_eq!(body, PAGE);
        }
    });
}

#[test]
fn head_gets_the_headers_of_the_page_alone() {
    shared(async |board| {
        let (head, body) = answer(board, "HEAD / HTTP/1.1\r\nHost: board\r\n\r\n").await;
        assert!(head.contains(&format!("Content-Length: {}", PAGE.len())), "{head}");
        assert_eq!(body, "");
    });
}

#[test]
fn a_missing_page_gets_404() {
    shared(async |board| {
        let page = "GET /index.html HTTP/1.1\r\nHost: board\r\n\r\n";
        let upgrade = request().line("GET /chat HTTP/1.1").text();
        for request in [page, &upgrade] {
            let (head, _) = answer(board, request).await;
            assert!(head.starts_with("HTTP/1.1 404 "), "{head}");
        }
    });
}

#[test]
fn a_target_in_absolute_form_is_served_and_a_target_too_long_gets_414() {
    shared(async |board| {
        let mut peer = Peer::connect(board).await;
        peer.send(request().line("GET http://board/echo HTTP/1.1").text()).await;
        peer.upgraded().await;
        peer.echo(MessageKind::Text, b"the same").await;
        let query = "a".repeat(64);
        let upgrade = request().line(&format!("GET /echo?{query} HTTP/1.1")).text();
        let (head, _) = answer(board, &upgrade).await;
        assert!(head.starts_with("HTTP/1.1 414 "), "{head}");
    });
}

#[test]
fn characters_come_until_the_peer_closes_and_its_close_is_answered() {
    shared(async |board| {
        let printing: Vec<u8> = (b' '..=b'~').collect();
        let mut peer = board.open("/chargen").await;
        for _ in 0..50 {
            let (_, message) = peer.message().await;
            let lines: Vec<&[u8]> = message.chunks(74).collect();
            assert_eq!(lines.len(), printing.len());
            for (number, line) in lines.into_iter().enumerate() {
                let expected = printing.iter().cycle().skip(number).take(72);
                assert!(line.ends_with(b"\r\n") && line[..72].iter().eq(expected));
            }
        }
        peer.send_frame(close(CloseCode::GOING_AWAY, "enough")).await;
        loop {
            let frame = peer.frame().await;
            if frame.opcode == 8 {
                assert_eq!(frame.payload, 1001u16.to_be_bytes());
                break;
            }
        }
        peer.ended().await;
    });
}
