//! Peers that stop reading, and both directions full.

use std::time::Duration;

use embedded_io_async::Write;
use websocket_listener_core::io::{RecvError, SendError};
use websocket_listener_core::{CloseCode, Config, Initiator, MessageKind, PingMode};
use websocket_listener_tests::{
    Side, VirtualClock, binary, first, join, owned, pattern, ping, run, socket_and_peer, sockets,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn two_ends_that_send_at_once_through_tiny_rings_both_come_to_their_end() {
    for capacity in [16, 64, 131, 512] {
        let clock = VirtualClock::default();
        let (mut a, mut b) = sockets(capacity, Config::new(), &clock);
        let sent = pattern(50_000);
        let ((mut a_in, mut a_out), (mut b_in, mut b_out)) = (a.split(), b.split());
        let (mut a_buffer, mut b_buffer) = (vec![0; 50_000], vec![0; 50_000]);
        let end_a = join(a_out.send_binary(&sent), a_in.recv(&mut a_buffer));
        let end_b = join(b_out.send_binary(&sent), b_in.recv(&mut b_buffer));
        let ((a_sent, a_got), (b_sent, b_got)) = run(&clock, join(end_a, end_b));
        a_sent.unwrap();
        b_sent.unwrap();
        assert_eq!(a_got.unwrap().unwrap().as_bytes(), sent);
        assert_eq!(b_got.unwrap().unwrap().as_bytes(), sent);
        assert_eq!(clock.elapsed(), seconds(0));
    }
}

#[test]
fn a_send_to_a_peer_that_stopped_reading_ends_at_the_write_timeout() {
    for sending in [false, true] {
        let clock = VirtualClock::default();
        let config = Config::new().write_timeout(seconds(7));
        let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, config, &clock);
        let there = async {
            loop {
                clock.sleep(seconds(1)).await;
                if sending {
                    peer.send(ping("")).await;
                }
            }
        };
        let here = async {
            assert_eq!(socket.send_binary(&pattern(1000)).await, Err(SendError::TimedOut));
            assert_eq!(clock.elapsed(), seconds(7));
            assert_eq!(socket.send_text("x").await, Err(SendError::TimedOut));
            assert_eq!(socket.ping(b"").await, Err(SendError::TimedOut));
            let received = socket.recv(&mut []).await.map(|message| message.map(owned));
            assert_eq!(received, Err(RecvError::WriteTimedOut));
            let reason = socket.close_reason().unwrap();
            assert_eq!((reason.code, reason.initiator), (CloseCode::ABNORMAL, Initiator::Local));
        };
        run(&clock, first(here, there));
    }
}

#[test]
fn sends_dropped_every_second_do_not_put_off_the_write_timeout() {
    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        socket.send_binary(&pattern(127)).await.unwrap();
        loop {
            let tick = async {
                clock.sleep(seconds(1)).await;
                Ok(())
            };
            match first(socket.send_text("x"), tick).await {
                Ok(()) => {}
                Err(error) => break assert_eq!(error, SendError::TimedOut),
            }
        }
        assert_eq!(clock.elapsed(), seconds(20));
    });
}

#[test]
fn a_send_that_was_dropped_no_longer_counts_as_waiting() {
    let clock = VirtualClock::default();
    let config = Config::new().ping_mode(PingMode::Manual);
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, config, &clock);
    run(&clock, async {
        socket.send_binary(&pattern(80)).await.unwrap();
        let tick = async {
            clock.sleep(seconds(1)).await;
            Ok(())
        };
        assert_eq!(first(socket.send_binary(&pattern(100)), tick).await, Ok(()));
        let there = async {
            clock.sleep(seconds(60)).await;
            peer.send(binary("still here")).await;
        };
        let mut buffer = [0; 16];
        let (received, ()) = join(socket.recv(&mut buffer), there).await;
        assert_eq!(received.unwrap().unwrap().as_bytes(), b"still here");
    });
}

#[test]
fn a_write_that_moves_now_and_then_is_not_given_up() {
    let clock = VirtualClock::default();
    // 127 bytes in 19 seconds
    let config = Config::new().min_write_rate(6);
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, config, &clock);
    let there = async {
        let mut payload = Vec::new();
        while payload.len() < 1000 {
            clock.sleep(seconds(19)).await;
            payload.extend(peer.frame().await.unwrap().payload);
        }
        payload
    };
    let sent = pattern(1000);
    let (result, received) = run(&clock, join(socket.send_binary(&sent), there));
    assert_eq!((result, received), (Ok(()), sent.clone()));
}

#[test]
fn a_receive_gives_up_an_unresponsive_peer_though_no_ping_can_leave() {
    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        socket.send_binary(&pattern(127)).await.unwrap();
        let received = socket.recv(&mut []).await.map(|message| message.map(owned));
        assert_eq!(received, Err(RecvError::WriteTimedOut));
        assert_eq!(clock.elapsed(), seconds(40));
    });
}

#[test]
fn receives_dropped_every_second_do_not_put_off_the_write_timeout() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    run(&clock, async {
        // some room is left, but not enough for the pong
        socket.send_binary(&pattern(80)).await.unwrap();
        peer.send(ping([0; 100])).await;
        let error = loop {
            let tick = async {
                clock.sleep(seconds(1)).await;
                Ok(None)
            };
            let received = async { socket.recv(&mut []).await.map(|message| message.map(owned)) };
            if let Err(error) = first(received, tick).await {
                break error;
            }
        };
        assert_eq!(error, RecvError::WriteTimedOut);
        assert_eq!(clock.elapsed(), seconds(20));
    });
}

#[test]
fn a_receive_does_not_give_up_a_peer_that_sends_messages_without_reading() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let there = async {
        for _ in 0..100 {
            peer.send(ping([0; 100])).await;
            peer.send(binary("more")).await;
            clock.sleep(seconds(15)).await;
        }
        peer.send(binary("done")).await;
        std::future::pending::<()>().await;
    };
    let here = async {
        let mut buffer = [0; 16];
        while socket.recv(&mut buffer).await.unwrap().unwrap().as_bytes() != b"done" {}
    };
    run(&clock, first(here, there));
}

#[test]
fn a_receive_gives_up_a_peer_that_sends_pings_without_reading() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let there = async {
        loop {
            peer.send(ping([0; 100])).await;
            clock.sleep(seconds(1)).await;
        }
    };
    let here = async {
        let mut buffer = [0; 16];
        assert_eq!(socket.recv(&mut buffer).await, Err(RecvError::WriteTimedOut));
        assert!(clock.elapsed() < seconds(25));
    };
    run(&clock, first(here, there));
}

#[test]
fn a_peer_that_vanishes_inside_a_send_frees_both_halves() {
    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let sending = async {
        let mut message = writer.message_writer(MessageKind::Binary);
        message.write_all(&pattern(1000)).await
    };
    let receiving = async { reader.recv(&mut []).await.map(|message| message.map(owned)) };
    let (sent, received) = run(&clock, join(sending, receiving));
    assert_eq!(sent, Err(SendError::TimedOut));
    assert_eq!(received, Err(RecvError::WriteTimedOut));
    assert_eq!(clock.elapsed(), seconds(20));
}
