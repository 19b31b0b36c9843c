//! Limits (RFC 6455 section 10.4): by one byte, over one frame and over fragments.

use websocket_listener_core::{Config, Event, Instant, ProtocolError, ReservedBits};
use websocket_listener_tests::{Heard, Side, binary, collect, continuation, ping, refusal, text};

#[test]
fn a_message_of_exactly_the_limit_is_accepted() {
    for side in Side::BOTH {
        for limit in [0, 1, 125, 126, 65_535, 65_536] {
            let config = Config::new().max_message_bytes(limit as u64);
            let payload = vec![b'x'; limit];
            let mut bytes = binary(&payload).to(side).bytes();
            bytes.extend(binary(&payload).to(side).bytes());
            let log = collect(&mut side.connection(config), &bytes, &[]);
            assert_eq!(log.heard, [Heard::binary(&payload), Heard::binary(&payload)]);
        }
    }
}

#[test]
fn a_message_over_the_limit_by_one_byte_is_refused_by_its_header() {
    for side in Side::BOTH {
        for limit in [0, 1, 125, 126, 65_535, 65_536] {
            let config = Config::new().max_message_bytes(limit);
            let header = binary("").declared_length(limit + 1).to(side).header();
            let refused = refusal(side, config, &header);
            assert_eq!(refused, (ProtocolError::MessageTooBig, header.len()));
        }
    }
}

#[test]
fn the_limit_holds_over_all_fragments_of_a_message() {
    for side in Side::BOTH {
        let config = Config::new().max_message_bytes(10);
        let mut bytes = text("12345").fin(false).to(side).bytes();
        bytes.extend(ping("not counted").to(side).bytes());
        bytes.extend(continuation("6789").fin(false).to(side).bytes());
        let start = bytes.len();
        bytes.extend(continuation("0").to(side).bytes());
        let log = collect(&mut side.connection(config), &bytes, &[]);
        assert!(log.heard.contains(&Heard::text("1234567890")));

        bytes.truncate(start);
        let header = continuation("01").to(side).header();
        bytes.extend(&header);
        let refused = refusal(side, config, &bytes);
        assert_eq!(refused, (ProtocolError::MessageTooBig, start + header.len()));
    }
}

/// Sums of 64-bit lengths neither wrap nor lose their upper half in a cast.
#[test]
fn lengths_beyond_32_and_64_bits_never_wrap_to_small_ones() {
    for side in Side::BOTH {
        for length in [1 << 32, (1 << 32) + 1, (1 << 62) + 1, (1 << 63) - 1] {
            let header = binary("").declared_length(length).to(side).header();
            assert_eq!(refusal(side, Config::new(), &header).0, ProtocolError::MessageTooBig);

            let mut bytes = binary("x").fin(false).to(side).bytes();
            bytes.extend(continuation("").declared_length(length).to(side).header());
            let config = Config::new().max_message_bytes(length);
            assert_eq!(refusal(side, config, &bytes).0, ProtocolError::MessageTooBig);
        }
    }
}

/// The default of a million bytes, not the caller's memory, bounds what a peer may announce.
#[test]
fn the_default_limit_is_a_mebibyte() {
    for side in Side::BOTH {
        let over = binary("").declared_length((1 << 20) + 1).to(side).header();
        assert_eq!(refusal(side, Config::new(), &over).0, ProtocolError::MessageTooBig);
        let at = binary("").declared_length(1 << 20).to(side).header();
        assert_eq!(collect(&mut side.connection(Config::new()), &at, &[]).error, None);
    }
}

/// Empty fragments cost the receiver time and the sender nothing, so they count.
#[test]
fn a_message_of_16384_fragments_is_accepted_and_one_of_16385_is_refused() {
    for side in Side::BOTH {
        let middle = continuation("").fin(false).to(side).bytes();
        let mut bytes = binary("").fin(false).to(side).bytes();
        for _ in 0..16_382 {
            bytes.extend(&middle);
        }
        let mut whole = bytes.clone();
        whole.extend(continuation("").to(side).bytes());
        whole.extend(&whole.clone());
        let log = collect(&mut side.connection(Config::new()), &whole, &[]);
        assert_eq!(log.heard, [Heard::binary(b""), Heard::binary(b"")], "counted by message");

        bytes.extend(&middle);
        bytes.extend(continuation("").to(side).bytes());
        let refused = refusal(side, Config::new(), &bytes);
        assert_eq!(refused, (ProtocolError::TooManyFragments, bytes.len()));
    }
}

#[test]
fn the_fragment_limit_is_configurable_down_to_whole_messages() {
    let config = Config::new().max_fragments(1);
    for side in Side::BOTH {
        let whole = text("a").to(side).bytes();
        assert_eq!(collect(&mut side.connection(config), &whole, &[]).heard, [Heard::text("a")]);
        let mut bytes = text("a").fin(false).to(side).bytes();
        bytes.extend(continuation("b").to(side).bytes());
        assert_eq!(refusal(side, config, &bytes).0, ProtocolError::TooManyFragments);
    }
}

/// Section 5.8: an extension counts what it makes of a message, and fails the connection for it.
#[test]
fn messages_of_an_extension_are_limited_by_the_extension() {
    let now = Instant::from_micros(0);
    for side in Side::BOTH {
        let config = Config::new().max_message_bytes(10).reserved_bits(ReservedBits::RSV1);
        let mut connection = side.connection(config);
        let mut bytes = binary([0; 20]).rsv(0b100).to(side).bytes();
        let received = connection.receive(&mut bytes, now).unwrap();
        assert!(matches!(received.event, Some(Event::Data(data)) if data.payload.len() == 20));
        for error in [ProtocolError::MessageTooBig, ProtocolError::InvalidExtensionData] {
            connection.fail(error, now);
            // The first reason stands.
            let mut frame = binary("").to(side).bytes();
            let failed = connection.receive(&mut frame, now).unwrap_err();
            assert_eq!(failed, ProtocolError::MessageTooBig);
            assert!(!connection.can_send());
        }
    }
}
