//! Pings answered by the connection itself or by the application (RFC 6455 sections 5.5.2, 5.5.3).

use std::time::Duration;

use tokio::time::timeout;
use websocket_listener::{CloseCode, Error, Event, Message, Options, Payload};
use websocket_listener_tests::{Side, continuation, ping, polled, pong, text};

use crate::fitful::Fitful;
use crate::support::{in_virtual_time, pair, with_raw_peer, with_raw_peer_over};

const SECOND: Duration = Duration::from_secs(1);

fn manual() -> Options {
    Options::new().automatic_pongs(false)
}

fn ping_event(payload: &[u8]) -> Event {
    Event::Ping(Payload::from(payload))
}

#[test]
fn without_automatic_pongs_only_the_application_answers() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(manual()).await;
        for payload in [&b""[..], b"hello", &[7; 125]] {
            peer.send_frame(ping(payload)).await;
            assert_eq!(server.recv_event().await.unwrap(), Some(ping_event(payload)));
            assert!(timeout(SECOND, server.recv_event()).await.is_err());
            assert!(timeout(SECOND, peer.frame()).await.is_err(), "an automatic answer");
            server.pong(payload).await.unwrap();
            let frame = peer.frame().await;
            assert_eq!((frame.opcode, &frame.payload[..]), (10, payload));
        }
    });
}

#[test]
fn without_automatic_pongs_pings_met_by_other_methods_are_not_answered() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(manual()).await;
        peer.send_frame(ping("ignored")).await;
        peer.send_frame(text("message")).await;
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("message")));
        server.send_text("answer").await.unwrap();
        assert_eq!(peer.frame().await.payload, b"answer");
        peer.send_frame(ping("ignored, too")).await;
        peer.send_frame(websocket_listener_tests::close(CloseCode::NORMAL, "")).await;
        let hearing = async {
            peer.closed(CloseCode::NORMAL).await;
            drop(peer);
        };
        let (ended, ()) = tokio::join!(server.recv(), hearing);
        assert_eq!(ended.unwrap(), None);
        assert_eq!(server.close_reason().unwrap().code, CloseCode::NORMAL);
    });
}

#[test]
fn events_come_in_order_and_pings_are_answered_all_the_same() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let frames = [
            ping("1"),
            text("a"),
            pong("unasked"),
            text("b").fin(false),
            ping("2"),
            continuation("c"),
            ping("3"),
        ];
        let bytes: Vec<u8> =
            frames.into_iter().flat_map(|frame| frame.to(Side::Server).bytes()).collect();
        peer.send(bytes).await;
        for expected in [
            ping_event(b"1"),
            Event::Message(Message::text("a")),
            Event::Pong,
            ping_event(b"2"),
            Event::Message(Message::text("bc")),
            ping_event(b"3"),
        ] {
            assert_eq!(server.recv_event().await.unwrap(), Some(expected));
        }
        assert!(timeout(SECOND, server.recv_event()).await.is_err());
        for payload in [b"1", b"2", b"3"] {
            let frame = peer.frame().await;
            assert_eq!((frame.opcode, &frame.payload[..]), (10, &payload[..]));
        }
    });
}

#[test]
fn a_matching_pong_is_reported_with_the_latency() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        server.ping(b"there?").await.unwrap();
        let (event, heard) =
            tokio::join!(server.recv_event(), timeout(SECOND, client.recv_event()));
        // Its pong has left, though it does not receive again.
        assert_eq!(heard.unwrap().unwrap(), Some(ping_event(b"there?")));
        assert_eq!(event.unwrap(), Some(Event::Pong));
        assert!(server.latency().is_some());
        let (closed, ended) =
            tokio::join!(client.close(CloseCode::NORMAL, ""), server.recv_event());
        assert!(closed.is_ok() && ended.unwrap().is_none());
    });
}

/// The pipe is full: the automatic pong waits in the connection, the application's in the queue, or for
/// room in it.
#[test]
fn an_application_pong_and_an_automatic_one_do_not_replace_each_other() {
    in_virtual_time(async {
        for application_first in [false, true] {
            let (near, far) = tokio::io::duplex(16);
            let options = Options::new().write_queue_bytes(10);
            let (mut server, mut peer) = with_raw_peer_over(options, far, near).await;
            assert!(polled(1, server.send_binary(&[0; 20])).await.is_none());
            if application_first {
                assert!(polled(1, server.pong(b"mine")).await.is_none(), "it is queued");
            } else {
                assert!(polled(1, server.send_binary(&[0; 20])).await.is_none());
            }
            peer.send_frame(ping("theirs")).await;
            assert!(polled(2, server.recv()).await.is_none());
            let sending = async {
                if !application_first {
                    server.pong(b"mine").await.unwrap();
                }
                assert!(timeout(SECOND, server.recv()).await.is_err());
            };
            let hearing = async {
                let mut pongs = Vec::new();
                while pongs.len() < 2 {
                    let frame = peer.frame().await;
                    if frame.opcode == 10 {
                        pongs.push(frame.payload);
                    }
                }
                pongs.sort();
                pongs
            };
            let ((), pongs) = tokio::join!(sending, hearing);
            assert_eq!(pongs, [b"mine".to_vec(), b"theirs".to_vec()]);
        }
    });
}

#[test]
fn an_unsolicited_pong_is_a_heartbeat_without_an_answer() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        server.pong(b"").await.unwrap();
        let frame = peer.frame().await;
        assert_eq!((frame.opcode, frame.payload.len()), (10, 0));
        let sent = server.pong(&[0; 126]).await;
        assert!(matches!(sent, Err(Error::ControlTooLong)));
        server.send_text("unharmed").await.unwrap();
        assert_eq!(peer.frame().await.payload, b"unharmed");
        peer.vanish();
        assert!(server.recv().await.is_err());
        assert!(server.pong(b"").await.is_err());
    });
}

#[test]
fn both_halves_handle_pings_and_pongs() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(manual()).await;
        let (mut reader, mut writer) = server.split();
        peer.send_frame(ping("half")).await;
        assert_eq!(reader.recv_event().await.unwrap(), Some(ping_event(b"half")));
        writer.pong(b"other half").await.unwrap();
        assert_eq!(peer.frame().await.payload, b"other half");
    });
}

#[test]
fn recv_event_dropped_at_any_wait_loses_nothing() {
    in_virtual_time(async {
        for most in [1, 3, 100] {
            let (near, far) = tokio::io::duplex(4096);
            let (mut server, mut peer) =
                with_raw_peer_over(manual(), Fitful::new(far, most), near).await;
            for number in 0..20 {
                peer.send_frame(ping(number.to_string())).await;
                peer.send_frame(text(number.to_string())).await;
            }
            for number in 0..20 {
                let number = number.to_string();
                let message = Event::Message(Message::text(number.clone()));
                for expected in [ping_event(number.as_bytes()), message] {
                    let event = loop {
                        if let Some(event) = polled(1, server.recv_event()).await {
                            break event.unwrap();
                        }
                        tokio::task::yield_now().await;
                    };
                    assert_eq!(event, Some(expected), "{most} bytes at a time");
                }
            }
        }
    });
}

/// A message that an event interrupted continues in the next call of any method.
#[test]
fn a_ping_amid_a_message_leaves_the_message_to_any_method() {
    in_virtual_time(async {
        for stream in [false, true] {
            let (mut server, mut peer) = with_raw_peer(manual()).await;
            peer.send_frame(text("one ").fin(false)).await;
            peer.send_frame(ping("amid")).await;
            peer.send_frame(continuation("whole")).await;
            assert_eq!(server.recv_event().await.unwrap(), Some(ping_event(b"amid")));
            if stream {
                let mut reader = server.next_message().await.unwrap().unwrap();
                let mut text = String::new();
                tokio::io::AsyncReadExt::read_to_string(&mut reader, &mut text).await.unwrap();
                assert_eq!(text, "one whole");
            } else {
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("one whole")));
            }
        }
    });
}
