//! Pings of their own, and peers that are given up (RFC 6455 sections 5.5.2 and 5.5.3), under a
//! virtual clock.

use core::time::Duration;

use websocket_listener_core::Side::Reader;
use websocket_listener_core::{
    Config, ControlError, DataFrame, Initiator, Instant, MessageKind, PingMode, SendError, TimedOut,
};
use websocket_listener_tests::{Ending, Heard, Pair, Side, pong, transmit_all, wire_frames};

const SECOND: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_secs(10);
const PONG_TIMEOUT: Duration = Duration::from_secs(7);
const HOUR: Duration = Duration::from_secs(3600);

fn config(mode: PingMode) -> Config {
    Config::new().ping_mode(mode).ping_interval(INTERVAL).pong_timeout(PONG_TIMEOUT)
}

fn manual() -> Config {
    config(PingMode::Manual)
}

fn seconds(seconds: u64) -> Instant {
    Instant::default() + Duration::from_secs(seconds)
}

#[test]
fn latency_control_pings_every_interval_and_measures_the_way_there_and_back() {
    let latency = Duration::from_millis(150);
    let mut pair = Pair::with_latency(config(PingMode::LatencyControl), manual(), latency);
    assert_eq!(pair.server.connection.latency(), None);
    for _ in 0..100 {
        // Traffic changes nothing about it.
        pair.client.send(MessageKind::Text, b"busy").expect("open");
        pair.advance(SECOND);
    }
    let expected: Vec<_> = (1..10).map(|n| seconds(10 * n) + latency).collect();
    assert_eq!(pair.client.pings(), expected);
    assert_eq!(pair.server.connection.latency(), Some(2 * latency));
    pair.server.link.latency = Duration::from_millis(20);
    pair.advance(INTERVAL + SECOND);
    assert_eq!(pair.server.connection.latency(), Some(Duration::from_millis(170)));
    assert_eq!(pair.client.connection.latency(), None, "it never pinged");
    assert_eq!((pair.server.ended, pair.client.ended), (None, None));
}

#[test]
fn bandwidth_saving_pings_only_after_an_interval_of_silence() {
    let mut pair = Pair::new(config(PingMode::BandwidthSaving), manual());
    for _ in 0..50 {
        pair.client.send(MessageKind::Text, b"busy").expect("open");
        pair.advance(INTERVAL - SECOND);
    }
    assert_eq!(pair.client.pings(), []);
    let last = pair.server.connection.last_received();
    pair.advance(5 * INTERVAL);
    // Each pong is a sign of life of its own, and begins the next silence.
    let expected: Vec<_> = (1..=5).map(|n| last + n * INTERVAL).collect();
    assert_eq!(pair.client.pings(), expected);
}

/// The output of this end says nothing of the peer.
#[test]
fn sending_does_not_put_off_the_ping() {
    let mut pair = Pair::new(config(PingMode::BandwidthSaving), manual());
    for _ in 0..25 {
        pair.server.send(MessageKind::Text, b"busy").expect("open");
        pair.advance(SECOND);
    }
    assert_eq!(pair.client.pings(), [seconds(10), seconds(20)]);
}

#[test]
fn manual_never_pings_and_never_gives_up() {
    let mut pair = Pair::new(manual(), manual());
    pair.cut();
    pair.advance(24 * HOUR);
    assert_eq!((pair.server.ended, pair.client.ended), (None, None));
    assert_eq!(pair.server.connection.poll_timeout(Reader), None);
}

#[test]
fn manual_still_guards_the_pings_of_the_caller() {
    let mut pair = Pair::new(manual(), manual());
    pair.cut();
    pair.advance(HOUR);
    pair.server.connection.ping(b"alive?").expect("open");
    pair.run(HOUR);
    let ending = Ending::TimedOut(TimedOut::Pong);
    assert_eq!(pair.server.ended, Some((seconds(3607), ending)));
}

#[test]
fn a_vanished_peer_is_given_up_after_interval_and_pong_timeout_exactly() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        for side in Side::BOTH {
            let mut pair = match side {
                Side::Server => Pair::new(config(mode), manual()),
                Side::Client => Pair::new(manual(), config(mode)),
            };
            pair.cut();
            pair.advance(INTERVAL + PONG_TIMEOUT - Duration::from_micros(1));
            assert_eq!(pair.end(side).ended, None);
            pair.advance(Duration::from_micros(1));
            let ending = Ending::TimedOut(TimedOut::Pong);
            assert_eq!(pair.end(side).ended, Some((seconds(17), ending)));

            let connection = &mut pair.end(side).connection;
            let reason = connection.close_reason().expect("over");
            assert_eq!((reason.code.as_u16(), reason.initiator), (1006, Initiator::Local));
            assert!(connection.is_closed() && !connection.can_send());
            assert_eq!(connection.ping(b""), Err(ControlError::Closed));
            let whole = DataFrame::whole(MessageKind::Text, 0);
            assert_eq!(connection.begin_frame(whole).err(), Some(SendError::Closed));
            assert_eq!(pair.end(side.peer()).ended, None, "it cannot know");
        }
    }
}

/// A caller that pings more often than the deadline is long would otherwise never learn of it.
#[test]
fn further_pings_do_not_give_a_vanished_peer_more_time() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving, PingMode::Manual] {
        let mut pair = Pair::new(config(mode), manual());
        pair.advance(SECOND);
        pair.cut();
        for _ in 0..7 {
            assert_eq!(pair.server.ended, None);
            pair.server.connection.ping(b"again").expect("open");
            pair.advance(SECOND);
        }
        let ending = Ending::TimedOut(TimedOut::Pong);
        assert_eq!(pair.server.ended, Some((seconds(8), ending)), "{mode:?}");
    }
}

/// Any byte counts: a peer busy with a long message on a slow line answers no ping, and lives.
#[test]
fn a_message_that_takes_minutes_is_a_sign_of_life_though_no_pong_comes() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut pair = Pair::new(config(mode), manual());
        pair.client.link.bytes_per_second = 500;
        pair.client.send(MessageKind::Binary, &vec![7; 100_000]).expect("open");
        // A pong would have to wait behind the message.
        pair.advance(Duration::from_secs(150));
        assert_eq!(pair.server.ended, None, "{mode:?}");
        assert!(pair.server.log.unfinished.is_some());
        pair.advance(Duration::from_secs(60));
        assert_eq!(pair.server.log.heard[0], Heard::binary(&vec![7; 100_000]));
        assert_eq!(pair.server.ended, None, "{mode:?}");
    }
}

/// One byte, inside a header even, puts the deadline off.
#[test]
fn a_single_byte_answers_for_the_peer() {
    for side in Side::BOTH {
        let mut connection = side.connection(config(PingMode::BandwidthSaving));
        connection.handle_timeout(Reader, seconds(10)).expect("time for a ping");
        transmit_all(&mut connection, seconds(10));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(17)));
        connection.receive(&mut [0x81], seconds(16)).expect("half a header");
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(26)));
        assert_eq!(connection.handle_timeout(Reader, seconds(17)), Ok(()));
        assert_eq!(connection.latency(), None);
    }
}

/// A ping that waits behind a long write has not asked anything yet.
#[test]
fn a_ping_that_waits_behind_a_long_write_does_not_count_until_flushed() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut pair = Pair::new(config(mode), manual());
        pair.server.link.bytes_per_second = 1000;
        pair.server.link.capacity = 2000;
        pair.server.send(MessageKind::Binary, &vec![7; 100_000]).expect("open");
        // 10 s: the ping is written behind 90,000 bytes; 98 s: it is flushed.
        pair.advance(Duration::from_secs(90));
        assert_eq!((pair.server.ended, pair.client.pings().len()), (None, 0), "{mode:?}");
        pair.advance(Duration::from_secs(20));
        assert_eq!((pair.server.ended, pair.client.pings().len()), (None, 1), "{mode:?}");
        let latency = pair.server.connection.latency().expect("answered");
        assert!(latency < 4 * SECOND, "measured from leaving, not from queueing: {latency:?}");
    }
}

#[test]
fn the_deadline_of_a_ping_that_waited_runs_from_its_flush() {
    for side in Side::BOTH {
        let mut connection = side.connection(config(PingMode::BandwidthSaving));
        connection.handle_timeout(Reader, seconds(10)).expect("time for a ping");
        assert_eq!(connection.poll_timeout(Reader), None, "queued");
        let mut room = [0; 131];
        assert!(connection.transmit(&mut room, seconds(500)) > 0);
        assert_eq!(connection.poll_timeout(Reader), None, "written");
        assert_eq!(connection.handle_timeout(Reader, seconds(5000)), Ok(()));
        connection.flushed(seconds(5000));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(5007)));
        connection.flushed(seconds(5006));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(5007)), "gone is gone");
        assert_eq!(connection.handle_timeout(Reader, seconds(5007)), Err(TimedOut::Pong));
        assert_eq!(connection.handle_timeout(Reader, seconds(5007)), Ok(()), "told once");
    }
}

/// The caller's ping asks as well as one of our own.
#[test]
fn a_ping_of_the_caller_that_waits_is_not_replaced_by_one_of_our_own() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut connection = Side::Server.connection(config(mode));
        connection.ping(b"mine").expect("open");
        assert_eq!(connection.poll_timeout(Reader), None);
        assert_eq!(connection.handle_timeout(Reader, seconds(100)), Ok(()));
        let written = wire_frames(&transmit_all(&mut connection, seconds(100)));
        assert_eq!((written.len(), &written[0].payload[..]), (1, &b"mine"[..]));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(107)));
    }
}

/// The transport may be slow to say that it has written everything.
#[test]
fn a_pong_that_overtakes_the_news_of_the_flush_is_counted() {
    for side in Side::BOTH {
        let mut connection = side.connection(config(PingMode::LatencyControl));
        connection.ping(b"quick").expect("open");
        assert!(connection.transmit(&mut [0; 131], seconds(1)) > 0);
        connection.receive(&mut pong("quick").to(side).bytes(), seconds(2)).expect("a pong");
        assert_eq!(connection.latency(), Some(SECOND));
        connection.flushed(seconds(3));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(11)), "nothing is awaited");
    }
}

/// A peer that is alive but ignores pings is not dead (any inbound byte is life), and is pinged on.
#[test]
fn a_peer_that_talks_but_never_answers_pings_is_pinged_on_and_not_given_up() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut connection = Side::Server.connection(config(mode));
        let mut pings = Vec::new();
        for second in 1..=200 {
            let now = seconds(second);
            connection.handle_timeout(Reader, now).expect("it lives");
            if connection.wants_transmit() {
                transmit_all(&mut connection, now);
                pings.push(second);
            }
            if pings.last().is_some_and(|ping| ping + 5 == second) {
                connection.receive(&mut pong("talk").to(Side::Server).bytes(), now).expect("talk");
            }
        }
        let apart = if mode == PingMode::LatencyControl { 10 } else { 15 };
        let expected: Vec<_> = (10..=200).step_by(apart).collect();
        assert_eq!(pings, expected, "{mode:?}");
        assert_eq!(connection.latency(), None);
    }
}

/// A late answer to an earlier ping is life, but not the latency.
#[test]
fn the_answer_to_an_earlier_ping_does_not_falsify_the_latency() {
    let mut connection = Side::Client.connection(config(PingMode::LatencyControl));
    let mut first = Vec::new();
    for second in [10, 20] {
        connection.handle_timeout(Reader, seconds(second)).expect("time for a ping");
        let written = transmit_all(&mut connection, seconds(second));
        if second == 10 {
            first = wire_frames(&written)[0].payload.clone();
            let mut life = pong("").bytes();
            connection.receive(&mut life, seconds(11)).expect("a pong");
        }
    }
    assert_eq!(first.len(), 8, "the time");
    connection.receive(&mut pong(&first).bytes(), seconds(21)).expect("a pong");
    assert_eq!(connection.latency(), None);
}

/// Both ends at once, for a day: nothing is lost and neither end is given up.
#[test]
fn two_ends_that_ping_each_other_live_on() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut pair = Pair::with_latency(config(mode), config(mode), Duration::from_millis(40));
        pair.advance(HOUR);
        assert_eq!((pair.server.ended, pair.client.ended), (None, None));
        for end in [&pair.server, &pair.client] {
            if mode == PingMode::LatencyControl {
                let there_and_back = Some(Duration::from_millis(80));
                assert_eq!(end.connection.latency(), there_and_back);
                assert!((358..=360).contains(&end.pings().len()), "{}", end.pings().len());
            }
        }
    }
}

/// The clock may jump (a suspended machine): then the ping is due, not the peer dead.
#[test]
fn a_peer_is_pinged_and_not_given_up_at_once_after_a_jump_of_the_clock() {
    for mode in [PingMode::LatencyControl, PingMode::BandwidthSaving] {
        let mut connection = Side::Server.connection(config(mode));
        let later = seconds(1_000_000);
        assert_eq!(connection.handle_timeout(Reader, later), Ok(()));
        assert!(connection.wants_transmit());
        transmit_all(&mut connection, later);
        assert_eq!(connection.poll_timeout(Reader), Some(later + PONG_TIMEOUT));
    }
}

#[test]
fn the_defaults_match_the_documented_table() {
    let mut pair = Pair::new(Config::new(), manual());
    pair.cut();
    pair.run(HOUR);
    let ending = Ending::TimedOut(TimedOut::Pong);
    assert_eq!(pair.server.ended, Some((seconds(40), ending)));
}

/// The last instants of the clock are no trap.
#[test]
fn a_deadline_at_the_end_of_the_clock_saturates() {
    let end = Instant::from_micros(u64::MAX);
    let mut connection = Side::Server.connection(config(PingMode::LatencyControl));
    connection.handle_timeout(Reader, end).expect("time for a ping");
    transmit_all(&mut connection, end);
    assert!(connection.poll_timeout(Reader).is_some_and(|due| due >= end));
}
