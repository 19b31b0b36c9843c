//! The closing handshake (RFC 6455 sections 5.5.1 and 7), as each end sees it.

use websocket_listener_core::Side::Reader;
use websocket_listener_core::{
    CloseCode, Config, Connection, ControlError, DataFrame, Initiator, Instant, MessageKind,
    OpCode, ProtocolError, SendError, TimedOut,
};
use websocket_listener_tests::{
    Heard, Log, Side, close, collect, frame, refusal, text, transmit_all, wire_frames,
};

const NOW: Instant = Instant::from_micros(0);

/// The payload of the Close frame that is all the connection writes.
fn close_written(connection: &mut Connection) -> Vec<u8> {
    let frames = wire_frames(&transmit_all(connection, NOW));
    let [close] = &frames[..] else { panic!("not a single frame: {frames:x?}") };
    assert_eq!((close.opcode, close.fin, close.rsv), (0x8, true, 0));
    close.payload.clone()
}

/// (code, reason, initiator)
fn reason(connection: &Connection) -> Option<(u16, &str, Initiator)> {
    let reason = connection.close_reason()?;
    Some((reason.code.as_u16(), reason.reason, reason.initiator))
}

/// Section 5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame,
/// the endpoint MUST send a Close frame in response", with the code it received.
#[test]
fn a_received_close_frame_is_answered_with_its_code() {
    for side in Side::BOTH {
        for code in [1000, 1001, 1011, 3000, 4999] {
            let mut connection = side.connection(Config::new());
            let bytes = close(CloseCode::new(code), "why \u{e9}").to(side).bytes();
            let log = collect(&mut connection, &bytes, &[]);
            let expected = Heard::Close(CloseCode::new(code), "why \u{e9}".to_owned());
            assert_eq!(log.heard, [expected]);
            assert!(!connection.is_closed(), "not before the answer");
            assert_eq!(close_written(&mut connection), code.to_be_bytes());
            assert!(connection.is_closed());
            assert_eq!(reason(&connection), Some((code, "why \u{e9}", Initiator::Peer)));
        }
    }
}

/// Section 7.1.5: without a code, "_The WebSocket Connection Close Code_ is considered to be 1005",
/// which is never on the wire.
#[test]
fn an_empty_close_frame_is_answered_with_an_empty_one_and_read_as_1005() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let log = collect(&mut connection, &frame(OpCode::Close).to(side).bytes(), &[]);
        assert_eq!(log.heard, [Heard::Close(CloseCode::NO_STATUS, String::new())]);
        assert_eq!(close_written(&mut connection), []);
        assert_eq!(reason(&connection), Some((1005, "", Initiator::Peer)));
        assert!(connection.close_reason().is_some_and(|reason| reason.is_clean()));
    }
}

/// Section 5.5: 125 bytes, two of them the code.
#[test]
fn a_reason_of_123_bytes_is_read_whole() {
    for side in Side::BOTH {
        let long = "r".repeat(123);
        let bytes = close(CloseCode::NORMAL, &long).to(side).bytes();
        for cut in 0..bytes.len() {
            let mut connection = side.connection(Config::new());
            collect(&mut connection, &bytes, &[cut]);
            assert_eq!(reason(&connection), Some((1000, &long[..], Initiator::Peer)));
        }
    }
}

/// Section 5.5.1: "If there is a body, the first two bytes of the body MUST be" the code.
#[test]
fn a_close_frame_with_one_byte_is_refused() {
    for side in Side::BOTH {
        let bytes = frame(OpCode::Close).payload([3]).to(side).bytes();
        let refused = refusal(side, Config::new(), &bytes);
        assert_eq!(refused, (ProtocolError::CloseTooShort, bytes.len()));
    }
}

/// Section 7.4: the codes that may be on the wire, all 65,536 of them looked at.
#[test]
fn close_codes_that_must_not_be_on_the_wire_are_neither_accepted_nor_sent() {
    for code in 0..=u16::MAX {
        let allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        for side in Side::BOTH {
            let mut connection = side.connection(Config::new());
            let bytes = close(CloseCode::new(code), "").to(side).bytes();
            let error = collect(&mut connection, &bytes, &[]).error;
            assert_eq!(error, (!allowed).then_some(ProtocolError::InvalidCloseCode), "{code}");

            let mut connection = side.connection(Config::new());
            let sent = connection.close(CloseCode::new(code), "reason", NOW);
            let expected = if allowed { Ok(()) } else { Err(ControlError::InvalidCloseCode) };
            assert_eq!(sent, expected, "{code}");
            assert_eq!(connection.can_send(), !allowed, "a refused close changes nothing");
        }
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 5000] {
        let bytes = close(CloseCode::new(code), "").to(Side::Server).bytes();
        let refused = refusal(Side::Server, Config::new(), &bytes);
        assert_eq!(refused, (ProtocolError::InvalidCloseCode, bytes.len()));
    }
}

#[test]
fn a_reason_of_124_bytes_is_refused_to_the_caller_and_one_of_123_is_not() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let long = "r".repeat(124);
        let refused = connection.close(CloseCode::NORMAL, &long, NOW);
        assert_eq!(refused, Err(ControlError::TooLong));
        assert!(connection.can_send() && !connection.wants_transmit());
        connection.close(CloseCode::NORMAL, &long[1..], NOW).expect("as long as may be");
        assert_eq!(close_written(&mut connection).len(), 125);
    }
}

/// 1005 means an empty frame; an empty frame cannot hold a reason.
#[test]
fn closing_without_a_code_sends_an_empty_frame() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let refused = connection.close(CloseCode::NO_STATUS, "reason", NOW);
        assert_eq!(refused, Err(ControlError::InvalidCloseCode));
        connection.close(CloseCode::NO_STATUS, "", NOW).expect("open");
        assert_eq!(close_written(&mut connection), []);
    }
}

/// Section 5.5.1: "The application MUST NOT send any more data frames after sending a Close frame."
#[test]
fn nothing_is_sent_after_the_own_close_frame() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.close(CloseCode::NORMAL, "bye", NOW).expect("open");
        for _ in 0..2 {
            assert!(!connection.can_send());
            let whole = DataFrame::whole(MessageKind::Text, 1);
            assert_eq!(connection.begin_frame(whole).err(), Some(SendError::Closed));
            assert_eq!(connection.ping(b""), Err(ControlError::Closed));
            let again = connection.close(CloseCode::GOING_AWAY, "", NOW);
            assert_eq!(again, Err(ControlError::Closed));
            transmit_all(&mut connection, NOW);
        }
        assert!(!connection.is_closed(), "the peer's Close frame has not come");
    }
}

/// Section 5.5.1, the other direction: what the peer sends before its Close frame is still heard.
#[test]
fn messages_are_received_until_the_close_frame_of_the_peer_and_no_longer() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.close(CloseCode::NORMAL, "mine", NOW).expect("open");
        assert_eq!(close_written(&mut connection)[2..], *b"mine");
        let mut bytes = text("still").to(side).bytes();
        bytes.extend(close(CloseCode::new(4000), "theirs").to(side).bytes());
        bytes.extend(text("ignored").to(side).bytes());
        bytes.extend([0xff; 40]);
        let log = collect(&mut connection, &bytes, &[]);
        let closed = Heard::Close(CloseCode::new(4000), "theirs".to_owned());
        assert_eq!(log.heard, [Heard::text("still"), closed]);
        assert_eq!(log.error, None);
        assert!(connection.is_closed());
        assert!(!connection.wants_transmit(), "section 5.5.1: one Close frame each");
        assert_eq!(reason(&connection), Some((4000, "theirs", Initiator::Local)));
    }
}

/// Section 7.1.2: both may start; then neither answers.
#[test]
fn a_close_frame_that_crosses_the_own_one_completes_the_handshake() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.close(CloseCode::GOING_AWAY, "mine", NOW).expect("open");
        collect(&mut connection, &close(CloseCode::NORMAL, "theirs").to(side).bytes(), &[]);
        assert!(!connection.is_closed(), "the own Close frame has not gone yet");
        assert_eq!(close_written(&mut connection), b"\x03\xe9mine");
        assert!(connection.is_closed());
        assert_eq!(reason(&connection), Some((1000, "theirs", Initiator::Local)));
    }
}

/// Section 5.5.1: once a Close frame was received, "the endpoint MUST NOT send further data"; it
/// answers instead.
#[test]
fn nothing_but_the_answer_is_sent_after_the_peers_close_frame() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.ping(b"too late").expect("open");
        collect(&mut connection, &close(CloseCode::NORMAL, "").to(side).bytes(), &[]);
        let whole = DataFrame::whole(MessageKind::Text, 1);
        assert_eq!(connection.begin_frame(whole).err(), Some(SendError::Closed));
        assert_eq!(connection.ping(b""), Err(ControlError::Closed));
        assert_eq!(connection.close(CloseCode::NORMAL, "", NOW), Err(ControlError::Closed));
        assert_eq!(close_written(&mut connection), [0x03, 0xe8]);
    }
}

/// Section 7.1.5: "If _The WebSocket Connection is Closed_ and no Close control frame was received
/// [...], _The WebSocket Connection Close Code_ is considered to be 1006."
#[test]
fn the_end_of_the_stream_without_a_close_frame_is_1006() {
    for side in Side::BOTH {
        for bytes in [vec![], text("half").declared_length(10).to(side).bytes()] {
            let mut connection = side.connection(Config::new());
            collect(&mut connection, &bytes, &[]);
            assert_eq!(reason(&connection), None);
            connection.end_of_input(NOW);
            connection.shut_down();
            assert_eq!(reason(&connection), Some((1006, "", Initiator::Peer)));
            assert!(!connection.close_reason().is_some_and(|reason| reason.is_clean()));
            assert!(connection.is_closed() && !connection.can_send() && !connection.can_receive());
            assert_eq!(connection.poll_timeout(Reader), None);
            let log = collect(&mut connection, &text("ignored").to(side).bytes(), &[]);
            assert_eq!((log.heard.len(), log.error), (0, None));
        }
    }
}

#[test]
fn the_end_of_the_stream_after_the_own_close_frame_is_1006_by_this_end() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.close(CloseCode::NORMAL, "", NOW).expect("open");
        transmit_all(&mut connection, NOW);
        connection.end_of_input(NOW);
        assert_eq!(reason(&connection), Some((1006, "", Initiator::Local)));
    }
}

#[test]
fn the_end_of_the_stream_after_the_handshake_takes_nothing_back() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &close(CloseCode::GOING_AWAY, "tab").to(side).bytes(), &[]);
        connection.end_of_input(NOW);
        let expected = Some((1001, "tab", Initiator::Peer));
        assert_eq!(reason(&connection), expected);
        assert_eq!(close_written(&mut connection), [0x03, 0xe9], "the peer may still read");
        connection.end_of_input(NOW);
        assert_eq!(reason(&connection), expected);
    }
}

/// Section 7.1.7: a refused peer is told why; what it sends after that is ignored.
#[test]
fn a_refused_peer_is_not_heard_again_and_the_reason_is_1006_by_this_end() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let error = collect(&mut connection, &[0xff], &[]).error;
        assert_eq!(error, Some(ProtocolError::ReservedBits));
        let mut bytes = close(CloseCode::NORMAL, "").to(side).bytes();
        assert_eq!(connection.receive(&mut bytes, NOW), Err(ProtocolError::ReservedBits));
        assert_eq!(reason(&connection), Some((1006, "", Initiator::Local)));
        assert_eq!(close_written(&mut connection)[..2], [0x03, 0xea]);
        assert!(connection.is_closed());
    }
}

/// A peer may break the rules after its own part of the handshake, too.
#[test]
fn a_refusal_after_the_own_close_frame_sends_no_second_one() {
    for side in Side::BOTH {
        for sent in [false, true] {
            let mut connection = side.connection(Config::new());
            connection.close(CloseCode::NORMAL, "", NOW).expect("open");
            if sent {
                assert_eq!(close_written(&mut connection), [0x03, 0xe8]);
            }
            assert!(collect(&mut connection, &[0xff], &[]).error.is_some());
            if !sent {
                assert_eq!(close_written(&mut connection), [0x03, 0xe8]);
            }
            assert!(!connection.wants_transmit());
            assert!(connection.is_closed());
            assert_eq!(reason(&connection), Some((1006, "", Initiator::Local)));
        }
    }
}

/// Section 7.1.1: the deadline holds for the whole of it, the end of the stream included, and does
/// not change what the peer said.
#[test]
fn the_close_deadline_runs_until_the_stream_ends_and_keeps_the_reason() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        collect(&mut connection, &close(CloseCode::NORMAL, "done").to(side).bytes(), &[]);
        transmit_all(&mut connection, NOW);
        let deadline = connection.poll_timeout(Reader).expect("a deadline");
        assert_eq!(deadline, Instant::from_micros(5_000_000));
        let before = Instant::from_micros(4_999_999);
        assert_eq!(connection.handle_timeout(Reader, before), Ok(()));
        assert_eq!(connection.handle_timeout(Reader, deadline), Err(TimedOut::Close));
        assert_eq!(connection.handle_timeout(Reader, deadline), Ok(()), "told once");
        assert_eq!(connection.poll_timeout(Reader), None);
        assert_eq!(reason(&connection), Some((1000, "done", Initiator::Peer)));
    }
}

/// The first to close sets it; neither the answer nor a refusal starts it again.
#[test]
fn the_close_deadline_is_set_once() {
    let (later, deadline) = (Instant::from_micros(4_000_000), Instant::from_micros(5_000_000));
    for side in Side::BOTH {
        for bytes in [close(CloseCode::NORMAL, "").to(side).bytes(), vec![0xff]] {
            let mut connection = side.connection(Config::new());
            connection.close(CloseCode::NORMAL, "", NOW).expect("open");
            Log::default().receive(&mut connection, &bytes, later);
            assert!(!connection.can_receive());
            assert_eq!(connection.poll_timeout(Reader), Some(deadline));
        }
    }
}
