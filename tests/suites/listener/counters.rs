//! The counters of a listener.

use std::time::Duration;

use websocket_listener::counters::Counters;
use websocket_listener::http::Status;
use websocket_listener::{CloseCode, Options, WebSocketListener};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, binary, close, text};

use crate::support::{accept, connect, in_real_time, listener, until};

fn closed(counters: &Counters) -> u64 {
    let closed = counters.closed;
    closed.clean
        + closed.disconnected
        + closed.protocol_error
        + closed.timed_out
        + closed.dropped
        + closed.aborted
}

/// Asserts that every accepted connection is open or closed, and never both.
fn assert_balanced(listener: &WebSocketListener) -> Counters {
    let counters = listener.counters();
    assert_eq!(counters.accepted, counters.open + closed(&counters), "{counters:?}");
    counters
}

#[test]
fn a_new_listener_has_counted_nothing() {
    in_real_time(async {
        assert_eq!(listener().await.counters(), Counters::default());
    });
}

#[test]
fn messages_and_bytes_are_counted_in_both_directions() {
    in_real_time(async {
        let listener = listener().await;
        let mut peer = connect(&listener).await;
        // Bytes that come with the request are counted like those that come later.
        let early = text("early").to(Side::Server).bytes();
        let mut bytes = early.len() as u64;
        peer.send([request().text().as_bytes(), &early].concat()).await;
        let mut server = listener.accept().await.unwrap();
        peer.upgraded().await;
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("early"));
        for length in [0, 5, 200, 70_000] {
            let frame = binary(vec![1; length]).to(Side::Server).bytes();
            bytes += frame.len() as u64;
            let (_, message) = tokio::join!(peer.send(frame), server.recv());
            let message = message.unwrap().unwrap();
            let (sent, _) = tokio::join!(server.send(message), peer.message());
            sent.unwrap();
        }
        let closing = close(CloseCode::NORMAL, "").to(Side::Server).bytes();
        bytes += closing.len() as u64;
        peer.send(closing).await;
        let hearing = async {
            peer.closed(CloseCode::NORMAL).await;
            peer.vanish();
        };
        let (end, ()) = tokio::join!(server.recv(), hearing);
        assert_eq!(end.unwrap(), None);
        let counters = assert_balanced(&listener);
        assert_eq!((counters.messages_received, counters.messages_sent), (5, 4));
        assert_eq!(counters.bytes_received, bytes);
        // Without the early message, and the masks.
        assert_eq!(counters.bytes_sent, bytes - early.len() as u64 - 5 * 4);
        assert_eq!((counters.open, counters.closed.clean), (0, 1));
    });
}

/// A part of a large message counts as bytes, and not as a message.
#[test]
fn a_message_read_as_a_stream_counts_at_its_end() {
    in_real_time(async {
        let listener = listener().await;
        let (mut server, mut client) = accept(&listener).await;
        let sending = async {
            for _ in 0..2 {
                client.send_binary(&[0; 50_000]).await.unwrap();
            }
            client.send_text("after").await.unwrap();
        };
        let receiving = async {
            let mut whole = server.next_message().await.unwrap().unwrap();
            while whole.chunk().await.unwrap().is_some() {}
            server.next_message().await.unwrap().unwrap();
            assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("after"));
        };
        tokio::join!(sending, receiving);
        drop(server);
        let counters = assert_balanced(&listener);
        // The second was skipped.
        assert!((2..=3).contains(&counters.messages_received), "{counters:?}");
        assert_eq!(counters.bytes_received, 2 * (50_000 + 8) + (5 + 6));
    });
}

/// A connection that has ended is open no more, even if the application keeps it.
#[test]
fn each_way_to_end_is_counted_once() {
    in_real_time(async {
        let options = Options::new()
            .close_timeout(Duration::from_millis(200))
            .ping_interval(Duration::from_millis(200))
            .pong_timeout(Duration::from_millis(200));
        let listener =
            WebSocketListener::builder().options(options).bind("127.0.0.1:0").await.unwrap();
        let mut kept = Vec::new();
        let ways: [(&str, Vec<u8>); 4] = [
            ("clean", close(CloseCode::NORMAL, "").to(Side::Server).bytes()),
            ("protocol", text("bare").bytes()),
            ("disconnected", Vec::new()),
            ("timed out", Vec::new()),
        ];
        for (way, bytes) in ways {
            let mut peer = connect(&listener).await;
            peer.send(request().text()).await;
            let mut server = listener.accept().await.unwrap();
            peer.upgraded().await;
            assert_eq!(assert_balanced(&listener).open, 1);
            peer.send(bytes).await;
            if way == "disconnected" {
                peer.finish().await;
            }
            for _ in 0..3 {
                assert_eq!(server.recv().await.is_ok(), way == "clean", "{way}");
                assert_eq!(assert_balanced(&listener).open, 0);
            }
            kept.push((server, peer));
        }
        let (server, _client) = accept(&listener).await;
        drop(server);
        let counters = assert_balanced(&listener);
        drop(kept);
        assert_eq!(assert_balanced(&listener), counters);
        let closed = counters.closed;
        assert_eq!((closed.clean, closed.protocol_error, closed.disconnected), (1, 1, 1));
        assert_eq!((closed.timed_out, closed.dropped, closed.aborted), (1, 1, 0));
    });
}

/// The peer does not wait for the answer to its Close frame: writing it fails, and that is no
/// second end.
#[test]
fn a_peer_that_closes_and_is_gone_is_counted_once() {
    in_real_time(async {
        let listener = listener().await;
        for round in 1..=20 {
            let mut peer = connect(&listener).await;
            peer.send(request().text()).await;
            let mut server = listener.accept().await.unwrap();
            peer.send_frame(text("unread")).await;
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            // Unread bytes in its socket: it is reset.
            peer.vanish();
            server.recv().await.unwrap();
            let _ = server.send_binary(&[0; 100_000]).await;
            while let Ok(Some(_)) = server.recv().await {}
            assert_eq!(closed(&assert_balanced(&listener)), round);
        }
    });
}

#[test]
fn refusals_are_counted_by_reason() {
    in_real_time(async {
        let listener = WebSocketListener::builder()
            .handshake_timeout(Duration::from_millis(300))
            .accept_queue(1)
            .on_request(|request: websocket_listener::http::Request| async move {
                use websocket_listener::http::{Answer, Response};
                match request.path() {
                    "/no" => Answer::respond(Response::new(Status::FORBIDDEN)),
                    "/page" => Answer::take_over(|http| async move {
                        http.respond(Response::new(Status::OK).body("page")).await.unwrap();
                    }),
                    _ => Answer::accept(),
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();

        for (text, status) in [
            ("bad\r\n\r\n".to_owned(), 400),
            (request().without("Sec-WebSocket-Key").text(), 400),
            (request().with("Sec-WebSocket-Version", "7").text(), 426),
            (request().padded_to_headers(65).text(), 431),
            (request().line("GET /no HTTP/1.1").text(), 403),
            (String::new(), 408),
            ("GET /page HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 200),
            (request().text(), 101),
            (request().text(), 503),
        ] {
            let mut peer = connect(&listener).await;
            peer.send(text).await;
            assert_eq!(peer.response().await.status, status);
        }
        let mut gone = connect(&listener).await;
        gone.send("GET / HT").await;
        gone.vanish();
        until(|| listener.counters().refused.disconnected == 1).await;
        let counters = assert_balanced(&listener);
        let refused = counters.refused;
        assert_eq!((refused.malformed, refused.rejected, refused.timed_out), (4, 1, 1));
        assert_eq!((refused.overloaded, refused.shutting_down), (1, 0));
        assert_eq!((counters.taken_over, counters.accepted), (1, 1));
    });
}
