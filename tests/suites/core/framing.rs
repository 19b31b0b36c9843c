//! Frames (RFC 6455 sections 5.1 and 5.2): those accepted, those refused, and by which byte.

use websocket_listener_core::{Config, OpCode, ProtocolError, ReservedBits};
use websocket_listener_tests::{
    Heard, LengthForm, MASK, Side, binary, collect, continuation, frame, ping, refusal, text,
};

const OPCODES: [OpCode; 6] =
    [OpCode::Continuation, OpCode::Text, OpCode::Binary, OpCode::Close, OpCode::Ping, OpCode::Pong];

const NO_LIMIT: Config = Config::new().max_message_bytes(u64::MAX);

/// Section 5.1: "The server MUST close the connection upon receiving a frame that is not masked."
#[test]
fn a_server_refuses_an_unmasked_frame_of_any_kind_with_its_second_byte() {
    for opcode in OPCODES {
        let refused = refusal(Side::Server, Config::new(), &frame(opcode).bytes());
        assert_eq!(refused, (ProtocolError::UnmaskedFrame, 2), "{opcode:?}");
    }
}

/// Section 5.1: "A client MUST close a connection if it detects a masked frame."
#[test]
fn a_client_refuses_a_masked_frame_of_any_kind_with_its_second_byte() {
    for opcode in OPCODES {
        let refused = refusal(Side::Client, Config::new(), &frame(opcode).masked(MASK).bytes());
        assert_eq!(refused, (ProtocolError::MaskedFrame, 2), "{opcode:?}");
    }
}

/// A key of zeros is a key (section 5.3), though it changes nothing.
#[test]
fn a_mask_of_zeros_is_a_mask() {
    let bytes = text("Hello").masked([0; 4]).bytes();
    let heard = collect(&mut Side::Server.connection(Config::new()), &bytes, &[]).heard;
    assert_eq!(heard, [Heard::text("Hello")]);
    let refused = refusal(Side::Client, Config::new(), &bytes);
    assert_eq!(refused, (ProtocolError::MaskedFrame, 2));
}

/// Section 5.2: RSV "MUST be 0 unless an extension is negotiated that defines meanings".
#[test]
fn reserved_bits_are_refused_with_the_first_byte() {
    for side in Side::BOTH {
        for opcode in OPCODES {
            for rsv in 1..8 {
                let bytes = frame(opcode).rsv(rsv).to(side).bytes();
                let refused = refusal(side, Config::new(), &bytes);
                assert_eq!(refused, (ProtocolError::ReservedBits, 1), "{opcode:?} {rsv:03b}");
            }
        }
    }
}

/// Section 5.2, and RFC 7692 section 6: the bit stands on the first frame of a message.
#[test]
fn a_negotiated_reserved_bit_is_accepted_on_the_first_frame_of_a_message_only() {
    let config = Config::new().reserved_bits(ReservedBits::RSV1);
    for side in Side::BOTH {
        for first in [text("\u{fffd}"), binary([0xff])] {
            let first = first.rsv(0b100).fin(false).to(side);
            let mut bytes = first.bytes();
            bytes.extend(continuation("end").to(side).bytes());
            let log = collect(&mut side.connection(config), &bytes, &[]);
            assert_eq!((log.heard.len(), log.error), (1, None));

            let mut bytes = first.bytes();
            bytes.extend(continuation("end").rsv(0b100).to(side).bytes());
            assert_eq!(refusal(side, config, &bytes).0, ProtocolError::ReservedBits);
        }
        for rsv in [0b001, 0b010, 0b011, 0b101, 0b110, 0b111] {
            let bytes = text("").rsv(rsv).to(side).bytes();
            assert_eq!(refusal(side, config, &bytes), (ProtocolError::ReservedBits, 1));
        }
        for opcode in [OpCode::Ping, OpCode::Pong, OpCode::Close] {
            let bytes = frame(opcode).rsv(0b100).to(side).bytes();
            assert_eq!(refusal(side, config, &bytes), (ProtocolError::ReservedBits, 1));
        }
    }
}

/// A payload that an extension has encoded is not text yet.
#[test]
fn text_under_a_negotiated_reserved_bit_is_handed_on_unchecked_and_the_next_message_is_checked() {
    let config = Config::new().reserved_bits(ReservedBits::RSV1);
    for side in Side::BOTH {
        let mut bytes = text([0xff, 0xc0]).rsv(0b100).to(side).bytes();
        let packed = bytes.len();
        bytes.extend(text([0xff]).to(side).bytes());
        let log = collect(&mut side.connection(config), &bytes[..packed], &[]);
        assert_eq!(log.messages().len(), 1);
        assert_eq!(refusal(side, config, &bytes), (ProtocolError::InvalidUtf8, bytes.len()));
    }
}

/// Section 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail_".
#[test]
fn reserved_opcodes_are_refused_with_the_first_byte() {
    for side in Side::BOTH {
        for bits in [0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf] {
            let bytes = text("").opcode_bits(bits).to(side).bytes();
            let refused = refusal(side, Config::new(), &bytes);
            assert_eq!(refused, (ProtocolError::ReservedOpCode, 1), "{bits:x}");
        }
    }
}

/// Section 5.2: "the minimal number of bytes MUST be used to encode the length".
#[test]
fn a_length_in_a_longer_form_than_needed_is_refused_with_its_last_byte() {
    for side in Side::BOTH {
        for opcode in [OpCode::Text, OpCode::Binary] {
            for length in [0, 1, 125] {
                let bytes =
                    frame(opcode).declared_length(length).length_form(LengthForm::Two).to(side);
                let refused = refusal(side, Config::new(), &bytes.bytes());
                assert_eq!(refused, (ProtocolError::LengthNotMinimal, 4), "{length}");
            }
            for length in [0, 1, 125, 126, 127, 65_535] {
                let bytes =
                    frame(opcode).declared_length(length).length_form(LengthForm::Eight).to(side);
                let refused = refusal(side, Config::new(), &bytes.bytes());
                assert_eq!(refused, (ProtocolError::LengthNotMinimal, 10), "{length}");
            }
        }
    }
}

/// Section 5.2: "the most significant bit MUST be 0".
#[test]
fn a_length_with_its_top_bit_set_is_refused_by_the_byte_of_that_bit() {
    for side in Side::BOTH {
        for length in [1 << 63, u64::MAX, (1 << 63) | 65_536] {
            let bytes = binary("").declared_length(length).to(side).bytes();
            assert_eq!(refusal(side, NO_LIMIT, &bytes), (ProtocolError::LengthTopBit, 3));
        }
    }
}

#[test]
fn every_length_is_read_from_its_shortest_form_and_kept_in_64_bits() {
    for side in Side::BOTH {
        for length in [
            1,
            125,
            126,
            127,
            65_535,
            65_536,
            u64::from(u32::MAX),
            u64::from(u32::MAX) + 1,
            (1 << 63) - 1,
        ] {
            let header = binary("").fin(false).declared_length(length).to(side).header();
            for cut in 0..header.len() {
                let mut connection = side.connection(NO_LIMIT);
                let log = collect(&mut connection, &header, &[cut]);
                assert_eq!((log.heard.len(), log.error), (0, None));
                assert_eq!(connection.frame_remaining(), length);
                let log = collect(&mut connection, b"x", &[]);
                assert!(log.unfinished.is_some());
                assert_eq!(connection.frame_remaining(), length - 1);
            }
        }
    }
}

#[test]
fn messages_of_every_header_form_arrive_whole() {
    for side in Side::BOTH {
        for length in [0, 1, 2, 3, 4, 124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537] {
            let payload: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let bytes = binary(&payload).to(side).bytes();
            for cuts in [&[][..], &[1], &[2], &[5, 9], &[20, 21, 22, 23]] {
                let log = collect(&mut side.connection(Config::new()), &bytes, cuts);
                assert_eq!(log.heard, [Heard::binary(&payload)], "{length}");
            }
        }
    }
}

/// The examples of section 5.7, byte for byte.
#[test]
fn the_examples_of_the_rfc_are_read() {
    let read = |side: Side, bytes: &[u8]| {
        let log = collect(&mut side.connection(Config::new()), bytes, &[]);
        assert_eq!((&log.unfinished, log.error), (&None, None));
        log.heard
    };
    let hello = [Heard::text("Hello")];
    assert_eq!(read(Side::Client, b"\x81\x05Hello"), hello);
    assert_eq!(read(Side::Server, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), hello);
    assert_eq!(read(Side::Client, b"\x01\x03Hel\x80\x02lo"), hello);
    assert_eq!(read(Side::Client, b"\x89\x05Hello"), [Heard::Ping(b"Hello".to_vec())]);
    assert_eq!(read(Side::Server, b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), [Heard::Pong]);
    let mut long = b"\x82\x7e\x01\x00".to_vec();
    long.extend([7; 256]);
    assert_eq!(read(Side::Client, &long), [Heard::binary(&[7; 256])]);
    let mut longer = b"\x82\x7f\0\0\0\0\0\x01\0\0".to_vec();
    longer.extend([7; 65_536]);
    assert_eq!(read(Side::Client, &longer), [Heard::binary(&[7; 65_536])]);
}

/// Section 5.3: each frame has a key of its own, and the next frame starts at its first byte.
#[test]
fn each_frame_is_unmasked_with_its_own_key_from_its_start() {
    let mut bytes = binary("abcde").fin(false).masked([1, 2, 3, 4]).bytes();
    bytes.extend(ping("fg").masked([5, 6, 7, 8]).bytes());
    bytes.extend(continuation("hij").fin(false).masked([9, 10, 11, 12]).bytes());
    bytes.extend(continuation("klmnopq").masked([13, 14, 15, 16]).bytes());
    for cut in 0..bytes.len() {
        let log = collect(&mut Side::Server.connection(Config::new()), &bytes, &[cut]);
        assert_eq!(log.heard, [Heard::Ping(b"fg".to_vec()), Heard::binary(b"abcdehijklmnopq")]);
    }
}

#[test]
fn an_empty_input_changes_nothing() {
    let now = websocket_listener_core::Instant::from_micros(1);
    for side in Side::BOTH {
        let mut connection = side.connection(Config::new());
        let received = connection.receive(&mut [], now).expect("nothing to refuse");
        assert_eq!((received.consumed, received.event), (0, None));
        assert_ne!(connection.last_received(), now, "no byte, no sign of life");
    }
}
