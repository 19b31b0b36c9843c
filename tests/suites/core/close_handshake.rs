//! The closing handshake between two ends (RFC 6455 section 7.1), and its deadline.

use core::time::Duration;

use websocket_listener_core::{CloseCode, Config, Initiator, Instant, MessageKind, TimedOut};
use websocket_listener_tests::{End, Ending, Heard, Pair, Side};

const LATENCY: Duration = Duration::from_millis(100);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);
const HOUR: Duration = Duration::from_secs(3600);

fn pair() -> Pair {
    let config = Config::new().close_timeout(CLOSE_TIMEOUT);
    Pair::with_latency(config, config, LATENCY)
}

fn at(after: Duration) -> Instant {
    Instant::default() + after
}

fn reason(end: &End) -> (u16, &str, Initiator) {
    let reason = end.connection.close_reason().expect("closed");
    (reason.code.as_u16(), reason.reason, reason.initiator)
}

#[test]
fn either_end_closes_cleanly_and_the_server_drops_its_transport_first() {
    for side in Side::BOTH {
        let mut pair = pair();
        let now = pair.now;
        pair.end(side).connection.close(CloseCode::GOING_AWAY, "bye", now).expect("open");
        pair.run(HOUR);
        assert_eq!(reason(pair.end(side)), (1001, "", Initiator::Local));
        assert_eq!(reason(pair.end(side.peer())), (1001, "bye", Initiator::Peer));
        let (server, client) = match side {
            Side::Server => (2 * LATENCY, 3 * LATENCY),
            Side::Client => (LATENCY, 2 * LATENCY),
        };
        assert_eq!(pair.server.ended, Some((at(server), Ending::Closed)));
        assert_eq!(pair.client.ended, Some((at(client), Ending::Closed)));
    }
}

#[test]
fn both_ends_close_at_once_and_each_reads_the_reason_of_its_peer() {
    let mut pair = pair();
    let now = pair.now;
    pair.server.connection.close(CloseCode::GOING_AWAY, "restart", now).expect("open");
    pair.client.connection.close(CloseCode::NORMAL, "done", now).expect("open");
    pair.run(HOUR);
    assert_eq!(reason(&pair.server), (1000, "done", Initiator::Local));
    assert_eq!(reason(&pair.client), (1001, "restart", Initiator::Local));
    assert_eq!(pair.server.ended, Some((at(LATENCY), Ending::Closed)));
    assert_eq!(pair.client.ended, Some((at(2 * LATENCY), Ending::Closed)));
}

#[test]
fn messages_sent_before_the_close_frame_arrive_first() {
    for side in Side::BOTH {
        let mut pair = pair();
        let payload = vec![7; 100_000];
        let now = pair.now;
        pair.end(side).link.bytes_per_second = 100_000;
        pair.end(side).send(MessageKind::Binary, &payload).expect("open");
        pair.end(side).connection.close(CloseCode::NORMAL, "", now).expect("open");
        pair.run(HOUR);
        let closed = Heard::Close(CloseCode::NORMAL, String::new());
        assert_eq!(pair.end(side.peer()).log.heard, [Heard::binary(&payload), closed]);
        assert_eq!(reason(pair.end(side)).0, 1000);
    }
}

/// Section 5.5.1: the peer may have more to say before it answers; it is heard.
#[test]
fn messages_that_cross_the_close_frame_are_heard() {
    for side in Side::BOTH {
        let mut pair = pair();
        let now = pair.now;
        pair.end(side.peer()).send(MessageKind::Text, b"crossing").expect("open");
        pair.end(side).connection.close(CloseCode::NORMAL, "", now).expect("open");
        pair.run(HOUR);
        assert_eq!(pair.end(side).log.heard[0], Heard::text("crossing"));
    }
}

#[test]
fn a_peer_that_does_not_answer_is_dropped_at_the_deadline_exactly() {
    for side in Side::BOTH {
        let mut pair = pair();
        pair.advance(LATENCY);
        pair.cut();
        let now = pair.now;
        pair.end(side).connection.close(CloseCode::NORMAL, "bye", now).expect("open");
        pair.run(CLOSE_TIMEOUT);
        let expected = Some((now + CLOSE_TIMEOUT, Ending::TimedOut(TimedOut::Close)));
        assert_eq!(pair.end(side).ended, expected);
        assert_eq!(reason(pair.end(side)), (1006, "", Initiator::Local));
    }
}

/// Bytes are a sign of life, but no reason to wait longer for the Close frame.
#[test]
fn a_peer_cannot_put_off_the_deadline_by_sending() {
    for side in Side::BOTH {
        let config = Config::new().close_timeout(CLOSE_TIMEOUT).write_timeout(HOUR);
        let mut pair = Pair::with_latency(config, config, LATENCY);
        let now = pair.now;
        pair.end(side.peer()).link.bytes_per_second = 2000;
        // Fifty seconds of message, in front of the peer's Close frame.
        pair.end(side.peer()).send(MessageKind::Binary, &vec![7; 100_000]).expect("open");
        pair.end(side).connection.close(CloseCode::NORMAL, "", now).expect("open");
        pair.run(HOUR);
        let expected = Some((at(CLOSE_TIMEOUT), Ending::TimedOut(TimedOut::Close)));
        assert_eq!(pair.end(side).ended, expected);
        assert_eq!(reason(pair.end(side)), (1006, "", Initiator::Local));
    }
}

/// Nor by pings, which would otherwise be answered.
#[test]
fn a_peer_cannot_put_off_the_deadline_by_pings() {
    let mut pair = pair();
    let now = pair.now;
    // The client's Close frame never comes: its link is stopped after the ping.
    pair.server.link.stalled = true;
    pair.server.connection.close(CloseCode::NORMAL, "", now).expect("open");
    for _ in 0..40 {
        pair.client.connection.ping(b"still here").expect("it has not heard the Close frame");
        pair.advance(LATENCY);
    }
    let expected = Some((at(CLOSE_TIMEOUT), Ending::TimedOut(TimedOut::Close)));
    assert_eq!(pair.server.ended, expected);
}

#[test]
fn the_close_deadline_holds_while_the_close_frame_cannot_even_be_written() {
    for side in Side::BOTH {
        let mut pair = pair();
        pair.end(side).link.stalled = true;
        pair.end(side).link.capacity = 100;
        pair.end(side).send(MessageKind::Binary, &[7; 1000]).expect("open");
        pair.drive();
        assert!(pair.end(side).unsent() > 0);
        let now = pair.now;
        pair.end(side).connection.close(CloseCode::NORMAL, "", now).expect("open");
        pair.run(HOUR);
        let expected = Some((at(CLOSE_TIMEOUT), Ending::TimedOut(TimedOut::Close)));
        assert_eq!(pair.end(side).ended, expected);
    }
}

/// Section 7.1.1: a client waits for the server's transport to end, but not forever.
#[test]
fn a_client_drops_its_transport_at_the_deadline_if_the_server_never_does() {
    let mut pair = pair();
    let now = pair.now;
    pair.client.connection.close(CloseCode::NORMAL, "", now).expect("open");
    pair.advance(LATENCY);
    // The server's Close frame is on its way, the end of its stream is lost.
    let frames = pair.server.connection.close_reason().is_some();
    assert!(frames && !pair.client.connection.is_closed());
    pair.client.connection.receive(&mut [0x88, 0], pair.now).expect("a Close frame");
    pair.cut();
    pair.run(HOUR);
    let expected = Some((at(CLOSE_TIMEOUT), Ending::TimedOut(TimedOut::Close)));
    assert_eq!(pair.client.ended, expected);
    assert_eq!(reason(&pair.client), (1005, "", Initiator::Local), "clean all the same");
}

/// A refusal is a close: sent to the peer, under the same deadline.
#[test]
fn a_refused_peer_is_told_and_dropped() {
    for side in Side::BOTH {
        let mut pair = pair();
        let refused = pair.end(side).connection.receive(&mut [0xff], Instant::default()).is_err();
        assert!(refused);
        pair.run(HOUR);
        assert!(pair.is_over());
        let refused = pair.end(side).connection.close_reason().expect("closed");
        assert_eq!((refused.code.as_u16(), refused.initiator), (1006, Initiator::Local));
        let (code, text, initiator) = reason(pair.end(side.peer()));
        assert_eq!((code, initiator), (1002, Initiator::Peer));
        assert_eq!(text, "reserved bit set without a negotiated extension");
    }
}

#[test]
fn no_keepalive_ping_disturbs_the_closing_handshake() {
    for side in Side::BOTH {
        let config = Config::new()
            .ping_interval(Duration::from_secs(1))
            .pong_timeout(Duration::from_secs(1))
            .close_timeout(Duration::from_secs(60));
        let mut pair = Pair::new(config, config);
        let now = pair.now;
        pair.end(side).connection.close(CloseCode::NORMAL, "", now).expect("open");
        pair.end(side.peer()).link.stalled = true;
        pair.end(side).link.stalled = true;
        pair.run(HOUR);
        let expected = Some((at(Duration::from_secs(60)), Ending::TimedOut(TimedOut::Close)));
        assert_eq!(pair.end(side).ended, expected);
        // The other end never heard of it and gave up by itself.
        let expected = Some((at(Duration::from_secs(2)), Ending::TimedOut(TimedOut::Pong)));
        assert_eq!(pair.end(side.peer()).ended, expected);
    }
}

/// Unread input at the end of the stream is not lost: here the transport ends right after it.
#[test]
fn a_transport_that_breaks_ends_both_with_1006() {
    for side in Side::BOTH {
        let config = Config::new().write_timeout(Duration::ZERO);
        let mut pair = Pair::with_latency(config, config, LATENCY);
        pair.end(side).send(MessageKind::Text, b"last words").expect("open");
        pair.drive();
        pair.end(side).link.capacity = 0;
        pair.end(side).send(MessageKind::Text, b"lost").expect("open");
        pair.run(HOUR);
        let expected = Some((at(Duration::ZERO), Ending::TimedOut(TimedOut::Write)));
        assert_eq!(pair.end(side).ended, expected);
        assert_eq!(pair.end(side.peer()).log.heard, [Heard::text("last words")]);
        assert_eq!(reason(pair.end(side.peer())), (1006, "", Initiator::Peer));
    }
}
