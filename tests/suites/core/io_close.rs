//! Every way in which a connection over a transport ends, and what is returned.

use std::time::Duration;

use websocket_listener_core::io::{Error, ErrorKind, RecvError, SendError};
use websocket_listener_core::{CloseCode, Config, Initiator, MessageKind, ProtocolError, TimedOut};
use websocket_listener_tests::{
    RingSocket, Side, VirtualClock, binary, close, continuation, join, owned, ping, polled, run,
    socket_and_peer, sockets, text,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Every call says the same, again and again.
async fn is_over(socket: &mut RingSocket, outcome: Result<(), RecvError>, refusal: SendError) {
    for _ in 0..2 {
        assert_eq!(
            socket.recv(&mut []).await.map(|message| message.map(owned)),
            outcome.map(|()| None)
        );
        assert_eq!(
            socket.next_message().await.map(|message| message.is_none()),
            outcome.map(|()| true)
        );
        assert_eq!(socket.close(CloseCode::NORMAL, "").await, outcome.map_err(Error::Recv));
        assert_eq!(socket.send_text("x").await, Err(refusal));
        assert_eq!(socket.send_binary(b"").await, Err(refusal));
        assert_eq!(socket.ping(b"").await, Err(refusal));
        assert_eq!(socket.message_writer(MessageKind::Text).write(b"x").await, Err(refusal));
        assert_eq!(socket.message_writer(MessageKind::Text).finish().await, Err(refusal));
    }
}

#[test]
fn a_close_from_here_is_answered_and_both_streams_end() {
    for side in Side::BOTH {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(side, 131, Config::new(), &clock);
        let there = async {
            let end = peer.frame().await.unwrap();
            assert_eq!((end.opcode, &end.payload[..]), (8, &b"\x03\xe9bye"[..]));
            // what is still on its way is thrown away
            peer.send(binary([0; 500])).await;
            peer.send(ping("?")).await;
            peer.send(close(CloseCode::GOING_AWAY, "you too")).await;
            peer.end_in_turn().await;
        };
        run(&clock, async {
            let (closed, ()) = join(socket.close(CloseCode::GOING_AWAY, "bye"), there).await;
            closed.unwrap();
            is_over(&mut socket, Ok(()), SendError::Closed).await;
        });
        let reason = socket.close_reason().unwrap();
        assert_eq!((reason.code, reason.reason), (CloseCode::GOING_AWAY, "you too"));
        assert_eq!((reason.initiator, reason.is_clean()), (Initiator::Local, true));
        assert_eq!(clock.elapsed(), seconds(0));
    }
}

#[test]
fn a_close_from_the_peer_is_echoed_after_the_messages_before_it() {
    for side in Side::BOTH {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(side, 131, Config::new(), &clock);
        let there = async {
            peer.send(text("last words")).await;
            peer.send(close(CloseCode::new(4000), "why")).await;
            peer.send(text("ignored")).await;
            let end = peer.frame().await.unwrap();
            assert_eq!((end.opcode, &end.payload[..]), (8, &b"\x0f\xa0"[..]));
            peer.end_in_turn().await;
        };
        let here = async {
            let mut buffer = [0; 16];
            let message = socket.recv(&mut buffer).await.unwrap().unwrap();
            assert_eq!(message.as_bytes(), b"last words");
            assert_eq!(socket.recv(&mut buffer).await, Ok(None));
            is_over(&mut socket, Ok(()), SendError::Closed).await;
        };
        run(&clock, join(here, there));
        let reason = socket.close_reason().unwrap();
        assert_eq!((reason.code.as_u16(), reason.reason), (4000, "why"));
        assert_eq!(reason.initiator, Initiator::Peer);
    }
}

#[test]
fn both_ends_closing_at_once_come_to_the_same_end() {
    let clock = VirtualClock::default();
    let (mut server, mut client) = sockets(131, Config::new(), &clock);
    let closing = join(
        async {
            server.close(CloseCode::GOING_AWAY, "").await.unwrap();
            drop(server);
        },
        async {
            client.close(CloseCode::NORMAL, "").await.unwrap();
            drop(client);
        },
    );
    run(&clock, closing);
    assert_eq!(clock.elapsed(), seconds(0));
}

#[test]
fn a_peer_that_sends_its_close_and_hangs_up_has_closed_cleanly() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        peer.send(text("a")).await;
        peer.send(close(CloseCode::NORMAL, "")).await;
        drop(peer);
        let mut buffer = [0; 16];
        assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"a");
        assert_eq!(socket.recv(&mut buffer).await, Ok(None));
        assert_eq!(socket.close_reason().unwrap().code, CloseCode::NORMAL);
    });
}

#[test]
fn a_stream_that_ends_without_a_close_is_a_lost_connection() {
    for side in Side::BOTH {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(side, 131, Config::new(), &clock);
        run(&clock, async {
            peer.send(text("a")).await;
            peer.end();
            let mut buffer = [0; 16];
            assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"a");
            is_over(&mut socket, Err(RecvError::ConnectionLost), SendError::Closed).await;
            let reason = socket.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::ABNORMAL, Initiator::Peer));
        });
    }
}

#[test]
fn a_stream_that_ends_inside_a_message_does_not_end_the_message() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        peer.send(text("abc").fin(false)).await;
        peer.end();
        let mut buffer = [0; 16];
        let mut message = socket.next_message().await.unwrap().unwrap();
        assert_eq!(message.read(&mut buffer).await, Ok(3));
        assert_eq!(message.read(&mut buffer).await, Err(RecvError::ConnectionLost));
        assert_eq!(message.read(&mut buffer).await, Err(RecvError::ConnectionLost));
    });
}

#[test]
fn a_close_inside_a_message_does_not_end_the_message() {
    let clock = VirtualClock::default();
    for whole in [true, false] {
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
        run(&clock, async {
            peer.send(text("abc").fin(false)).await;
            peer.send(close(CloseCode::NORMAL, "")).await;
            peer.end();
            let mut buffer = [0; 16];
            if whole {
                assert_eq!(socket.recv(&mut buffer).await, Ok(None));
            } else {
                let mut message = socket.next_message().await.unwrap().unwrap();
                assert_eq!(message.read(&mut buffer).await, Ok(3));
                assert_eq!(message.read(&mut buffer).await, Err(RecvError::Closed));
                assert_eq!(message.read(&mut buffer).await, Err(RecvError::Closed));
            }
            is_over(&mut socket, Ok(()), SendError::Closed).await;
        });
    }
}

#[test]
fn a_transport_that_breaks_is_reported_with_its_kind() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let broken = ErrorKind::ConnectionReset;
    run(&clock, async {
        let here = async { socket.recv(&mut []).await.map(|message| message.map(owned)) };
        let there = async {
            clock.sleep(seconds(1)).await;
            peer.reset();
        };
        let (received, ()) = join(here, there).await;
        assert_eq!(received, Err(RecvError::Transport(broken)));
        is_over(&mut socket, Err(RecvError::Transport(broken)), SendError::Transport(broken)).await;
    });
}

#[test]
fn messages_that_came_before_writing_broke_are_still_received() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        peer.send(ping("?")).await;
        peer.send(text("a")).await;
        peer.send(close(CloseCode::NORMAL, "")).await;
        drop(peer);
        let broken = Err(SendError::Transport(ErrorKind::ConnectionReset));
        assert_eq!(socket.send_text("x").await, broken);
        let mut buffer = [0; 16];
        assert_eq!(socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"a");
        assert_eq!(socket.recv(&mut buffer).await, Ok(None));
    });
}

#[test]
fn a_violation_is_answered_with_its_code_and_the_stream_ends_in_order() {
    let cases = [
        (text("x").rsv(0b100), ProtocolError::ReservedBits, 1002),
        (text(b"\xff"), ProtocolError::InvalidUtf8, 1007),
        (binary("").declared_length(1 << 21), ProtocolError::MessageTooBig, 1009),
        (continuation("x"), ProtocolError::UnexpectedContinuation, 1002),
    ];
    for (frame, error, code) in cases {
        for streaming in [false, true] {
            let clock = VirtualClock::default();
            let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
            let there = async {
                peer.send(frame.clone()).await;
                let end = peer.frame().await.unwrap();
                assert_eq!((end.opcode, &end.payload[..2]), (8, &u16::to_be_bytes(code)[..]));
                // more than the ring holds, so that it must be drained
                peer.send_bytes(&[0xff; 1000]).await;
                assert_eq!(peer.frame().await, None);
                peer.end();
            };
            let here = async {
                if streaming {
                    match socket.next_message().await {
                        Ok(message) => {
                            let mut message = message.unwrap();
                            let mut buffer = [0; 16];
                            let failed = message.read(&mut buffer).await;
                            assert_eq!(failed, Err(RecvError::Protocol(error)));
                        }
                        Err(failed) => assert_eq!(failed, RecvError::Protocol(error)),
                    }
                }
                is_over(&mut socket, Err(RecvError::Protocol(error)), SendError::Closed).await;
            };
            run(&clock, join(here, there));
            assert_eq!(clock.elapsed(), seconds(0));
        }
    }
}

#[test]
fn a_message_longer_than_the_buffer_is_refused_with_1009_by_its_header() {
    let announced = binary([1; 4]).declared_length(17);
    let in_fragments = [binary([1; 16]).fin(false), continuation([1; 1])];
    for frames in [vec![announced], in_fragments.to_vec()] {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
        let there = async {
            for frame in frames {
                peer.send(frame).await;
            }
            let end = peer.frame().await.unwrap();
            assert_eq!(end.payload[..2], [0x03, 0xf1]);
            peer.end();
        };
        let here = async {
            let mut buffer = [0; 16];
            let failed = socket.recv(&mut buffer).await.map(|message| message.map(owned));
            assert_eq!(failed, Err(RecvError::MessageTooBig));
            is_over(&mut socket, Err(RecvError::MessageTooBig), SendError::Closed).await;
        };
        run(&clock, join(here, there));
    }
}

#[test]
fn a_peer_that_never_answers_the_close_costs_the_close_timeout() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        let there = async {
            // a flood does not prolong it
            while peer.frame().await.is_some() {}
        };
        let here = async {
            let closed = socket.close(CloseCode::NORMAL, "").await;
            let timed_out = RecvError::TimedOut(TimedOut::Close);
            assert_eq!(closed, Err(Error::Recv(timed_out)));
            assert_eq!(clock.elapsed(), seconds(5));
            is_over(&mut socket, Err(timed_out), SendError::TimedOut).await;
            drop(socket);
        };
        join(here, there).await;
    });
}

#[test]
fn a_peer_that_answers_the_close_but_keeps_its_stream_open_costs_no_more_and_spoils_nothing() {
    for from_here in [true, false] {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
        let there = async {
            if from_here {
                peer.frame().await;
            }
            peer.send(close(CloseCode::NORMAL, "")).await;
            peer.frames().await
        };
        let here = async {
            if from_here {
                assert_eq!(socket.close(CloseCode::NORMAL, "").await, Ok(()));
            }
            assert_eq!(socket.recv(&mut []).await, Ok(None));
            assert_eq!(clock.elapsed(), seconds(5));
            is_over(&mut socket, Ok(()), SendError::Closed).await;
        };
        run(&clock, join(here, there));
    }
}

/// RFC 6455 section 7.1.1: when it closes, "a client [...] SHOULD wait for a TCP Close from the server".
#[test]
fn a_client_ends_its_stream_after_the_server() {
    for from_here in [true, false] {
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_peer(Side::Client, 131, Config::new(), &clock);
        let there = async {
            if !from_here {
                peer.send(close(CloseCode::NORMAL, "")).await;
            }
            assert_eq!(peer.frame().await.unwrap().opcode, 8);
            if from_here {
                peer.send(close(CloseCode::NORMAL, "")).await;
            }
            clock.sleep(seconds(1)).await;
            assert_eq!(polled(1, peer.frame()).await, None, "it has ended already");
            peer.end();
            assert_eq!(peer.frame().await, None);
            assert_eq!(clock.elapsed(), seconds(1));
        };
        let here = async {
            if from_here {
                assert_eq!(socket.close(CloseCode::NORMAL, "").await, Ok(()));
            }
            assert_eq!(socket.recv(&mut []).await, Ok(None));
            assert_eq!(clock.elapsed(), seconds(1));
        };
        run(&clock, join(here, there));
    }
}

#[test]
fn a_close_that_finds_no_room_ends_at_the_close_timeout() {
    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        socket.send_binary(&[0; 127]).await.unwrap();
        let closed = socket.close(CloseCode::NORMAL, "").await;
        assert_eq!(closed, Err(Error::Recv(RecvError::TimedOut(TimedOut::Close))));
        assert_eq!(clock.elapsed(), seconds(5));
    });
}

#[test]
fn a_peer_that_floods_while_closing_is_drained_until_the_deadline() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let there = async {
        for _ in 0..100 {
            peer.send(binary([1; 100])).await;
            clock.sleep(Duration::from_millis(49)).await;
        }
    };
    let here = async { (socket.close(CloseCode::NORMAL, "").await, clock.elapsed(), socket) };
    let ((closed, elapsed, _socket), ()) = run(&clock, join(here, there));
    assert_eq!(closed, Err(Error::Recv(RecvError::TimedOut(TimedOut::Close))));
    assert_eq!(elapsed, seconds(5));
}
