//! Futures dropped wherever they wait, and the work gone on with: nothing is lost, doubled or torn.

use std::time::Duration;

use websocket_listener_core::io::{RecvError, SendError};
use websocket_listener_core::{CloseCode, Config, MessageKind};
use websocket_listener_tests::{
    OwnedMessage, RingSocket, Side, VirtualClock, binary, close, continuation, dropping, join,
    owned, pattern, ping, polled, pong, run, socket_and_peer, sockets, text, woken,
};

/// The places at which futures are dropped: everywhere, every other time, and at a few odd places.
const PATTERNS: [u64; 4] =
    [u64::MAX, 0x5555_5555_5555_5555, 0x9249_2492_4924_9249, 0x0102_0408_1020_4081];

const CAPACITIES: [usize; 3] = [20, 131, 300];

/// Long and short messages, in one frame and in several, with pings inside.
fn messages() -> Vec<OwnedMessage> {
    (0..12)
        .map(|i| match i % 3 {
            0 => (MessageKind::Binary, pattern(i * i * 7)),
            1 => (MessageKind::Text, "aé€😀".repeat(i).into_bytes()),
            _ => (MessageKind::Text, Vec::new()),
        })
        .collect()
}

fn wire(side: Side) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut add = |frame: websocket_listener_tests::Frame| bytes.extend(frame.to(side).bytes());
    for (i, (kind, payload)) in messages().into_iter().enumerate() {
        let first = |payload| match kind {
            MessageKind::Text => text(payload),
            MessageKind::Binary => binary(payload),
        };
        let (head, tail) = payload.split_at(payload.len() / 2);
        if i % 2 == 0 {
            add(first(payload.clone()));
        } else {
            add(first(head.to_vec()).fin(false));
            add(ping([i as u8; 3]));
            add(continuation("").fin(false));
            add(continuation(tail));
        }
    }
    add(close(CloseCode::NORMAL, "end"));
    bytes
}

async fn peer_sends_everything(mut peer: websocket_listener_tests::RawPeer, side: Side) {
    peer.send_bytes(&wire(side)).await;
    while peer.frame().await.is_some() {}
    peer.end();
}

#[test]
fn recv_goes_on_in_the_same_buffer() {
    for pattern in PATTERNS {
        for capacity in CAPACITIES {
            let clock = VirtualClock::default();
            let side = Side::Server;
            let (mut socket, peer) = socket_and_peer(side, capacity, Config::new(), &clock);
            let here = async {
                let mut buffer = [0; 2000];
                let mut received = Vec::new();
                while let Some(message) =
                    dropping(pattern, async || socket.recv(&mut buffer).await.unwrap().map(owned))
                        .await
                {
                    received.push(message);
                }
                drop(socket);
                received
            };
            let (received, ()) = run(&clock, join(here, peer_sends_everything(peer, side)));
            assert_eq!(received, messages(), "{capacity}, {pattern:x}");
        }
    }
}

#[test]
fn next_message_and_read_resume_at_the_same_place() {
    for pattern in PATTERNS {
        for capacity in CAPACITIES {
            let clock = VirtualClock::default();
            let side = Side::Client;
            let (mut socket, peer) = socket_and_peer(side, capacity, Config::new(), &clock);
            let here = async {
                let mut received = Vec::new();
                loop {
                    // a message that was found is read; a wait that was dropped found none
                    let mut waiting = 0;
                    let mut message = loop {
                        let polls = if pattern >> waiting & 1 == 1 { 1 } else { 3 };
                        waiting += 1;
                        let found = polled(polls, socket.next_message()).await;
                        match found {
                            Some(found) => break found.unwrap(),
                            None => woken().await,
                        }
                    };
                    let Some(message) = &mut message else { break };
                    let mut bytes = Vec::new();
                    loop {
                        let mut buffer = [0; 50];
                        let count =
                            dropping(pattern, async || message.read(&mut buffer).await.unwrap())
                                .await;
                        if count == 0 {
                            break;
                        }
                        bytes.extend_from_slice(&buffer[..count]);
                    }
                    received.push((message.kind(), bytes));
                }
                drop(socket);
                received
            };
            let (received, ()) = run(&clock, join(here, peer_sends_everything(peer, side)));
            assert_eq!(received, messages(), "{capacity}, {pattern:x}");
        }
    }
}

#[test]
fn writes_are_done_or_not_done() {
    for pattern_of_drops in PATTERNS {
        for capacity in CAPACITIES {
            let clock = VirtualClock::default();
            let (mut server, mut client) = sockets(capacity, Config::new(), &clock);
            let sent = pattern(5000);
            let sending = async {
                let mut writer = server.message_writer(MessageKind::Binary);
                let mut rest = &sent[..];
                while !rest.is_empty() {
                    let piece = &rest[..rest.len().min(777)];
                    let written =
                        dropping(pattern_of_drops, async || writer.write(piece).await.unwrap())
                            .await;
                    rest = &rest[written..];
                }
                dropping(pattern_of_drops, async || writer.flush().await.unwrap()).await;
                writer.finish().await.unwrap();
            };
            let receiving = async {
                let mut buffer = vec![0; 5000];
                client.recv(&mut buffer).await.unwrap().map(owned)
            };
            let ((), received) = run(&clock, join(sending, receiving));
            assert_eq!(received, Some((MessageKind::Binary, sent.clone())));
        }
    }
}

/// Drops a send at its `polls`-th wait; then what the other end has, and what can still be sent.
async fn cut_send(
    polls: u32,
    server: &mut RingSocket,
    client: &mut RingSocket,
    clock: &VirtualClock,
) -> bool {
    let sent = pattern(1000);
    let cut = async {
        let done = polled(polls, server.send_binary(&sent)).await.is_some();
        let next = server.send_text("next").await;
        if done {
            assert_eq!(next, Ok(()));
        } else {
            assert!(matches!(next, Ok(()) | Err(SendError::MessageUnfinished)), "{next:?}");
        }
        server.ping(b"still").await.unwrap();
        server.close(CloseCode::NORMAL, "").await.unwrap();
        (done, next)
    };
    let other = async {
        let mut buffer = [0; 1000];
        let mut received = Vec::new();
        clock.sleep(Duration::from_millis(1)).await;
        while let Some(message) = client.recv(&mut buffer).await.unwrap() {
            received.push(owned(message));
        }
        received
    };
    let ((done, next), received) = join(cut, other).await;
    let whole = (MessageKind::Binary, sent.clone());
    let text = (MessageKind::Text, b"next".to_vec());
    match (done, next) {
        (true, _) => assert_eq!(received, [whole, text]),
        // nothing of the first was sent
        (false, Ok(())) => assert!(received == [text.clone()] || received == [whole, text]),
        (false, _) => assert_eq!(received, []),
    }
    done
}

#[test]
fn a_send_cut_between_frames_tears_none_of_them() {
    for capacity in CAPACITIES {
        let mut polls = 1;
        loop {
            let clock = VirtualClock::default();
            let (mut server, mut client) = sockets(capacity, Config::new(), &clock);
            let here = cut_send(polls, &mut server, &mut client, &clock);
            if run(&clock, here) {
                break;
            }
            polls += 1;
        }
        assert!(polls > 3, "the send waited {polls} times");
    }
}

#[test]
fn a_dropped_finish_has_ended_the_message_or_left_the_message_untouched() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        // no room for the last frame
        let mut writer = socket.message_writer(MessageKind::Binary);
        assert_eq!(writer.write(&pattern(127)).await, Ok(127));
        assert!(polled(1, writer.finish()).await.is_none());
        assert_eq!(peer.frame().await.unwrap().payload, pattern(127));
        assert_eq!(socket.send_text("x").await, Err(SendError::MessageUnfinished));
    });
}

#[test]
fn a_ping_that_is_dropped_goes_out_once() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        socket.send_binary(&pattern(127)).await.unwrap();
        assert!(polled(1, socket.ping(b"queued")).await.is_none());
        assert_eq!(peer.frame().await.unwrap().payload, pattern(127));
        socket.send_text("x").await.unwrap();
        let asked = peer.frame().await.unwrap();
        assert_eq!((asked.opcode, &asked.payload[..]), (9, &b"queued"[..]));
        assert_eq!(peer.frame().await.unwrap().payload, b"x");
    });
}

#[test]
fn a_close_dropped_anywhere_goes_on_in_the_next_call() {
    for then_recv in [false, true] {
        for pattern_of_drops in PATTERNS {
            for capacity in CAPACITIES {
                let clock = VirtualClock::default();
                let (mut socket, mut peer) =
                    socket_and_peer(Side::Server, capacity, Config::new(), &clock);
                let there = async {
                    clock.sleep(Duration::from_millis(1)).await;
                    peer.send(ping("?")).await;
                    clock.sleep(Duration::from_millis(1)).await;
                    let mut frames = Vec::new();
                    loop {
                        let frame = peer.frame().await.unwrap();
                        frames.push(frame.opcode);
                        if frame.opcode == 8 {
                            break;
                        }
                    }
                    peer.send(close(CloseCode::NORMAL, "")).await;
                    clock.sleep(Duration::from_millis(1)).await;
                    assert_eq!(peer.frame().await, None);
                    peer.end();
                    frames
                };
                let here = async {
                    if then_recv {
                        polled(1, socket.close(CloseCode::NORMAL, "")).await;
                        dropping(pattern_of_drops, async || {
                            assert_eq!(socket.recv(&mut []).await, Ok(None));
                        })
                        .await;
                    } else {
                        dropping(pattern_of_drops, async || {
                            socket.close(CloseCode::NORMAL, "").await.unwrap();
                        })
                        .await;
                    }
                    socket
                };
                let (_socket, frames) = run(&clock, join(here, there));
                assert_eq!(frames.iter().filter(|opcode| **opcode == 8).count(), 1);
            }
        }
    }
}

#[test]
fn a_message_that_a_dropped_close_threw_away_in_part_is_not_received_in_part() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 300, Config::new(), &clock);
    run(&clock, async {
        peer.send(text("begun").fin(false)).await;
        let mut buffer = [0; 64];
        assert!(polled(1, socket.recv(&mut buffer)).await.is_none());
        peer.send(continuation("and ended")).await;
        assert!(polled(1, socket.close(CloseCode::NORMAL, "")).await.is_none());
        peer.send(text("another")).await;
        peer.send(close(CloseCode::NORMAL, "")).await;
        peer.end();
        assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"another");
        assert_eq!(socket.recv(&mut buffer).await, Ok(None));
    });
}

#[test]
fn dropped_receives_still_answer_every_ping_once() {
    for pattern_of_drops in PATTERNS {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 40, Config::new(), &clock);
        let there = async {
            for i in 0..50u8 {
                peer.send(ping([i; 20])).await;
                let answer = peer.frame().await.unwrap();
                assert_eq!((answer.opcode, answer.payload), (10, vec![i; 20]));
            }
            peer.send(text("done")).await;
            clock.sleep(Duration::from_secs(1)).await;
        };
        let here = async {
            let mut buffer = [0; 4];
            dropping(pattern_of_drops, async || socket.recv(&mut buffer).await.unwrap().map(owned))
                .await
        };
        let (message, ()) = run(&clock, join(here, there));
        assert_eq!(message.unwrap().1, b"done");
    }
}

#[test]
fn a_buffer_that_lost_the_start_of_a_message_is_noticed_and_the_next_message_is_whole() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 300, Config::new(), &clock);
    run(&clock, async {
        for other in [vec![0; 64], vec![0; 3]] {
            peer.send(text("first").fin(false)).await;
            assert!(polled(1, socket.recv(&mut [0; 64])).await.is_none());
            peer.send(continuation("rest")).await;
            peer.send(text("second")).await;
            let mut buffer = other;
            assert_eq!(socket.recv(&mut buffer).await, Err(RecvError::BufferChanged));
            let mut buffer = [0; 64];
            assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"second");
        }
        // the same bytes in another place are as good
        peer.send(text("first").fin(false)).await;
        let mut buffer = [0; 64];
        assert!(polled(1, socket.recv(&mut buffer)).await.is_none());
        peer.send(continuation("rest")).await;
        let mut moved = buffer.to_vec();
        assert_eq!(socket.recv(&mut moved).await.unwrap().unwrap().as_bytes(), b"firstrest");
        // and a stream of the next message skips what was begun
        peer.send(text("first").fin(false)).await;
        assert!(polled(1, socket.recv(&mut buffer)).await.is_none());
        peer.send(continuation("rest")).await;
        peer.send(pong("unasked")).await;
        peer.send(binary("next")).await;
        let mut message = socket.next_message().await.unwrap().unwrap();
        assert_eq!(message.read(&mut buffer).await, Ok(4));
        assert_eq!(message.kind(), MessageKind::Binary);
    });
}
