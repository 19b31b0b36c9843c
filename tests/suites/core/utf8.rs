//! Text is UTF-8, and refused as soon as it certainly is not (RFC 6455 section 8.1).

use websocket_listener_core::{CloseCode, Config, ProtocolError, Utf8Validator};
use websocket_listener_tests::{
    Heard, LengthForm, Side, binary, close, collect, continuation, ping, refusal, text,
};

const GOOD: &[&str] = &[
    "",
    "\0",
    "plain",
    "\u{7f}",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "κόσμε",
    "a\u{e9}\u{20ac}\u{1f600}z",
];

/// Bad text, and the number of bytes after which it certainly is.
const BAD: &[(&[u8], usize)] = &[
    (b"\x80", 1),                         // a continuation byte alone
    (b"a\xbfb", 2),                       // the same inside
    (b"\xc3(", 2),                        // a character cut by another
    (b"\xe2\x82(", 3),                    // the same, later
    (b"\xf0\x9f\x98(", 4),                // the same, latest
    (b"\xc0\xaf", 1),                     // overlong
    (b"\xc1\xbf", 1),                     // overlong
    (b"\xe0\x80\xaf", 2),                 // overlong
    (b"\xe0\x9f\xbf", 2),                 // overlong, the highest
    (b"\xf0\x80\x80\xaf", 2),             // overlong
    (b"\xf0\x8f\xbf\xbf", 2),             // overlong, the highest
    (b"\xed\xa0\x80", 2),                 // the first surrogate
    (b"\xed\xbf\xbf", 2),                 // the last surrogate
    (b"\xed\xa0\xbd\xed\xb8\x80", 2),     // a pair of them (CESU-8)
    (b"\xf4\x90\x80\x80", 2),             // beyond U+10FFFF
    (b"\xf5\x80\x80\x80", 1),             // far beyond
    (b"\xf8\x88\x80\x80\x80", 1),         // five bytes
    (b"\xfc\x84\x80\x80\x80\x80", 1),     // six bytes
    (b"\xfe", 1),                         // never
    (b"\xff", 1),                         // never
    (b"\xce\xba\xe1\xbd\xb9\xed\xa0", 7), // good at first
];

/// Text that lacks its end.
const CUT: &[&[u8]] =
    &[b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98", b"good \xc3"];

#[test]
fn good_text_is_accepted_with_characters_cut_anywhere_by_frames_and_input() {
    for side in Side::BOTH {
        for good in GOOD {
            let good_bytes = good.as_bytes();
            for cut in 0..=good.len() {
                let mut bytes = text(&good_bytes[..cut]).fin(false).to(side).bytes();
                bytes.extend(ping("between").to(side).bytes());
                bytes.extend(continuation(&good_bytes[cut..]).to(side).bytes());
                for input_cut in 0..bytes.len() {
                    let mut connection = side.connection(Config::new());
                    let log = collect(&mut connection, &bytes, &[input_cut]);
                    assert_eq!(log.heard.last(), Some(&Heard::text(good)), "{good:?} {cut}");
                }
            }
        }
    }
}

#[test]
fn bad_text_is_refused_by_its_first_invalid_byte_inside_an_unfinished_frame() {
    for side in Side::BOTH {
        for &(bad, certain) in BAD {
            let frame = text(bad).declared_length(1000).to(side);
            let refused = refusal(side, Config::new(), &frame.bytes());
            let at = frame.header().len() + certain;
            assert_eq!(refused, (ProtocolError::InvalidUtf8, at), "{bad:x?}");
        }
    }
}

#[test]
fn bad_text_is_refused_in_whole_frames_and_across_fragments() {
    for side in Side::BOTH {
        for &(bad, _) in BAD {
            let whole = text(bad).to(side).bytes();
            let mut connection = side.connection(Config::new());
            let log = collect(&mut connection, &whole, &[]);
            assert_eq!(log.error, Some(ProtocolError::InvalidUtf8), "{bad:x?}");
            for cut in 0..bad.len() {
                let mut bytes = text(&bad[..cut]).fin(false).to(side).bytes();
                bytes.extend(ping("between").to(side).bytes());
                bytes.extend(continuation(&bad[cut..]).fin(false).to(side).bytes());
                let mut connection = side.connection(Config::new());
                let log = collect(&mut connection, &bytes, &[]);
                assert_eq!(log.error, Some(ProtocolError::InvalidUtf8), "{bad:x?} {cut}");
            }
        }
    }
}

#[test]
fn text_that_ends_inside_a_character_is_refused_at_its_end_and_not_before() {
    for side in Side::BOTH {
        for cut in CUT {
            let whole = text(cut).to(side).bytes();
            let refused = refusal(side, Config::new(), &whole);
            assert_eq!(refused, (ProtocolError::InvalidUtf8, whole.len()), "{cut:x?}");

            let mut bytes = text(cut).fin(false).to(side).bytes();
            bytes.extend(continuation("").fin(false).to(side).bytes());
            assert_eq!(collect(&mut side.connection(Config::new()), &bytes, &[]).error, None);
            bytes.extend(continuation("").to(side).bytes());
            let refused = refusal(side, Config::new(), &bytes);
            assert_eq!(refused, (ProtocolError::InvalidUtf8, bytes.len()), "{cut:x?}");
        }
    }
}

#[test]
fn a_character_cut_by_one_message_does_not_reach_into_the_next() {
    for side in Side::BOTH {
        let mut bytes = text("\u{e9}").to(side).bytes();
        bytes.extend(text(b"\xa9").to(side).bytes());
        let refused = refusal(side, Config::new(), &bytes);
        assert_eq!(refused, (ProtocolError::InvalidUtf8, bytes.len()));
    }
}

#[test]
fn binary_messages_and_pings_hold_any_bytes() {
    for side in Side::BOTH {
        for &(bad, _) in BAD {
            let mut bytes = binary(bad).to(side).bytes();
            bytes.extend(ping(bad).to(side).bytes());
            let log = collect(&mut side.connection(Config::new()), &bytes, &[]);
            assert_eq!(log.heard, [Heard::binary(bad), Heard::Ping(bad.to_vec())]);
        }
    }
}

/// Section 5.5.1: the reason is UTF-8.
#[test]
fn a_close_reason_that_is_not_utf8_is_refused() {
    for side in Side::BOTH {
        for bad in BAD.iter().map(|&(bad, _)| bad).chain(CUT.iter().copied()) {
            let bytes = close(CloseCode::NORMAL, bad).to(side).bytes();
            let refused = refusal(side, Config::new(), &bytes);
            assert_eq!(refused, (ProtocolError::InvalidUtf8, bytes.len()), "{bad:x?}");
        }
    }
}

#[test]
fn a_long_text_is_checked_to_its_last_byte() {
    for side in Side::BOTH {
        let good = "abc\u{e9}\u{20ac}\u{1f600}".repeat(1000);
        let frame = text(&good).to(side).bytes();
        for cuts in [vec![], vec![64, 128, 4096], (0..frame.len()).collect()] {
            let log = collect(&mut side.connection(Config::new()), &frame, &cuts);
            assert_eq!(log.heard, [Heard::text(&good)]);
        }
        let mut bad = good.into_bytes();
        bad.pop();
        let frame = text(&bad).to(side).bytes();
        let log = collect(&mut side.connection(Config::new()), &frame, &[]);
        assert_eq!(log.error, Some(ProtocolError::InvalidUtf8));
    }
}

/// The form the length is in has no influence; this one failed other implementations.
#[test]
fn text_is_checked_in_frames_of_every_header_form() {
    for side in Side::BOTH {
        for length in [126, 65_536] {
            let mut bad = vec![b'x'; length];
            bad[length - 1] = 0xff;
            let frame = text(&bad).length_form(LengthForm::Shortest).to(side).bytes();
            let refused = refusal(side, Config::new(), &frame);
            assert_eq!(refused, (ProtocolError::InvalidUtf8, frame.len()));
        }
    }
}

fn validate(pieces: &[&[u8]]) -> bool {
    let mut validator = Utf8Validator::new();
    pieces.iter().all(|piece| validator.push(piece).is_ok()) && validator.is_complete()
}

#[test]
fn the_validator_agrees_with_the_standard_library_at_every_two_splits() {
    let samples = GOOD.iter().map(|good| good.as_bytes());
    let samples = samples.chain(BAD.iter().map(|&(bad, _)| bad)).chain(CUT.iter().copied());
    for sample in samples {
        let expected = core::str::from_utf8(sample).is_ok();
        for first in 0..=sample.len() {
            for second in first..=sample.len() {
                let pieces = [&sample[..first], &sample[first..second], &sample[second..]];
                assert_eq!(validate(&pieces), expected, "{pieces:x?}");
            }
        }
    }
}

/// Every character there is, byte by byte; and every three bytes that could be the start of one.
#[test]
fn the_validator_knows_every_character_and_refuses_with_the_first_bad_byte() {
    for character in '\0'..=char::MAX {
        let mut buffer = [0; 4];
        let mut validator = Utf8Validator::new();
        for byte in character.encode_utf8(&mut buffer).bytes() {
            assert_eq!(validator.push(&[byte]), Ok(()), "{character:?}");
        }
        assert!(validator.is_complete());
    }
    for first in 0..=255 {
        for second in 0..=255 {
            for third in [0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff] {
                let bytes = [first, second, third];
                let mut validator = Utf8Validator::new();
                let refused = bytes.iter().position(|&byte| validator.push(&[byte]).is_err());
                let expected = (1..=3).position(|length| {
                    let prefix = core::str::from_utf8(&bytes[..length]);
                    prefix.is_err_and(|error| error.error_len().is_some())
                });
                assert_eq!(refused, expected, "{bytes:x?}");
            }
        }
    }
}
