//! A Close frame that came in time but was read late: a deadline for the peer counts only after
//! what the peer sent has been read.

use websocket_listener_core::Side::{Reader, Writer};
use websocket_listener_core::{CloseCode, Config, Connection, Failure, Instant, TimedOut};
use websocket_listener_tests::{Heard, Side, close, collect, text, transmit_all};

fn seconds(seconds: u64) -> Instant {
    Instant::from_micros(seconds * 1_000_000)
}

/// A connection that this end closes at the clock's origin.
fn closing(side: Side) -> Connection {
    let mut connection = side.connection(Config::new());
    connection.close(CloseCode::NORMAL, "", Instant::default()).expect("open");
    transmit_all(&mut connection, Instant::default());
    assert_eq!(connection.poll_timeout(Reader), Some(seconds(5)));
    connection
}

#[test]
fn a_close_frame_that_is_read_after_the_deadline_completes_the_handshake() {
    for side in Side::BOTH {
        let mut connection = closing(side);
        let mut bytes = text("before").to(side).bytes();
        bytes.extend(close(CloseCode::NORMAL, "late").to(side).bytes());
        let log = collect(&mut connection, &bytes, &[]);
        let closed = Heard::Close(CloseCode::NORMAL, "late".to_owned());
        assert_eq!(log.heard, [Heard::text("before"), closed]);
        assert_eq!(connection.handle_timeout(Reader, seconds(60)), Err(TimedOut::Close));
        assert_eq!(connection.outcome(), Some(Ok(())));
    }
}

#[test]
fn input_without_a_close_frame_does_not_put_off_the_deadline() {
    for side in Side::BOTH {
        let mut connection = closing(side);
        collect(&mut connection, &text("more").to(side).bytes(), &[]);
        assert_eq!(connection.handle_timeout(Reader, seconds(60)), Err(TimedOut::Close));
        let failure = Failure::TimedOut(TimedOut::Close);
        assert_eq!(connection.outcome(), Some(Err(failure)));
    }
}

/// It reads nothing, so it cannot know whether the peer has answered.
#[test]
fn a_half_that_only_writes_does_not_end_the_wait_for_the_peers_close_frame() {
    for side in Side::BOTH {
        let mut connection = closing(side);
        assert_eq!(connection.poll_timeout(Writer), None);
        assert_eq!(connection.handle_timeout(Writer, seconds(60)), Ok(()));
        assert_eq!(connection.outcome(), None);

        // Then only the end of the stream is missing, which it need not read.
        collect(&mut connection, &close(CloseCode::NORMAL, "").to(side).bytes(), &[]);
        assert_eq!(connection.poll_timeout(Writer), Some(seconds(5)));
        assert_eq!(connection.handle_timeout(Writer, seconds(60)), Err(TimedOut::Close));
        assert_eq!(connection.outcome(), Some(Ok(())));
    }
}

/// Any byte that lies unread may be the sign of life.
#[test]
fn a_half_that_only_writes_has_no_pong_deadline() {
    let mut connection = Side::Server.connection(Config::new());
    connection.handle_timeout(Reader, seconds(20)).expect("time for a ping");
    transmit_all(&mut connection, seconds(20));
    assert_eq!(connection.poll_timeout(Reader), Some(seconds(40)));
    assert_eq!(connection.poll_timeout(Writer), None);
    assert_eq!(connection.handle_timeout(Writer, seconds(60)), Ok(()));
    collect(&mut connection, &text("alive").to(Side::Server).bytes(), &[]);
    assert_eq!(connection.handle_timeout(Reader, seconds(10)), Ok(()));
    assert_eq!(connection.outcome(), None);
}

/// The owner passes bytes on with the time at which they came.
#[test]
fn the_deadline_after_a_late_read_close_frame_counts_from_the_read() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &close(CloseCode::NORMAL, "").to(side).bytes(), &[]);
        connection.restart_close_deadline(seconds(60));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(65)));

        let mut connection = closing(side);
        connection.restart_close_deadline(seconds(60));
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(5)), "this end was the first");
    }
}
