//! Any stream, cut anywhere: the same messages are received.

use proptest::prelude::*;
use websocket_listener_core::{Config, Connection, Instant, OpCode};
use websocket_listener_tests::{Log, Side, collect, frame, transmit_all, wire_frames};

use crate::arbitrary::{configs, cuts, sides, streams};

/// All there is to say of a connection after some input, but for what depends on the cuts: how much
/// of a message that was refused or is unfinished has been handed on, and the masks.
fn outcome(mut connection: Connection, log: Log) -> impl PartialEq + core::fmt::Debug {
    let frames = wire_frames(&transmit_all(&mut connection, Instant::default()));
    let written: Vec<_> = frames.into_iter().map(|frame| (frame.opcode, frame.payload)).collect();
    let reason = connection.close_reason();
    let reason = reason.map(|reason| (reason.code, reason.reason.to_owned(), reason.initiator));
    let state = (connection.can_send(), connection.can_receive(), connection.is_closed());
    let unfinished = if log.error.is_none() { log.unfinished } else { None };
    (log.heard, log.error, unfinished, written, reason, state, connection.frame_remaining())
}

fn agree(side: Side, config: Config, bytes: &[u8], cuts: &[usize]) {
    let mut connection = side.connection(config);
    let whole = collect(&mut connection, bytes, &[]);
    let mut cut_connection = side.connection(config);
    let cut = collect(&mut cut_connection, bytes, cuts);
    let payload = |log: &Log| log.unfinished.clone().map_or(Vec::new(), |(_, payload)| payload);
    let (whole_payload, cut_payload) = (payload(&whole), payload(&cut));
    assert!(
        cut_payload.starts_with(&whole_payload) || whole_payload.starts_with(&cut_payload),
        "different payload was handed on"
    );
    assert_eq!(outcome(connection, whole), outcome(cut_connection, cut));
}

proptest! {
    #[test]
    fn any_split_of_any_stream_is_heard_as_the_same_messages_control_frames_and_error(
        (side, bytes, cuts) in sides().prop_flat_map(|side| {
            streams(side).prop_flat_map(move |bytes| {
                let cuts = cuts(bytes.len());
                (Just(side), Just(bytes), cuts)
            })
        }),
        config in configs(),
    ) {
        agree(side, config, &bytes, &cuts);
    }

    #[test]
    fn a_stream_byte_by_byte_is_heard_as_in_one_piece_and_refused_by_the_same_byte(
        (side, bytes) in sides().prop_flat_map(|side| (Just(side), streams(side))),
        config in configs(),
    ) {
        let bytes = &bytes[..bytes.len().min(2000)];
        agree(side, config, bytes, &(0..bytes.len()).collect::<Vec<_>>());

        let mut connection = side.connection(config);
        let mut log = Log::default();
        let refused = bytes.iter().position(|&byte| {
            log.receive(&mut connection, &[byte], Instant::default());
            log.error.is_some()
        });
        if let Some(at) = refused {
            let before = collect(&mut side.connection(config), &bytes[..at], &[]);
            prop_assert_eq!(before.error, None);
            let with = collect(&mut side.connection(config), &bytes[..=at], &[]);
            prop_assert_eq!(with.error, log.error);
        }
    }

    /// Bytes after an error or a Close frame have no influence.
    #[test]
    fn nothing_after_a_close_frame_is_heard(
        (side, bytes) in sides().prop_flat_map(|side| (Just(side), streams(side))),
        behind in proptest::collection::vec(any::<u8>(), 0..50),
        config in configs(),
    ) {
        let close = frame(OpCode::Close).to(side).bytes();
        let mut connection = side.connection(config);
        let mut log = collect(&mut connection, &bytes, &[]);
        log.receive(&mut connection, &close, Instant::default());
        let before = log.clone();
        if !connection.can_receive() {
            log.receive(&mut connection, &behind, Instant::default());
            prop_assert_eq!(log, before);
        }
    }
}
