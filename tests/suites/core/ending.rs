//! The end of a connection after the closing handshake (RFC 6455 section 7.1): which end of the
//! stream goes first, what a stream that breaks costs, and the one outcome.

use websocket_listener_core::Side::{Reader, Writer};
use websocket_listener_core::{
    CloseCode, Config, Connection, ControlError, DataFrame, Failure, Initiator, Instant,
    MessageKind, ProtocolError, SendError, TimedOut, Wants,
};
use websocket_listener_tests::{Side, close, collect, continuation, ping, text, transmit_all};

const NOW: Instant = Instant::from_micros(0);

/// The wants of a connection that exchanges messages and has nothing to write.
const IDLE: Wants = Wants { transmit: false, shut_down: false, read: true, over: false };
const TRANSMIT: Wants = Wants { transmit: true, ..IDLE };
const SHUT_DOWN: Wants = Wants { shut_down: true, ..IDLE };
const OVER: Wants = Wants { transmit: false, shut_down: false, read: false, over: true };

fn seconds(seconds: u64) -> Instant {
    Instant::from_micros(seconds * 1_000_000)
}

fn receive_close(connection: &mut Connection, side: Side) {
    collect(connection, &close(CloseCode::NORMAL, "bye").to(side).bytes(), &[]);
}

/// A connection whose closing handshake the peer began, and this end has completed.
fn closed_by_peer(side: Side, config: Config) -> Connection {
    let mut connection = side.connection(config);
    receive_close(&mut connection, side);
    transmit_all(&mut connection, NOW);
    connection
}

fn initiator(connection: &Connection) -> Option<Initiator> {
    connection.close_reason().map(|reason| reason.initiator)
}

/// Section 7.1.1: "the underlying TCP connection, in most normal cases, SHOULD be closed first by the
/// server".
#[test]
fn a_server_shuts_down_at_once_and_a_client_after_the_server() {
    for from_here in [true, false] {
        for side in Side::BOTH {
            let mut connection = side.connection(Config::new());
            if from_here {
                connection.close(CloseCode::NORMAL, "", NOW).expect("open");
                transmit_all(&mut connection, NOW);
                assert_eq!(connection.wants(), IDLE, "the peer's Close frame is to come");
            }
            receive_close(&mut connection, side);
            transmit_all(&mut connection, NOW);
            let client = side == Side::Client;
            assert_eq!(connection.wants(), if client { IDLE } else { SHUT_DOWN });
            if client {
                connection.end_of_input(NOW);
                assert_eq!(connection.wants(), Wants { read: false, ..SHUT_DOWN });
                connection.shut_down();
            } else {
                connection.shut_down();
                assert_eq!((connection.wants(), connection.outcome()), (IDLE, None));
                connection.end_of_input(NOW);
            }
            assert_eq!((connection.wants(), connection.outcome()), (OVER, Some(Ok(()))));
            assert_eq!(connection.poll_timeout(Reader), None);
        }
    }
}

/// Section 7.1.7: to fail the connection is to end it, whichever end it is.
#[test]
fn a_client_that_fails_the_connection_waits_for_no_server() {
    let failure = Failure::Protocol(ProtocolError::UnexpectedContinuation);
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &continuation("x").to(side).bytes(), &[]);
        assert_eq!(connection.wants(), TRANSMIT);
        transmit_all(&mut connection, NOW);
        assert_eq!(connection.wants(), SHUT_DOWN);
        connection.shut_down();
        assert_eq!(
            connection.outcome(),
            None,
            "what comes is still read, for no reset to overtake it"
        );
        connection.end_of_input(NOW);
        assert_eq!(connection.outcome(), Some(Err(failure)));
    }
}

#[test]
fn neither_end_waits_for_a_peer_that_cannot_see_a_shutdown() {
    for side in Side::BOTH {
        let mut connection = closed_by_peer(side, Config::new().half_close(false));
        assert_eq!(connection.wants(), SHUT_DOWN);
        connection.shut_down();
        assert_eq!((connection.wants(), connection.outcome()), (OVER, Some(Ok(()))));
    }
}

#[test]
fn the_stream_is_shut_down_only_once_the_close_frame_has_left() {
    let mut connection = Side::Server.connection(Config::new());
    receive_close(&mut connection, Side::Server);
    assert_eq!(connection.wants(), TRANSMIT, "queued");
    assert!(connection.transmit(&mut [0; 131], NOW) > 0);
    assert_eq!(connection.wants(), IDLE, "written");
    connection.flushed(NOW);
    assert_eq!(connection.wants(), SHUT_DOWN);
}

#[test]
fn a_stream_that_ends_without_a_close_frame_lets_the_last_pong_leave() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &ping("?").to(side).bytes(), &[]);
        connection.end_of_input(seconds(1));
        assert_eq!(connection.wants(), Wants { read: false, ..TRANSMIT });
        let whole = DataFrame::whole(MessageKind::Text, 0);
        assert_eq!(connection.begin_frame(whole).err(), Some(SendError::Closed));
        assert!(!transmit_all(&mut connection, seconds(1)).is_empty());
        assert_eq!(connection.wants(), Wants { read: false, ..SHUT_DOWN });
        assert_eq!(connection.outcome(), None);
        connection.shut_down();
        assert_eq!(connection.outcome(), Some(Err(Failure::Disconnected)));
        assert_eq!(initiator(&connection), Some(Initiator::Peer));
    }
}

#[test]
fn a_stream_that_ended_without_a_close_frame_is_left_at_the_close_timeout() {
    for (side, asks) in [(Side::Server, Reader), (Side::Client, Writer)] {
        let mut connection = side.connection(Config::new());
        connection.end_of_input(seconds(1));
        assert_eq!(connection.poll_timeout(asks), Some(seconds(6)));
        assert_eq!(connection.handle_timeout(asks, seconds(6)), Err(TimedOut::Close));
        assert_eq!(connection.outcome(), Some(Err(Failure::Disconnected)));
    }
}

#[test]
fn the_end_of_the_stream_after_the_own_close_frame_is_a_lost_connection_of_this_end() {
    let mut connection = Side::Client.connection(Config::new());
    connection.close(CloseCode::NORMAL, "", NOW).expect("open");
    transmit_all(&mut connection, NOW);
    connection.end_of_input(NOW);
    connection.shut_down();
    assert_eq!(connection.outcome(), Some(Err(Failure::Disconnected)));
    assert_eq!(initiator(&connection), Some(Initiator::Local));
}

#[test]
fn messages_that_came_before_writing_failed_are_still_received() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.ping(b"?").expect("open");
        connection.write_failed();
        assert_eq!(connection.wants(), IDLE, "what is queued will never leave");
        assert!(!connection.can_send());
        assert_eq!(connection.ping(b""), Err(ControlError::Closed));
        let log = collect(&mut connection, &text("last words").to(side).bytes(), &[]);
        assert_eq!(log.messages().len(), 1);
        let mut other = side.connection(Config::new());
        other.write_failed();

        // Nothing more can be read.
        connection.end_of_input(NOW);
        assert_eq!(
            (connection.wants(), connection.outcome()),
            (OVER, Some(Err(Failure::Transport)))
        );
        assert_eq!(initiator(&connection), Some(Initiator::Peer));

        // The peer had closed.
        receive_close(&mut other, side);
        assert_eq!((other.wants(), other.outcome()), (OVER, Some(Ok(()))));
    }
}

#[test]
fn a_stream_that_breaks_after_the_closing_handshake_does_no_harm() {
    for side in Side::BOTH {
        let breaks: [fn(&mut Connection); 4] = [
            Connection::write_failed,
            |connection| connection.give_up(Failure::Transport),
            |connection| connection.give_up(Failure::Disconnected),
            |connection| connection.give_up(Failure::Aborted),
        ];
        for breaks in breaks {
            let mut connection = closed_by_peer(side, Config::new());
            breaks(&mut connection);
            assert_eq!((connection.wants(), connection.outcome()), (OVER, Some(Ok(()))));
            assert_eq!(connection.close_reason().map(|reason| reason.reason), Some("bye"));
        }
    }
}

#[test]
fn a_peer_that_never_ends_its_stream_after_closing_has_closed_at_the_deadline() {
    for side in Side::BOTH {
        let mut connection = closed_by_peer(side, Config::new());
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(5)));
        assert_eq!(connection.handle_timeout(Reader, seconds(5)), Err(TimedOut::Close));
        assert_eq!((connection.wants(), connection.outcome()), (OVER, Some(Ok(()))));
    }
}

#[test]
fn a_peer_that_broke_the_protocol_and_stays_is_left_at_the_deadline() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &continuation("x").to(side).bytes(), &[]);
        transmit_all(&mut connection, NOW);
        connection.shut_down();
        assert_eq!(connection.poll_timeout(Reader), Some(seconds(5)));
        assert_eq!(connection.handle_timeout(Reader, seconds(5)), Err(TimedOut::Close));
        let failure = Failure::Protocol(ProtocolError::UnexpectedContinuation);
        assert_eq!(connection.outcome(), Some(Err(failure)));
    }
}

/// The peer gets no Close frame, but it was this end that ended the connection.
#[test]
fn giving_up_ends_the_connection_at_once_and_the_first_failure_remains() {
    let cases = [
        (Failure::Aborted, Initiator::Local),
        (Failure::TimedOut(TimedOut::Write), Initiator::Local),
        (Failure::Disconnected, Initiator::Peer),
        (Failure::Transport, Initiator::Peer),
    ];
    for (failure, by) in cases {
        let mut connection = Side::Server.connection(Config::new());
        assert_eq!(connection.outcome(), None);
        connection.give_up(failure);
        for _ in 0..2 {
            assert_eq!((connection.wants(), connection.outcome()), (OVER, Some(Err(failure))));
            assert_eq!(initiator(&connection), Some(by));
            assert_eq!(connection.poll_timeout(Reader), None);
            assert_eq!(connection.handle_timeout(Reader, seconds(1_000)), Ok(()));
            connection.give_up(Failure::Aborted);
            connection.end_of_input(NOW);
            connection.write_failed();
        }
    }
}

#[test]
fn giving_up_a_peer_that_broke_the_protocol_names_the_violation() {
    let mut connection = Side::Server.connection(Config::new());
    collect(&mut connection, &[0xff], &[]);
    connection.give_up(Failure::Aborted);
    let failure = Failure::Protocol(ProtocolError::ReservedBits);
    assert_eq!(connection.outcome(), Some(Err(failure)));
}

/// Before a message is finished, after which the frame is to go out.
#[test]
fn a_close_frame_can_be_checked_before_sending() {
    let long = "r".repeat(124);
    let cases = [
        (CloseCode::NORMAL, &long[1..], Ok(())),
        (CloseCode::NO_STATUS, "", Ok(())),
        (CloseCode::NO_STATUS, "why", Err(ControlError::InvalidCloseCode)),
        (CloseCode::ABNORMAL, "", Err(ControlError::InvalidCloseCode)),
        (CloseCode::NORMAL, &long, Err(ControlError::TooLong)),
    ];
    for (code, reason, expected) in cases {
        assert_eq!(<Connection>::check_close(code, reason), expected);
        let mut connection = Side::Server.connection(Config::new());
        assert_eq!(connection.close(code, reason, NOW), expected);
    }
}
