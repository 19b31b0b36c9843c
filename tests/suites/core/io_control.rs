//! Pings, pongs and their deadlines while messages come and go.

use std::time::Duration;

use embedded_io_async::Write;
use websocket_listener_core::io::{Clock, RecvError};
use websocket_listener_core::{CloseCode, Config, Initiator, MessageKind, PingMode, TimedOut};
use websocket_listener_tests::{
    Frame, Side, VirtualClock, binary, first, frame, join, owned, pattern, ping, polled, pong, run,
    socket_and_peer, sockets, text,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn ten_pings_in_one_segment_get_ten_pongs() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 512, Config::new(), &clock);
    run(&clock, async {
        let segment: Vec<u8> =
            (0..10u8).flat_map(|i| ping([i; 30]).to(Side::Server).bytes()).collect();
        peer.send_bytes(&segment).await;
        peer.send(text("after")).await;
        let mut buffer = [0; 16];
        assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"after");
        for i in 0..10 {
            let answer = peer.frame().await.unwrap();
            assert_eq!((answer.opcode, answer.payload), (10, vec![i; 30]));
        }
    });
}

#[test]
fn pings_between_fragments_are_answered_before_the_message_is_whole() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    let here = async {
        let mut buffer = [0; 16];
        socket.recv(&mut buffer).await.unwrap().map(owned).unwrap()
    };
    let there = async {
        peer.send(text("a").fin(false)).await;
        peer.send(ping("1")).await;
        assert_eq!(peer.frame().await.unwrap().payload, b"1");
        peer.send(Frame::fin(websocket_listener_tests::continuation("b"), false)).await;
        peer.send(ping("2")).await;
        assert_eq!(peer.frame().await.unwrap().payload, b"2");
        peer.send(websocket_listener_tests::continuation("c")).await;
    };
    let (message, ()) = run(&clock, join(here, there));
    assert_eq!(message.1, b"abc");
}

#[test]
fn a_peer_that_pings_without_reading_is_still_read_and_then_gets_the_newest_pong() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let there = async {
        for i in 0..1000u32 {
            peer.send(ping([i.to_be_bytes(); 20].concat())).await;
        }
        peer.send(text("read")).await;
        let mut newest = Vec::new();
        while newest != [999u32.to_be_bytes(); 20].concat() {
            let answer = peer.frame().await.unwrap();
            assert_eq!(answer.opcode, 10);
            newest = answer.payload;
        }
    };
    let here = async {
        let mut buffer = [0; 16];
        assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"read");
        panic!("{:?}", socket.recv(&mut buffer).await);
    };
    run(&clock, first(there, here));
}

#[test]
fn a_message_much_longer_than_the_rings_is_received_from_a_peer_that_never_reads() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 64, Config::new(), &clock);
    let there = async {
        for piece in pattern(20_000).chunks(100) {
            peer.send(binary(piece).fin(false).opcode_bits(if piece == &pattern(100)[..] {
                2
            } else {
                0
            }))
            .await;
            peer.send(ping([7; 40])).await;
        }
        peer.send(websocket_listener_tests::continuation("")).await;
    };
    let here = async {
        let mut buffer = vec![0; 20_000];
        socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes().to_vec()
    };
    assert_eq!(run(&clock, join(here, there)).0, pattern(20_000));
}

#[test]
fn the_pong_goes_out_before_the_frames_of_the_next_send() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let here = async {
        // a full ring: the pong cannot leave yet
        socket.send_binary(&pattern(127)).await.unwrap();
        let mut buffer = [0; 16];
        socket.recv(&mut buffer).await.unwrap();
        socket.send_text("reply").await.unwrap();
    };
    let there = async {
        peer.send(ping("first")).await;
        peer.send(text("then")).await;
        clock.sleep(seconds(1)).await;
        let mut payloads = Vec::new();
        for _ in 0..3 {
            payloads.push(peer.frame().await.unwrap());
        }
        payloads
    };
    let ((), frames) = run(&clock, join(here, there));
    assert_eq!(frames[1].payload, b"first");
    assert_eq!(frames[2].payload, b"reply");
}

#[test]
fn a_silent_peer_is_pinged_and_its_pong_gives_the_latency() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let there = async {
            let asked = peer.frame().await.unwrap();
            assert_eq!((asked.opcode, clock.elapsed()), (9, seconds(20)));
            clock.sleep(Duration::from_millis(30)).await;
            peer.send(pong(asked.payload)).await;
            peer.send(text("alive")).await;
        };
        let mut buffer = [0; 16];
        let (received, ()) = join(socket.recv(&mut buffer), there).await;
        assert_eq!(received.unwrap().unwrap().as_bytes(), b"alive");
        assert_eq!(socket.latency(), Some(Duration::from_millis(30)));
    });
}

#[test]
fn a_peer_that_vanished_is_given_up_after_the_pong_deadline_in_every_wait() {
    for wait in 0..3 {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
        run(&clock, async {
            let mut buffer = [0; 16];
            let expected = RecvError::TimedOut(TimedOut::Pong);
            match wait {
                0 => assert_eq!(socket.recv(&mut buffer).await, Err(expected)),
                1 => assert_eq!(socket.next_message().await.map(|_| ()), Err(expected)),
                _ => {
                    peer.send(binary([1; 4]).declared_length(1000)).await;
                    let mut message = socket.next_message().await.unwrap().unwrap();
                    assert_eq!(message.read(&mut buffer).await, Ok(4));
                    assert_eq!(message.read(&mut buffer).await, Err(expected));
                }
            }
            assert_eq!(clock.elapsed(), seconds(40));
            assert_eq!(socket.recv(&mut buffer).await, Err(expected));
            assert_eq!(socket.close(CloseCode::NORMAL, "").await, Err(expected.into()));
            let reason = socket.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::ABNORMAL, Initiator::Local));
        });
    }
}

#[test]
fn deadlines_fire_also_when_the_wait_is_dropped_every_second() {
    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let mut buffer = [0; 16];
        let error = loop {
            let tick = async {
                clock.sleep(seconds(1)).await;
                Ok(None)
            };
            match first(async { socket.recv(&mut buffer).await.map(|m| m.map(owned)) }, tick).await
            {
                Ok(None) => {}
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
        };
        assert_eq!(error, RecvError::TimedOut(TimedOut::Pong));
        assert_eq!(clock.elapsed(), seconds(40));
    });
}

#[test]
fn bytes_that_were_not_asked_for_in_time_are_a_sign_of_life_all_the_same() {
    let clock = VirtualClock::default();
    let (mut server, mut client) = sockets(256, Config::new(), &clock);
    run(&clock, async {
        let mut buffer = [0; 16];
        // a ping goes out, and its pong lies unread for two minutes
        assert!(
            first(async { Some(server.recv(&mut buffer).await.is_ok()) }, async {
                clock.sleep(seconds(21)).await;
                None
            })
            .await
            .is_none()
        );
        assert!(polled(3, client.recv(&mut buffer)).await.is_none());
        clock.sleep(seconds(120)).await;
        client.send_text("still here").await.unwrap();
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"still here");
    });
}

#[test]
fn two_idle_ends_stay_connected_for_hours() {
    let clock = VirtualClock::default();
    let config = Config::new().ping_mode(PingMode::LatencyControl);
    let (mut server, mut client) = sockets(64, config, &clock);
    let idle = async {
        let mut buffer = [0; 16];
        first(async { Some(server.recv(&mut buffer).await.is_ok()) }, async {
            clock.sleep(seconds(10_000)).await;
            None
        })
        .await
        .is_none()
    };
    let other = async {
        let mut buffer = [0; 16];
        first(async { Some(client.recv(&mut buffer).await.is_ok()) }, async {
            clock.sleep(seconds(10_000)).await;
            None
        })
        .await
        .is_none()
    };
    assert_eq!(run(&clock, join(idle, other)), (true, true));
    assert!(server.latency().is_some() && client.latency().is_some());
}

#[test]
fn a_ping_of_the_callers_is_sent_with_its_payload() {
    let clock = VirtualClock::default();
    for side in Side::BOTH {
        let (mut socket, mut peer) = socket_and_peer(side, 256, Config::new(), &clock);
        run(&clock, async {
            socket.ping(b"how far?").await.unwrap();
            let asked = peer.frame().await.unwrap();
            assert_eq!((asked.opcode, &asked.payload[..]), (9, &b"how far?"[..]));
            clock.sleep(Duration::from_millis(7)).await;
            peer.send(pong("how far?")).await;
            peer.send(frame(websocket_listener_core::OpCode::Text)).await;
            socket.recv(&mut []).await.unwrap();
            assert_eq!(socket.latency(), Some(Duration::from_millis(7)));
        });
    }
}

#[test]
fn without_a_clock_nothing_is_ever_given_up() {
    use websocket_listener_core::io::{NoClock, WebSocket};

    assert_eq!(NoClock.now().as_micros(), 0);
    let clock = VirtualClock::default();
    let ((reader, writer), there) = websocket_listener_tests::duplex(131);
    let mut socket = WebSocket::new(reader, writer, NoClock, Side::Server.role(), Config::new());
    let mut peer = websocket_listener_tests::RawPeer::of(Side::Server, there);
    let here = async {
        let mut buffer = [0; 16];
        let message = socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes().to_vec();
        let mut writer = socket.message_writer(MessageKind::Binary);
        writer.write_all(&pattern(500)).await.unwrap();
        writer.finish().await.unwrap();
        (message, socket.close(CloseCode::NORMAL, "").await)
    };
    let there = async {
        clock.sleep(seconds(3600)).await;
        peer.send(text("late")).await;
        clock.sleep(seconds(3600)).await;
        assert_eq!(peer.message().await.1, pattern(500));
        assert_eq!(peer.frame().await.unwrap().opcode, 8);
        clock.sleep(seconds(3600)).await;
        peer.send(websocket_listener_tests::close(CloseCode::NORMAL, "")).await;
        peer.end();
    };
    let ((message, closed), ()) = run(&clock, join(here, there));
    assert_eq!((message, closed), (b"late".to_vec(), Ok(())));
}
