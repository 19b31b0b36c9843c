//! Messages written as streams, finished and not.

use embedded_io_async::Write;
use websocket_listener_core::io::{MAX_SENT_CONTROL_PAYLOAD, SendError};
use websocket_listener_core::{CloseCode, Config, MessageKind};
use websocket_listener_tests::{
    Side, VirtualClock, close, join, pattern, ping, run, socket_and_peer, sockets,
};

#[test]
fn every_write_is_a_frame_and_the_last_one_ends_the_message() {
    let clock = VirtualClock::default();
    for side in Side::BOTH {
        let (mut socket, mut peer) = socket_and_peer(side, 256, Config::new(), &clock);
        run(&clock, async {
            let mut writer = socket.message_writer(MessageKind::Text);
            assert_eq!(writer.kind(), MessageKind::Text);
            assert_eq!(writer.write(b"").await, Ok(0));
            assert_eq!(writer.write(b"Hel").await, Ok(3));
            assert_eq!(writer.write(b"lo").await, Ok(2));
            writer.flush().await.unwrap();
            writer.finish().await.unwrap();
            let mut frames = Vec::new();
            for _ in 0..3 {
                let frame = peer.frame().await.unwrap();
                assert_eq!(frame.mask.is_some(), side == Side::Client);
                frames.push((frame.opcode, frame.fin, frame.payload));
            }
            assert_eq!(
                frames,
                [(1, false, b"Hel".to_vec()), (0, false, b"lo".to_vec()), (0, true, vec![])]
            );
            // nothing written: one empty frame
            socket.message_writer(MessageKind::Binary).finish().await.unwrap();
            assert_eq!(peer.message().await, (2, vec![], 1));
        });
    }
}

#[test]
fn a_write_takes_as_many_bytes_as_fit() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let mut writer = socket.message_writer(MessageKind::Binary);
        assert_eq!(writer.write(&pattern(1000)).await, Ok(252));
        assert_eq!(peer.frame().await.unwrap().payload, pattern(252));
    });
}

#[test]
fn text_is_checked_across_writes_and_the_bad_bytes_are_not_sent() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let mut writer = socket.message_writer(MessageKind::Text);
        assert_eq!(writer.write(b"\xff").await, Err(SendError::InvalidUtf8));
        assert_eq!(writer.write(b"\xe2\x82").await, Ok(2));
        assert_eq!(writer.write(b"\x28").await, Err(SendError::InvalidUtf8));
        assert_eq!(writer.write(b"\xac").await, Ok(1));
        writer.finish().await.unwrap();
        assert_eq!(peer.message().await.1, "€".as_bytes());

        let mut writer = socket.message_writer(MessageKind::Text);
        writer.write_all(b"\xe2\x82").await.unwrap();
        assert_eq!(writer.finish().await, Err(SendError::InvalidUtf8));
        assert_eq!(socket.send_text("next").await, Err(SendError::MessageUnfinished));
    });
}

#[test]
fn a_writer_dropped_before_its_first_frame_has_done_nothing() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        socket.message_writer(MessageKind::Text);
        socket.send_binary(b"next").await.unwrap();
        assert_eq!(peer.message().await, (2, b"next".to_vec(), 1));
    });
}

#[test]
fn after_a_message_that_was_never_finished_only_control_frames_go_out() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    let here = async {
        let mut writer = socket.message_writer(MessageKind::Binary);
        writer.write_all(b"part").await.unwrap();
        assert_eq!(socket.send_text("next").await, Err(SendError::MessageUnfinished));
        assert_eq!(socket.send_binary(b"").await, Err(SendError::MessageUnfinished));
        let mut writer = socket.message_writer(MessageKind::Binary);
        assert_eq!(writer.write(b"x").await, Err(SendError::MessageUnfinished));
        assert_eq!(
            socket.message_writer(MessageKind::Binary).finish().await,
            Err(SendError::MessageUnfinished)
        );
        socket.ping(b"alive").await.unwrap();
        // answers the peer's ping on the way
        socket.close(CloseCode::INTERNAL_ERROR, "gave up").await
    };
    let there = async {
        assert_eq!(peer.frame().await.unwrap().payload, b"part");
        assert_eq!(peer.frame().await.unwrap().opcode, 9);
        let end = peer.frame().await.unwrap();
        assert_eq!((end.opcode, &end.payload[2..]), (8, &b"gave up"[..]));
        peer.send(ping("late")).await;
        peer.send(close(CloseCode::INTERNAL_ERROR, "")).await;
        assert_eq!(peer.frame().await, None);
        peer.end();
    };
    let (closed, ()) = run(&clock, join(here, there));
    closed.unwrap();
}

#[test]
fn a_pong_goes_out_while_a_message_is_unfinished() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let mut writer = socket.message_writer(MessageKind::Binary);
        writer.write_all(b"part").await.unwrap();
        peer.send(ping("there?")).await;
        assert!(websocket_listener_tests::polled(1, socket.recv(&mut [])).await.is_none());
        assert_eq!(peer.frame().await.unwrap().payload, b"part");
        let answer = peer.frame().await.unwrap();
        assert_eq!((answer.opcode, answer.payload), (10, b"there?".to_vec()));
    });
}

#[test]
fn a_write_side_too_small_for_a_frame_is_distinguished_from_a_full_write_side() {
    use embedded_io_async::ErrorKind::OutOfMemory;

    let clock = VirtualClock::default();
    let (mut socket, _peer) = socket_and_peer(Side::Client, 6, Config::new(), &clock);
    run(&clock, async {
        assert_eq!(socket.send_binary(b"x").await, Err(SendError::Transport(OutOfMemory)));
    });
    let (mut socket, _peer) = socket_and_peer(Side::Server, 20, Config::new(), &clock);
    run(&clock, async {
        socket.ping(&[1; 18]).await.unwrap();
    });
    let (mut socket, _peer) = socket_and_peer(Side::Server, 20, Config::new(), &clock);
    run(&clock, async {
        assert_eq!(socket.ping(&[1; 19]).await, Err(SendError::Transport(OutOfMemory)));
    });
}

#[test]
fn refusals_of_control_frames_change_nothing() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        use websocket_listener_core::io::Error;
        assert_eq!(socket.ping(&[0; MAX_SENT_CONTROL_PAYLOAD + 1]).await, Err(SendError::TooLong));
        let long = "x".repeat(MAX_SENT_CONTROL_PAYLOAD + 1);
        assert_eq!(
            socket.close(CloseCode::NORMAL, &long).await,
            Err(Error::Send(SendError::TooLong))
        );
        assert_eq!(
            socket.close(CloseCode::ABNORMAL, "").await,
            Err(Error::Send(SendError::InvalidCloseCode))
        );
        socket.send_text("fine").await.unwrap();
        assert_eq!(peer.message().await.1, b"fine");
    });
}

#[test]
fn the_longest_ping_and_close_reason_that_a_connection_keeps_are_sent_whole() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 256, Config::new(), &clock);
    run(&clock, async {
        let longest = "x".repeat(MAX_SENT_CONTROL_PAYLOAD);
        socket.ping(longest.as_bytes()).await.unwrap();
        assert_eq!(peer.frame().await.unwrap().payload, longest.as_bytes());
        let closing = socket.close(CloseCode::NORMAL, &longest);
        let (closed, frame) = join(closing, async {
            let frame = peer.frame().await.unwrap();
            peer.send(close(CloseCode::NORMAL, "")).await;
            peer.end();
            frame
        })
        .await;
        closed.unwrap();
        assert_eq!(frame.payload[2..], *longest.as_bytes());
    });
}

#[test]
fn a_whole_message_arrives_as_written() {
    let clock = VirtualClock::default();
    let (mut server, mut client) = sockets(200, Config::new(), &clock);
    let sent = pattern(5000);
    let writing = async {
        let mut writer = client.message_writer(MessageKind::Binary);
        for piece in sent.chunks(333) {
            writer.write_all(piece).await.unwrap();
        }
        writer.finish().await.unwrap();
    };
    let reading = async {
        let mut buffer = [0; 5000];
        server.recv(&mut buffer).await.unwrap().unwrap().as_bytes().to_vec()
    };
    let ((), received) = run(&clock, join(writing, reading));
    assert_eq!(received, sent);
}
