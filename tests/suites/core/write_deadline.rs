//! The deadline of a peer that takes too little of what is written to it.

use core::time::Duration;

use websocket_listener_core::Side::{Reader, Writer};
use websocket_listener_core::{
    CloseCode, Config, Connection, Failure, Initiator, Instant, TimedOut,
};
use websocket_listener_tests::{Side, binary, close, collect, ping, transmit_all};

const NOW: Instant = Instant::from_micros(0);

fn seconds(seconds: u64) -> Instant {
    NOW + Duration::from_secs(seconds)
}

/// A connection without pings, whose stream took no more at the clock's origin.
fn blocked(config: Config) -> Connection {
    let mut connection = Side::Server.connection(config.ping_interval(Duration::MAX));
    connection.write_blocked(NOW);
    connection
}

/// 100 bytes a second in 20 seconds: 2,000 bytes.
fn by_default() -> Connection {
    blocked(Config::new())
}

fn hear(connection: &mut Connection, frame: &websocket_listener_tests::Frame, now: Instant) {
    let mut bytes = frame.clone().to(Side::Server).bytes();
    connection.receive(&mut bytes, now).expect("a lawful frame");
}

#[test]
fn a_peer_that_takes_nothing_is_given_up_after_the_write_timeout_by_either_half() {
    for side in [Reader, Writer] {
        let mut connection = by_default();
        assert!(connection.is_write_blocked());
        connection.write_blocked(seconds(5));
        assert_eq!(connection.poll_timeout(side), Some(seconds(20)), "the same wait");
        assert_eq!(connection.handle_timeout(side, seconds(19)), Ok(()));
        assert_eq!(connection.handle_timeout(side, seconds(20)), Err(TimedOut::Write));
        let failure = Failure::TimedOut(TimedOut::Write);
        assert_eq!(connection.outcome(), Some(Err(failure)));
        let reason = connection.close_reason().expect("over");
        assert_eq!((reason.code, reason.initiator), (CloseCode::ABNORMAL, Initiator::Local));
        assert_eq!(connection.handle_timeout(side, seconds(20)), Ok(()), "told once");
    }
}

#[test]
fn no_deadline_runs_while_the_stream_takes_every_write() {
    let mut connection = by_default();
    connection.written(1, || seconds(19));
    assert!(!connection.is_write_blocked());
    assert_eq!(connection.poll_timeout(Writer), None);
    assert_eq!(connection.handle_timeout(Writer, seconds(1_000)), Ok(()));
}

#[test]
fn a_peer_that_takes_the_least_rate_is_waited_for() {
    let mut connection = by_default();
    for round in 1..100 {
        connection.written(2_000, || seconds(20 * round));
        connection.write_blocked(seconds(20 * round));
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(20 * round + 20)));
    }
}

/// A byte now and then would hold a connection for ever.
#[test]
fn a_peer_that_takes_less_than_the_least_rate_is_given_up() {
    let mut connection = by_default();
    for second in 1..20 {
        connection.written(99, || seconds(second));
        connection.write_blocked(seconds(second));
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(20)));
    }
    assert_eq!(connection.handle_timeout(Writer, seconds(20)), Err(TimedOut::Write));
}

#[test]
fn with_a_least_rate_of_zero_any_byte_is_progress() {
    let mut connection = blocked(Config::new().min_write_rate(0));
    for round in 1..100 {
        connection.written(1, || seconds(19 * round));
        connection.write_blocked(seconds(19 * round));
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(19 * round + 20)));
    }
}

/// Only waiting counts: an owner that writes a little every hour gives its peer as much time for it.
#[test]
fn time_in_which_nothing_waits_to_be_written_does_not_count() {
    let mut connection = by_default();
    connection.written(100, || seconds(5));
    connection.write_blocked(seconds(3_600));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(3_615)), "5 seconds have gone");
    connection.written(1_000, || seconds(3_605));
    connection.written(900, || seconds(3_605));
    connection.write_blocked(seconds(3_605));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(3_625)), "2,000 bytes are enough");
}

/// Its message was given up, and another is tried.
#[test]
fn a_wait_whose_writer_has_gone_continues_with_the_next() {
    for rate in [0, 100] {
        let mut connection = blocked(Config::new().min_write_rate(rate));
        connection.written(0, || seconds(15));
        assert_eq!(connection.poll_timeout(Writer), None);
        connection.write_blocked(seconds(60));
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(65)));
    }
}

#[test]
fn when_everything_has_left_the_measurement_begins_anew() {
    let mut connection = by_default();
    connection.written(1, || seconds(10));
    connection.flushed(seconds(10));
    connection.write_blocked(seconds(12));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(32)));
    // A flush may wait, too.
    connection.flushed(seconds(13));
    assert_eq!(connection.poll_timeout(Writer), None);
}

#[test]
fn time_in_which_the_owner_was_busy_does_not_count_against_the_peer() {
    let mut connection = blocked(Config::new().write_timeout(Duration::from_secs(1)));
    connection.written(1, || seconds(10));
    connection.write_blocked(seconds(10));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(11)));
}

#[test]
fn a_trickle_counts_against_the_peer_though_the_owner_comes_a_little_late() {
    let mut connection = by_default();
    let late = seconds(20) + Duration::from_millis(100);
    connection.written(1, || late);
    connection.write_blocked(late);
    assert_eq!(connection.handle_timeout(Writer, late), Err(TimedOut::Write));
}

#[test]
fn a_reader_does_not_give_up_a_peer_that_sends_messages_but_a_writer_does() {
    let mut connection = by_default();
    for second in [5, 15, 30] {
        hear(&mut connection, &binary("more"), seconds(second));
        // Its time is kept to a millisecond.
        let due = connection.poll_timeout(Reader).expect("blocked");
        let early = seconds(second + 20).saturating_since(due);
        assert!(due <= seconds(second + 20) && early < Duration::from_millis(2), "{due:?}");
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(20)));
    }
    hear(&mut connection, &binary("in pieces").fin(false), seconds(40));
    assert_eq!(connection.handle_timeout(Reader, seconds(59)), Ok(()));
    assert_eq!(connection.handle_timeout(Reader, seconds(60)), Err(TimedOut::Write));
}

/// It does not take their pongs.
#[test]
fn a_reader_gives_up_a_peer_that_sends_pings_without_reading() {
    let mut connection = by_default();
    hear(&mut connection, &ping("?"), seconds(19));
    assert_eq!(connection.handle_timeout(Reader, seconds(20)), Err(TimedOut::Write));
}

#[test]
fn bytes_that_the_peer_acknowledges_are_progress() {
    let mut connection = by_default();
    connection.unsent(5_000, seconds(1));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(20)), "more is no progress");
    connection.unsent(3_500, seconds(18));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(20)), "1,500 bytes are too few");
    connection.unsent(3_000, seconds(19));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(39)));
    connection.flushed(seconds(20));
    connection.write_blocked(seconds(21));
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(40)), "not all of it has arrived");
    connection.unsent(0, seconds(22));
    assert_eq!(connection.poll_timeout(Writer), None);
}

/// A slow line: the ping waits behind what lies in the peer's own buffers.
#[test]
fn bytes_that_the_peer_acknowledges_put_off_the_pong_deadline() {
    let mut connection = Side::Server.connection(Config::new());
    connection.handle_timeout(Reader, seconds(20)).expect("time for a ping");
    connection.unsent(1_000_000, seconds(20));
    transmit_all(&mut connection, seconds(20));
    assert_eq!(connection.poll_timeout(Reader), Some(seconds(40)));
    connection.unsent(900_000, seconds(39));
    assert_eq!(connection.poll_timeout(Reader), Some(seconds(59)));
    connection.unsent(900_000, seconds(58));
    assert_eq!(connection.handle_timeout(Reader, seconds(59)), Err(TimedOut::Pong));
}

#[test]
fn the_write_deadline_does_not_undo_a_complete_closing_handshake() {
    let mut connection = blocked(Config::new().close_timeout(Duration::from_secs(60)));
    collect(&mut connection, &close(CloseCode::NORMAL, "").to(Side::Server).bytes(), &[]);
    assert_eq!(connection.handle_timeout(Reader, seconds(20)), Err(TimedOut::Write));
    assert_eq!(connection.outcome(), Some(Ok(())));
}

#[test]
fn nothing_waits_to_be_written_once_writing_has_ended() {
    let mut connection = by_default();
    connection.write_failed();
    connection.write_blocked(seconds(1));
    assert!(!connection.is_write_blocked());

    let mut connection = by_default();
    collect(&mut connection, &close(CloseCode::NORMAL, "").to(Side::Server).bytes(), &[]);
    transmit_all(&mut connection, seconds(1));
    connection.write_blocked(seconds(1));
    connection.shut_down();
    assert_eq!(connection.poll_timeout(Writer), Some(seconds(5)), "that of the peer's end");
}

/// The figures of a configuration may be absurd.
#[test]
fn the_largest_rate_and_the_longest_timeout_do_no_harm() {
    let config = Config::new().write_timeout(Duration::MAX).min_write_rate(u16::MAX);
    let mut connection = blocked(config);
    for _ in 0..3 {
        connection.unsent(u64::MAX, seconds(1));
        connection.unsent(1, Instant::from_micros(u64::MAX));
        connection.written(u64::MAX, || Instant::from_micros(u64::MAX));
        connection.write_blocked(NOW);
        assert!(connection.poll_timeout(Reader).is_some());
    }
}
