//! Bytes of any value: never a panic, always progress.

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::Side::{Reader, Writer};
use websocket_listener_core::{CloseCode, Config, Connection, Failure, Instant, Utf8Validator};
use websocket_listener_tests::{Log, Side};

use crate::arbitrary::{configs, sides, streams};

fn over(connection: &Connection) -> bool {
    connection.wants().over
}

proptest! {
    /// [`Log::receive`] fails if nothing is consumed and nothing refused.
    #[test]
    fn arbitrary_bytes_are_consumed_or_refused(
        side in sides(),
        config in configs(),
        pieces in vec(vec(any::<u8>(), 1..60), 0..10),
    ) {
        let mut connection = side.connection(config);
        let mut log = Log::default();
        for piece in pieces {
            log.receive(&mut connection, &piece, Instant::default());
        }
    }

    /// The same after a header that is accepted, which most random bytes never get past.
    #[test]
    fn arbitrary_bytes_after_a_good_first_byte_are_consumed_or_refused(
        side in sides(),
        config in configs(),
        frames in vec((prop_oneof![
            Just(0x00_u8), Just(0x01), Just(0x02), Just(0x80), Just(0x81), Just(0x82), Just(0x88),
            Just(0x89), Just(0x8a), Just(0xc1),
        ], 0..=127_u8, vec(any::<u8>(), 0..30)), 0..10),
    ) {
        let mut connection = side.connection(config);
        let mut log = Log::default();
        for (first, second, rest) in frames {
            let masked = if side == Side::Server { 0x80 } else { 0 };
            log.receive(&mut connection, &[first, second | masked], Instant::default());
            log.receive(&mut connection, &rest, Instant::default());
        }
    }

    /// Every call in any order, at any time, with any input in between.
    #[test]
    fn any_sequence_of_calls_does_without_a_panic(
        (side, streams) in sides().prop_flat_map(|side| (Just(side), vec(streams(side), 1..4))),
        config in configs(),
        calls in vec((0..14_u8, any::<u16>(), vec(any::<u8>(), 0..140)), 0..40),
    ) {
        let mut connection = side.connection(config);
        let mut log = Log::default();
        let mut now = Instant::default();
        let mut input = streams.concat().into_iter();
        let (mut write_failed, mut outcome) = (false, None);
        for (call, number, bytes) in calls {
            now = now + core::time::Duration::from_millis(u64::from(number));
            match call {
                0..=2 => {
                    let piece: Vec<_> = input.by_ref().take(usize::from(number % 100)).collect();
                    if !connection.is_closed() {
                        log.receive(&mut connection, &piece, now);
                    }
                }
                3 => _ = connection.ping(&bytes),
                4 => {
                    let text = String::from_utf8_lossy(&bytes);
                    let _ = connection.close(CloseCode::new(number), &text, now);
                }
                5 => _ = connection.transmit(&mut bytes.clone(), now),
                6 => _ = connection.handle_timeout(Reader, now),
                7 => connection.flushed(now),
                8 => connection.written(u64::from(number), || now),
                9 => connection.write_blocked(now),
                10 => connection.unsent(u64::from(number), now),
                11 => _ = connection.handle_timeout(Writer, now),
                12 if number < 2_000 => connection.end_of_input(now),
                12 if number < 4_000 => write_failed = !over(&connection),
                _ if number < 2_000 => connection.give_up(Failure::Aborted),
                _ if connection.wants().shut_down => connection.shut_down(),
                _ => {}
            }
            if write_failed {
                connection.write_failed();
            }
            prop_assert!(connection.outcome().is_some() == over(&connection));
            if outcome.is_some() {
                prop_assert_eq!(connection.outcome(), outcome, "another outcome");
            }
            outcome = connection.outcome();
            let _ = (connection.latency(), connection.control_payload(), connection.close_reason());
            if !connection.is_closed() {
                let due = connection.poll_timeout(Reader);
                let bounded = connection.can_send() || due.is_some() || write_failed;
                prop_assert!(bounded, "closing without a deadline");
            }
        }
    }

    #[test]
    fn the_validator_agrees_with_the_standard_library_on_any_pieces(
        pieces in vec(prop_oneof![
            vec(any::<u8>(), 0..6),
            ".{0,4}".prop_map(String::into_bytes),
            (any::<char>(), 0..4_usize).prop_map(|(character, end)| {
                let mut bytes = character.to_string().into_bytes();
                bytes.truncate(end);
                bytes
            }),
        ], 0..8),
    ) {
        let mut validator = Utf8Validator::new();
        let mut so_far = Vec::new();
        for piece in pieces {
            so_far.extend_from_slice(&piece);
            let certain = core::str::from_utf8(&so_far).is_err_and(|e| e.error_len().is_some());
            let refused = validator.push(&piece).is_err();
            prop_assert_eq!(refused, certain);
            if refused {
                return Ok(());
            }
            prop_assert_eq!(validator.is_complete(), core::str::from_utf8(&so_far).is_ok());
        }
    }
}

/// The longest header there is, byte by byte, in every state a frame can be cut in.
#[test]
fn every_first_two_bytes_are_consumed_or_refused() {
    for side in Side::BOTH {
        for config in [Config::new(), Config::new().max_message_bytes(u64::MAX)] {
            for first in 0..=255 {
                for second in 0..=255 {
                    let mut connection = side.connection(config);
                    let mut log = Log::default();
                    log.receive(&mut connection, &[first, second], Instant::default());
                    log.receive(&mut connection, &[0x01; 14], Instant::default());
                    log.receive(&mut connection, &[0x00; 300], Instant::default());
                }
            }
        }
    }
}
