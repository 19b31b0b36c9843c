//! Fragments (RFC 6455 section 5.4) and the control frames between them.

use websocket_listener_core::{CloseCode, Config, DataFrame, Instant, MessageKind, ProtocolError};
use websocket_listener_core::{ReservedBits, SendError};
use websocket_listener_tests::{
    Heard, Side, binary, close, collect, continuation, ping, pong, refusal, text, wire_frames,
};

#[test]
fn fragments_make_one_message_of_the_first_ones_kind() {
    for side in Side::BOTH {
        let mut bytes = text("one ").fin(false).to(side).bytes();
        bytes.extend(continuation("two ").fin(false).to(side).bytes());
        bytes.extend(continuation("three").to(side).bytes());
        bytes.extend(binary("four ").fin(false).to(side).bytes());
        bytes.extend(continuation("five").to(side).bytes());
        for cut in 0..bytes.len() {
            let log = collect(&mut side.connection(Config::new()), &bytes, &[cut]);
            assert_eq!(log.heard, [Heard::text("one two three"), Heard::binary(b"four five")]);
        }
    }
}

#[test]
fn empty_fragments_are_fragments() {
    for side in Side::BOTH {
        let mut bytes = text("").fin(false).to(side).bytes();
        bytes.extend(continuation("").fin(false).to(side).bytes());
        bytes.extend(continuation("a").fin(false).to(side).bytes());
        bytes.extend(continuation("").to(side).bytes());
        bytes.extend(text("").to(side).bytes());
        for cut in 0..bytes.len() {
            let log = collect(&mut side.connection(Config::new()), &bytes, &[cut]);
            assert_eq!(log.heard, [Heard::text("a"), Heard::text("")]);
        }
    }
}

/// Section 5.4: "Control frames MAY be injected in the middle of a fragmented message", and "an
/// endpoint MUST be capable of handling control frames in the middle of a fragmented message".
#[test]
fn control_frames_between_fragments_are_heard_and_leave_the_message_alone() {
    for side in Side::BOTH {
        let mut bytes = text("a").fin(false).to(side).bytes();
        bytes.extend(ping("1").to(side).bytes());
        bytes.extend(continuation(&"\u{e9}".as_bytes()[..1]).fin(false).to(side).bytes());
        bytes.extend(pong("2").to(side).bytes());
        bytes.extend(ping("").to(side).bytes());
        bytes.extend(continuation(&"\u{e9}".as_bytes()[1..]).to(side).bytes());
        for cut in 0..bytes.len() {
            let log = collect(&mut side.connection(Config::new()), &bytes, &[cut]);
            let expected = [
                Heard::Ping(b"1".to_vec()),
                Heard::Pong,
                Heard::Ping(Vec::new()),
                Heard::text("a\u{e9}"),
            ];
            assert_eq!(log.heard, expected);
        }
    }
}

/// Section 5.5.1: a Close frame may come at any time; the message before it stays unfinished.
#[test]
fn a_close_frame_between_fragments_ends_the_connection_cleanly() {
    for side in Side::BOTH {
        let mut bytes = binary("a").fin(false).to(side).bytes();
        bytes.extend(close(CloseCode::GOING_AWAY, "bye").to(side).bytes());
        let mut connection = side.connection(Config::new());
        let log = collect(&mut connection, &bytes, &[]);
        assert_eq!(log.heard, [Heard::Close(CloseCode::GOING_AWAY, "bye".to_owned())]);
        assert_eq!(log.unfinished, Some((MessageKind::Binary, b"a".to_vec())));
        assert!(connection.close_reason().is_some_and(|reason| reason.is_clean()));
    }
}

/// Section 5.4: a continuation continues something.
#[test]
fn a_continuation_without_a_message_is_refused() {
    for side in Side::BOTH {
        for fin in [false, true] {
            let stray = continuation("x").fin(fin).to(side).bytes();
            let refused = refusal(side, Config::new(), &stray).0;
            assert_eq!(refused, ProtocolError::UnexpectedContinuation);

            let mut bytes = text("whole").to(side).bytes();
            bytes.extend(&stray);
            let refused = refusal(side, Config::new(), &bytes).0;
            assert_eq!(refused, ProtocolError::UnexpectedContinuation);

            let mut bytes = text("in two").fin(false).to(side).bytes();
            bytes.extend(continuation("").to(side).bytes());
            bytes.extend(ping("").to(side).bytes());
            bytes.extend(&stray);
            let refused = refusal(side, Config::new(), &bytes).0;
            assert_eq!(refused, ProtocolError::UnexpectedContinuation);
        }
    }
}

/// Section 5.4: "The fragments of one message MUST NOT be interleaved between the fragments of
/// another message".
#[test]
fn a_new_message_inside_an_unfinished_one_is_refused() {
    for side in Side::BOTH {
        for second in [text(""), binary(""), text("x").fin(false), binary("x").fin(false)] {
            for control in [None, Some(ping(""))] {
                let mut bytes = text("first").fin(false).to(side).bytes();
                bytes.extend(control.iter().flat_map(|control| control.clone().to(side).bytes()));
                bytes.extend(second.clone().to(side).bytes());
                let refused = refusal(side, Config::new(), &bytes).0;
                assert_eq!(refused, ProtocolError::ExpectedContinuation);
            }
        }
    }
}

fn fragment(kind: MessageKind, first: bool, last: bool) -> DataFrame {
    DataFrame { kind, reserved: ReservedBits::NONE, first, last, length: 0 }
}

/// Section 5.4, the sending side: the first frame says the kind, the others are continuations.
#[test]
fn fragments_are_written_as_such() {
    use MessageKind::{Binary, Text};
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let mut bytes = Vec::new();
        for frame in [
            fragment(Text, true, false),
            fragment(Text, false, false),
            fragment(Text, false, true),
            fragment(Binary, true, false),
            fragment(Binary, false, true),
            fragment(Binary, true, true),
        ] {
            bytes.extend(connection.begin_frame(frame).expect("in order").as_bytes());
        }
        let frames: Vec<_> =
            wire_frames(&bytes).iter().map(|frame| (frame.fin, frame.opcode)).collect();
        assert_eq!(
            frames,
            [(false, 0x1), (false, 0x0), (true, 0x0), (false, 0x2), (true, 0x0), (true, 0x2)]
        );
    }
}

/// Section 5.4: what would interleave two messages is refused to the caller, and harms nothing.
#[test]
fn a_message_cannot_begin_inside_another_or_continue_without_a_beginning() {
    use MessageKind::{Binary, Text};
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        for last in [false, true] {
            let stray = connection.begin_frame(fragment(Text, false, last));
            assert_eq!(stray.err(), Some(SendError::NoMessage));
        }
        connection.begin_frame(fragment(Text, true, false)).expect("the first message");
        for last in [false, true] {
            let second = connection.begin_frame(fragment(Binary, true, last));
            assert_eq!(second.err(), Some(SendError::MessageUnfinished));
        }
        connection.begin_frame(fragment(Text, false, true)).expect("its end");
        connection.begin_frame(fragment(Binary, true, true)).expect("the second message");
    }
}

/// The one way out of a message that its sender gave up.
#[test]
fn an_unfinished_outgoing_message_does_not_keep_the_connection_from_closing() {
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        connection.begin_frame(fragment(MessageKind::Text, true, false)).expect("the first");
        connection.close(CloseCode::GOING_AWAY, "", Instant::default()).expect("not closed yet");
        let rest = connection.begin_frame(fragment(MessageKind::Text, false, true));
        assert_eq!(rest.err(), Some(SendError::Closed));
        assert!(connection.wants_transmit());
    }
}
