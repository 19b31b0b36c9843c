//! The closing handshake through the interface (RFC 6455 section 7.1).

use std::time::Duration;

use tokio::time::Instant;
use websocket_listener::{CloseCode, Deadline, Error, Options};
use websocket_listener_tests::{Side, binary, close, ping, text};

use crate::support::{in_virtual_time, pair, with_raw_peer};

#[test]
fn the_close_frame_carries_code_and_reason() {
    in_virtual_time(async {
        let cases = [(1000, ""), (1001, "going"), (3000, "x"), (4999, "ü")];
        let longest = "y".repeat(123);
        for (code, reason) in cases.into_iter().chain([(1011, &longest[..])]) {
            let (mut server, mut peer) = with_raw_peer(Options::new()).await;
            let answering = async {
                let found = peer.close_frame().await;
                assert_eq!(found, (CloseCode::new(code), reason.to_owned()));
                peer.send_frame(close(CloseCode::new(code), "")).await;
                peer.ended().await;
                drop(peer);
            };
            let (closed, ()) = tokio::join!(server.close(CloseCode::new(code), reason), answering);
            closed.unwrap();
        }
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let (_, found) = tokio::join!(server.close(CloseCode::NO_STATUS, ""), async {
            let found = peer.close_frame().await;
            drop(peer);
            found
        });
        assert_eq!(found, (CloseCode::NO_STATUS, String::new()));
    });
}

#[test]
fn a_forbidden_close_code_or_reason_leaves_the_connection_unchanged() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
            let closed = server.close(CloseCode::new(code), "why").await;
            assert!(matches!(closed, Err(Error::InvalidCloseCode)), "{code}");
        }
        let closed = server.close(CloseCode::NORMAL, &"x".repeat(124)).await;
        assert!(matches!(closed, Err(Error::ControlTooLong)));
        assert!(server.close_reason().is_none());
        server.send_text("still open").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("still open"));
    });
}

#[test]
fn fed_messages_leave_before_the_close_frame() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        for number in 0..20u8 {
            server.feed(websocket_listener::Message::binary(vec![number; 3000])).await.unwrap();
        }
        let receiving = async {
            for number in 0..20u8 {
                assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [number; 3000]);
            }
            assert!(client.recv().await.unwrap().is_none());
        };
        let (closed, ()) = tokio::join!(server.close(CloseCode::NORMAL, ""), receiving);
        closed.unwrap();
    });
}

#[test]
fn messages_that_come_while_closing_are_ignored() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let answering = async {
            peer.send_frame(binary(vec![0; 20_000])).await;
            peer.send_frame(text("unfinished").fin(false)).await;
            peer.close_frame().await;
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.ended().await;
            drop(peer);
        };
        let (closed, ()) = tokio::join!(server.close(CloseCode::NORMAL, ""), answering);
        closed.unwrap();
        assert!(server.recv().await.unwrap().is_none());
    });
}

#[test]
fn both_may_close_at_once() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let (a, b) = tokio::join!(
            server.close(CloseCode::new(4000), "server"),
            client.close(CloseCode::new(4001), "client")
        );
        a.unwrap();
        b.unwrap();
        let (of_server, of_client) =
            (server.close_reason().unwrap(), client.close_reason().unwrap());
        assert_eq!((of_server.code.as_u16(), &*of_server.reason), (4001, "client"));
        assert_eq!((of_client.code.as_u16(), &*of_client.reason), (4000, "server"));
    });
}

/// Section 7.1.1: the server ends TCP first, then the client, even if both connections are kept.
#[test]
fn an_ended_connection_that_is_kept_does_not_keep_its_peer_waiting() {
    in_virtual_time(async {
        for server_closes in [true, false] {
            let start = Instant::now();
            let (mut server, mut client) = pair().await;
            let (first, second) =
                if server_closes { (&mut server, &mut client) } else { (&mut client, &mut server) };
            let (closed, heard) = tokio::join!(first.close(CloseCode::NORMAL, ""), second.recv());
            assert!(closed.is_ok() && heard.unwrap().is_none());
            assert!(start.elapsed() < Duration::from_secs(1), "waited for a deadline");
        }
    });
}

#[test]
fn a_peer_that_does_not_answer_is_waited_for_until_the_deadline() {
    in_virtual_time(async {
        let options = Options::new().close_timeout(Duration::from_secs(3));
        let (mut server, mut peer) = with_raw_peer(options).await;
        let start = Instant::now();
        // It even goes on talking.
        let talking = async {
            while peer.send_deaf(&ping("x").to(Side::Server).bytes()).await {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let closing = async {
            let closed = server.close(CloseCode::NORMAL, "").await;
            drop(server);
            closed
        };
        let (closed, ()) = tokio::join!(closing, talking);
        assert!(matches!(closed, Err(Error::TimedOut(Deadline::Close))));
        assert!((3..=4).contains(&start.elapsed().as_secs()));
    });
}

/// It has closed, and neither reads nor ends its stream.
#[test]
fn a_peer_that_has_closed_and_stays_is_left_at_the_deadline() {
    in_virtual_time(async {
        let options = Options::new().close_timeout(Duration::from_secs(3));
        let (mut server, mut peer) = with_raw_peer(options).await;
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        let start = Instant::now();
        assert!(server.recv().await.unwrap().is_none());
        assert!((3..=4).contains(&start.elapsed().as_secs()));
        peer.closed(CloseCode::NORMAL).await;
    });
}

/// The application was busy when the deadline passed; the answer has long been there.
#[test]
fn an_answer_in_time_counts_even_if_read_late() {
    in_virtual_time(async {
        let options = Options::new().close_timeout(Duration::from_secs(3));
        let (mut server, mut peer) = with_raw_peer(options).await;
        let closing = server.close(CloseCode::NORMAL, "");
        let cancelled = tokio::time::timeout(Duration::from_millis(1), closing).await;
        assert!(cancelled.is_err());
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        drop(peer);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(server.recv().await.unwrap().is_none());
        assert!(server.close_reason().unwrap().is_clean());
    });
}

#[test]
fn closing_again_waits_for_the_same_end() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        for _ in 0..3 {
            let closing = server.close(CloseCode::new(4000), "first");
            let cancelled = tokio::time::timeout(Duration::from_millis(1), closing).await;
            assert!(cancelled.is_err());
        }
        let (closed, heard) =
            tokio::join!(server.close(CloseCode::new(4001), "second"), client.recv());
        closed.unwrap();
        assert!(heard.unwrap().is_none());
        assert_eq!(client.close_reason().unwrap().reason, "first");
    });
}
