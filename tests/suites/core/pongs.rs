//! Pongs of the owner's own (RFC 6455 section 5.5.3): "If an endpoint receives a Ping frame and has not
//! yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong
//! frame for only the most recently processed Ping frame", and "A Pong frame MAY be sent unsolicited."

use websocket_listener_core::{CloseCode, Config, Connection, ControlError, Event, Instant};
use websocket_listener_tests::{Side, close, ping, transmit_all, wire_frames};

const NOW: Instant = Instant::from_micros(0);

fn receive(connection: &mut Connection, mut bytes: Vec<u8>) {
    let length = bytes.len();
    let received = connection.receive(&mut bytes, NOW).unwrap();
    assert_eq!(received.consumed, length);
    assert!(matches!(received.event, Some(Event::Ping | Event::Close)));
}

fn waiting(connection: &mut Connection) -> Vec<(u8, Vec<u8>)> {
    let frames = wire_frames(&transmit_all(connection, NOW));
    frames.into_iter().map(|frame| (frame.opcode, frame.payload)).collect()
}

#[test]
fn a_pong_that_is_withheld_is_not_sent_and_its_ping_is_forgotten() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        receive(&mut connection, ping("left to you").to(side).bytes());
        assert_eq!(connection.control_payload(), b"left to you");
        connection.withhold_pong();
        assert!(!connection.wants_transmit());
        assert_eq!(connection.control_payload(), b"");
        receive(&mut connection, ping("answered").to(side).bytes());
        assert_eq!(waiting(&mut connection), [(10, b"answered".to_vec())]);
    }
}

#[test]
fn withholding_where_no_ping_waits_does_nothing() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.withhold_pong();
        receive(&mut connection, close(CloseCode::NORMAL, "bye").to(side).bytes());
        connection.withhold_pong();
        assert_eq!(connection.close_reason().unwrap().reason, "bye");
        assert_eq!(waiting(&mut connection), [(8, vec![3, 0xe8])]);
    }
}

#[test]
fn an_application_pong_does_not_replace_an_automatic_one() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        receive(&mut connection, ping("theirs").to(side).bytes());
        let mut out = [0; 131];
        let length = connection.pong(b"mine", &mut out).unwrap();
        let mine = wire_frames(&out[..length]);
        assert_eq!((mine.len(), mine[0].opcode, &mine[0].payload[..]), (1, 10, &b"mine"[..]));
        assert_eq!(waiting(&mut connection), [(10, b"theirs".to_vec())]);
    }
}

#[test]
fn a_pong_too_long_or_too_late_is_refused_and_any_other_waits_for_room() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let mut out = [0; 131];
        assert_eq!(connection.pong(&[0; 126], &mut out), Err(ControlError::TooLong));
        assert_eq!(connection.pong(&[7; 125], &mut out[..126]), Ok(0));
        let length = connection.pong(&[7; 125], &mut out).unwrap();
        assert_eq!(wire_frames(&out[..length])[0].payload, [7; 125]);
        connection.close(CloseCode::NORMAL, "", NOW).unwrap();
        assert_eq!(connection.pong(b"", &mut out), Err(ControlError::Closed));
    }
}
