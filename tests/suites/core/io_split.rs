//! The two halves, together and each alone.

use std::time::Duration;

use embedded_io_async::Write;
use websocket_listener_core::io::{RecvError, SendError};
use websocket_listener_core::{CloseCode, Config, Initiator, MessageKind, TimedOut};
use websocket_listener_tests::{
    Side, VirtualClock, close, first, join, owned, pattern, ping, polled, pong, run,
    socket_and_peer, sockets, text,
};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn pongs_go_out_when_only_the_reader_is_used() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    run(&clock, async {
        let mut message = writer.message_writer(MessageKind::Binary);
        message.write_all(b"in the middle").await.unwrap();
        let mut buffer = [0; 16];
        let here = async { reader.recv(&mut buffer).await.unwrap().map(owned) };
        let there = async {
            peer.send(ping("?")).await;
            assert_eq!(peer.frame().await.unwrap().payload, b"in the middle");
            let answer = peer.frame().await.unwrap();
            assert_eq!((answer.opcode, answer.payload), (10, b"?".to_vec()));
            peer.send(text("x")).await;
        };
        join(here, there).await;
        message.finish().await.unwrap();
    });
}

#[test]
fn pongs_go_out_between_the_frames_of_a_message_that_never_ends() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let sending = async {
        let mut message = writer.message_writer(MessageKind::Binary);
        while message.write_all(&pattern(1000)).await.is_ok() {}
    };
    let receiving = async { reader.recv(&mut []).await };
    let there = async {
        for i in 0..100u8 {
            peer.send(ping([i; 125])).await;
            let mut others = 0;
            loop {
                let frame = peer.frame().await.unwrap();
                if frame.opcode == 10 {
                    assert_eq!(frame.payload, [i; 125]);
                    break;
                }
                others += 1;
                assert!(others < 5, "the pong is starved");
            }
        }
        peer.send(close(CloseCode::NORMAL, "")).await;
        while peer.frame().await.is_some() {}
        peer.end();
    };
    let ((), (received, ())) = run(&clock, join(sending, join(receiving, there)));
    assert_eq!(received, Ok(None));
}

#[test]
fn a_close_of_the_writers_is_seen_through_by_the_reader() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let here = async {
        let mut buffer = [0; 16];
        let mut received = Vec::new();
        while let Some(message) = reader.recv(&mut buffer).await.unwrap() {
            received.push(owned(message).1);
        }
        let initiator = reader.close_reason(|reason| reason.map(|reason| reason.initiator));
        assert_eq!(initiator, Some(Some(Initiator::Local)));
        received
    };
    let closing = async {
        clock.sleep(seconds(1)).await;
        assert_eq!(writer.close(CloseCode::ABNORMAL, "").await, Err(SendError::InvalidCloseCode));
        writer.close(CloseCode::NORMAL, "bye").await.unwrap();
        assert_eq!(writer.close(CloseCode::NORMAL, "bye").await, Err(SendError::Closed));
        assert_eq!(writer.send_text("x").await, Err(SendError::Closed));
    };
    let there = async {
        assert_eq!(peer.frame().await.unwrap().opcode, 8);
        // what was on its way still arrives
        peer.send(text("one")).await;
        peer.send(text("two")).await;
        peer.send(close(CloseCode::NORMAL, "")).await;
        assert_eq!(peer.frame().await, None);
        peer.end();
    };
    let (received, _) = run(&clock, join(here, join(closing, there)));
    assert_eq!(received, [b"one", b"two"]);
}

#[test]
fn a_close_of_the_writers_wakes_the_reader_for_its_deadline() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let closing = async {
        clock.sleep(seconds(1)).await;
        writer.close(CloseCode::NORMAL, "").await.unwrap();
    };
    let here = async { reader.recv(&mut []).await.map(|message| message.map(owned)) };
    let (received, ()) = run(&clock, join(here, closing));
    assert_eq!(received, Err(RecvError::TimedOut(TimedOut::Close)));
    assert_eq!(clock.elapsed(), seconds(6));
    drop(socket);
    run(&clock, async { assert_eq!(peer.frame().await.unwrap().opcode, 8) });
}

#[test]
fn a_writer_that_waits_for_room_learns_of_the_peers_close() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let sent = pattern(1000);
    let sending = async { (writer.send_binary(&sent).await, clock.elapsed()) };
    let receiving = async { reader.recv(&mut []).await.map(|message| message.map(owned)) };
    let there = async {
        clock.sleep(seconds(1)).await;
        peer.send(close(CloseCode::GOING_AWAY, "")).await;
        clock.sleep(seconds(1)).await;
        let frames = peer.frames().await;
        assert_eq!(frames.last().unwrap().opcode, 8);
        peer.end();
    };
    let (outcome, (received, ())) = run(&clock, join(sending, join(receiving, there)));
    assert_eq!(outcome, (Err(SendError::Closed), seconds(1)));
    assert_eq!(received, Ok(None));
}

#[test]
fn a_close_of_the_readers_cuts_the_writers_message_between_frames() {
    let clock = VirtualClock::default();
    let (mut server, mut client) = sockets(131, Config::new(), &clock);
    let (mut reader, mut writer) = server.split();
    let sent = pattern(100_000);
    let sending = async { writer.send_binary(&sent).await };
    let closing = async {
        clock.sleep(seconds(1)).await;
        reader.close(CloseCode::NORMAL, "enough").await
    };
    let there = async {
        let mut message = client.next_message().await.unwrap().unwrap();
        let mut buffer = [0; 100];
        assert_eq!(message.read(&mut buffer).await, Ok(100));
        clock.sleep(seconds(2)).await;
        loop {
            match message.read(&mut buffer).await {
                Ok(count) => assert!(count > 0),
                Err(error) => break assert_eq!(error, RecvError::Closed),
            }
        }
        assert_eq!(client.recv(&mut buffer).await, Ok(None));
        let reason = client.close_reason().unwrap();
        assert_eq!((reason.code, reason.reason), (CloseCode::NORMAL, "enough"));
        drop(client);
    };
    let (outcome, (closed, ())) = run(&clock, join(sending, join(closing, there)));
    assert_eq!((outcome, closed), (Err(SendError::Closed), Ok(())));
}

#[test]
fn the_reader_enforces_the_deadline_of_a_ping_sent_by_the_writer() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    let sending = async {
        clock.sleep(seconds(1)).await;
        writer.ping(b"1").await.unwrap();
        clock.sleep(seconds(5)).await;
        assert_eq!(writer.latency(), Some(seconds(2)));
        writer.ping(b"2").await.unwrap();
    };
    let receiving = async { reader.recv(&mut []).await.map(|message| message.map(owned)) };
    let there = async {
        assert_eq!(peer.frame().await.unwrap().payload, b"1");
        clock.sleep(seconds(2)).await;
        peer.send(pong("1")).await;
        assert_eq!(peer.frame().await.unwrap().payload, b"2");
    };
    let ((), (received, ())) = run(&clock, join(sending, join(receiving, there)));
    assert_eq!(received, Err(RecvError::TimedOut(TimedOut::Pong)));
    assert_eq!(clock.elapsed(), seconds(26));
}

#[test]
fn a_half_dropped_while_waiting_to_write_lets_the_other_write() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 131, Config::new(), &clock);
    let (mut reader, mut writer) = socket.split();
    run(&clock, async {
        // the writer waits for room and goes away; the reader waits behind it with its pong
        let sending = async {
            writer.send_binary(&pattern(127)).await.unwrap();
            first(async { Some(writer.send_text("never").await) }, async {
                clock.sleep(seconds(2)).await;
                None
            })
            .await
        };
        let receiving = async {
            let mut buffer = [0; 16];
            reader.recv(&mut buffer).await.unwrap().map(owned)
        };
        let there = async {
            clock.sleep(seconds(1)).await;
            peer.send(ping("?")).await;
            clock.sleep(seconds(2)).await;
            assert_eq!(peer.frame().await.unwrap().payload, pattern(127));
            assert_eq!(peer.frame().await.unwrap().payload, b"?");
            peer.send(text("x")).await;
        };
        let (sent, _) = join(sending, join(receiving, there)).await;
        assert_eq!(sent, None);
        // and the other way round
        writer.send_binary(&pattern(127)).await.unwrap();
        peer.send(ping("!")).await;
        assert!(polled(1, reader.recv(&mut [])).await.is_none());
        let (sent, frames) = join(writer.send_text("now"), async {
            [peer.frame().await.unwrap(), peer.frame().await.unwrap(), peer.frame().await.unwrap()]
        })
        .await;
        sent.unwrap();
        assert_eq!(frames[1].payload, b"!");
        assert_eq!(frames[2].payload, b"now");
    });
    // whole again
    run(&clock, async { socket.send_text("whole").await.unwrap() });
}
