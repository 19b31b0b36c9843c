//! Control frames (RFC 6455 section 5.5): their form, and pings and pongs (5.5.2, 5.5.3).

use core::time::Duration;

use websocket_listener_core::{
    CloseCode, Config, Connection, ControlError, Instant, OpCode, ProtocolError,
};
use websocket_listener_tests::{
    Heard, LengthForm, Side, WireFrame, close, collect, frame, ping, pong, refusal, transmit_all,
    wire_frames,
};

const CONTROL: [OpCode; 3] = [OpCode::Close, OpCode::Ping, OpCode::Pong];

fn written(connection: &mut Connection) -> Vec<(u8, Vec<u8>)> {
    let frames = wire_frames(&transmit_all(connection, Instant::default()));
    frames.into_iter().map(|frame: WireFrame| (frame.opcode, frame.payload)).collect()
}

/// Section 5.5: "All control frames [...] MUST NOT be fragmented."
#[test]
fn a_fragmented_control_frame_is_refused_with_its_first_byte() {
    for side in Side::BOTH {
        for opcode in CONTROL {
            let bytes = frame(opcode).fin(false).to(side).bytes();
            let refused = refusal(side, Config::new(), &bytes);
            assert_eq!(refused, (ProtocolError::FragmentedControlFrame, 1), "{opcode:?}");
        }
    }
}

/// Section 5.5: "All control frames MUST have a payload length of 125 bytes or less".
#[test]
fn a_control_frame_of_more_than_125_bytes_is_refused_with_its_second_byte() {
    for side in Side::BOTH {
        for opcode in CONTROL {
            for length in [126, 127, 65_536] {
                let bytes = frame(opcode).declared_length(length).to(side).bytes();
                let refused = refusal(side, Config::new(), &bytes);
                assert_eq!(refused, (ProtocolError::ControlFrameTooLong, 2), "{opcode:?}");
            }
            for form in [LengthForm::Two, LengthForm::Eight] {
                let bytes = frame(opcode).length_form(form).to(side).bytes();
                let refused = refusal(side, Config::new(), &bytes);
                assert_eq!(refused, (ProtocolError::ControlFrameTooLong, 2), "{opcode:?}");
            }
        }
    }
}

/// Section 5.5.3: the pong has "identical Application data as found in the message body of the
/// Ping frame being replied to".
#[test]
fn a_ping_of_any_length_is_answered_with_its_payload() {
    for side in Side::BOTH {
        for length in 0..=125 {
            let payload: Vec<u8> = (0..length).map(|i| 255 - i).collect();
            let bytes = ping(&payload).to(side).bytes();
            for cut in [0, 1, 2, 3, bytes.len() / 2, bytes.len() - 1] {
                let mut connection = side.connection(Config::new());
                let log = collect(&mut connection, &bytes, &[cut]);
                assert_eq!(log.heard, [Heard::Ping(payload.clone())]);
                assert_eq!(written(&mut connection), [(0xa, payload.clone())]);
                assert_eq!(written(&mut connection), [], "once");
            }
        }
    }
}

/// Section 5.5.3: of several pings, an endpoint "MAY elect to send a Pong frame for only the most
/// recently processed Ping frame". So pings without end never fill the outbox.
#[test]
fn only_the_newest_unanswered_ping_is_answered() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        for number in 0..1000 {
            let bytes = ping(number.to_string()).to(side).bytes();
            collect(&mut connection, &bytes, &[]);
        }
        assert_eq!(written(&mut connection), [(0xa, b"999".to_vec())]);
    }
}

#[test]
fn a_ping_that_is_still_coming_in_is_not_answered_with_parts_of_another() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &ping("the first").to(side).bytes(), &[]);
        let second = ping("2").to(side).bytes();
        let (start, end) = second.split_at(second.len() - 1);
        collect(&mut connection, start, &[]);
        assert_eq!(written(&mut connection), []);
        collect(&mut connection, end, &[]);
        assert_eq!(written(&mut connection), [(0xa, b"2".to_vec())]);
    }
}

/// Section 5.5.2: "unless it already received a Close frame".
#[test]
fn no_pong_is_sent_after_a_close_frame_was_received() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let mut bytes = ping("before").to(side).bytes();
        bytes.extend(close(CloseCode::NORMAL, "").to(side).bytes());
        bytes.extend(ping("after").to(side).bytes());
        let log = collect(&mut connection, &bytes, &[]);
        assert_eq!(log.heard.len(), 2);
        assert_eq!(written(&mut connection), [(0x8, vec![0x03, 0xe8])]);
    }
}

/// Section 5.5.1: nothing follows a Close frame; before it, a pong may still go.
#[test]
fn a_pong_leaves_before_the_own_close_frame_and_never_after() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.close(CloseCode::NORMAL, "", Instant::default()).expect("open");
        collect(&mut connection, &ping("in time").to(side).bytes(), &[]);
        let expected = [(0xa, b"in time".to_vec()), (0x8, vec![0x03, 0xe8])];
        assert_eq!(written(&mut connection), expected);
        collect(&mut connection, &ping("late").to(side).bytes(), &[]);
        assert!(!connection.wants_transmit());
        assert_eq!(connection.transmit(&mut [0; 200], Instant::default()), 0);
    }
}

/// Section 5.5.3: "A Pong frame MAY be sent unsolicited. [...] A response to an unsolicited Pong
/// frame is not expected."
#[test]
fn an_unsolicited_pong_is_heard_and_changes_nothing() {
    for side in Side::BOTH {
        for payload in [&b""[..], b"hello", &[7; 125]] {
            let mut connection = side.connection(Config::new());
            let log = collect(&mut connection, &pong(payload).to(side).bytes(), &[]);
            assert_eq!(log.heard, [Heard::Pong]);
            assert_eq!(connection.latency(), None);
            assert!(!connection.wants_transmit() && connection.can_send());
        }
    }
}

#[test]
fn a_ping_is_written_with_its_payload_and_measures_the_latency() {
    let (start, end) = (Instant::from_micros(5), Instant::from_micros(1_205));
    for side in Side::BOTH {
        for length in [0, 1, 8, 125] {
            let payload = vec![b'p'; length];
            let bytes = pong(&payload).to(side).bytes();
            for cut in 0..bytes.len() {
                let mut connection = side.connection(Config::new());
                connection.ping(&payload).expect("open");
                let frames = wire_frames(&transmit_all(&mut connection, start));
                assert_eq!((frames[0].opcode, &frames[0].payload), (0x9, &payload));
                for piece in [&bytes[..cut], &bytes[cut..]] {
                    connection.receive(&mut piece.to_vec(), end).expect("a pong");
                }
                // A header cut from its payload needs a call each.
                assert_eq!(connection.latency(), Some(Duration::from_micros(1_200)), "{cut}");
            }
        }
    }
}

#[test]
fn only_the_whole_payload_of_the_newest_ping_counts_as_its_answer() {
    let (start, end) = (Instant::from_micros(0), Instant::from_micros(9));
    for side in Side::BOTH {
        let pongs: [&[u8]; 8] = [b"", b"n", b"g", b"ing", b"pin", b"pinG", b"pingg", b"pping"];
        for wrong in pongs.into_iter().chain([&b"older"[..]]) {
            let mut connection = side.connection(Config::new());
            for payload in ["older", "ping"] {
                connection.ping(payload.as_bytes()).expect("open");
                transmit_all(&mut connection, start);
            }
            let mut answer = pong(wrong).to(side).bytes();
            connection.receive(&mut answer, end).expect("a pong");
            assert_eq!(connection.latency(), None, "{wrong:x?}");
            let mut answer = pong("ping").to(side).bytes();
            connection.receive(&mut answer, end).expect("a pong");
            assert_eq!(connection.latency(), Some(Duration::from_micros(9)));
        }
    }
}

#[test]
fn a_pong_before_its_ping_was_written_answers_nothing() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.ping(b"ping").expect("open");
        collect(&mut connection, &pong("ping").to(side).bytes(), &[]);
        assert_eq!(connection.latency(), None);
        assert_eq!(written(&mut connection), [(0x9, b"ping".to_vec())]);
    }
}

#[test]
fn a_queued_ping_is_replaced_by_the_next_and_keeps_no_pong_back() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.ping(b"first").expect("open");
        connection.ping(b"2").expect("open");
        collect(&mut connection, &ping("theirs").to(side).bytes(), &[]);
        let expected = [(0xa, b"theirs".to_vec()), (0x9, b"2".to_vec())];
        assert_eq!(written(&mut connection), expected);
    }
}

/// Section 5.5, the sending side.
#[test]
fn a_ping_of_126_bytes_is_refused_to_the_caller_and_one_of_125_is_not() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        for length in [126, 127, 1000] {
            assert_eq!(connection.ping(&vec![0; length]), Err(ControlError::TooLong));
            assert!(!connection.wants_transmit());
        }
        connection.ping(&[0; 125]).expect("as long as may be");
        assert_eq!(written(&mut connection), [(0x9, vec![0; 125])]);
    }
}
