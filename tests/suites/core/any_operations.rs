//! Any operations on a connection: its output is a stream of whole and lawful frames.

use core::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::Side::Reader;
use websocket_listener_core::{CloseCode, Config, DataFrame, Instant, MessageKind, ReservedBits};
use websocket_listener_tests::{Log, Side, ping, pong, text, transmit_all, wire_frames};

use crate::arbitrary::{kinds, sides};

#[derive(Clone, Debug)]
enum Operation {
    /// Begin a frame: kind, first, last, payload.
    Frame(MessageKind, bool, bool, u8),
    Ping(Vec<u8>),
    Close(u16, usize),
    /// Write a control frame into this much room.
    Transmit(usize),
    /// The peer pings.
    Pinged(Vec<u8>),
    /// The peer says anything else.
    Heard(bool),
    /// The peer breaks a rule.
    Broken,
    /// Time passes.
    Wait(u64),
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    use Operation::{Broken, Close, Frame, Heard, Ping, Pinged, Transmit, Wait};
    let codes = prop_oneof![2 => Just(1000_u16), 1 => Just(1005), 1 => any::<u16>()];
    vec(
        prop_oneof![
            6 => (kinds(), any::<bool>(), any::<bool>(), any::<u8>())
                .prop_map(|(kind, first, last, length)| Frame(kind, first, last, length)),
            3 => vec(any::<u8>(), 0..130).prop_map(Ping),
            1 => (codes, 0..130_usize).prop_map(|(code, reason)| Close(code, reason)),
            8 => (0..=140_usize).prop_map(Transmit),
            3 => vec(any::<u8>(), 0..=125).prop_map(Pinged),
            2 => any::<bool>().prop_map(Heard),
            1 => Just(Broken),
            2 => (0..30_000_u64).prop_map(Wait),
        ],
        0..40,
    )
}

proptest! {
    #[test]
    fn the_output_is_a_lawful_stream_of_whole_frames(
        side in sides(),
        operations in operations(),
    ) {
        let mut connection = side.connection(Config::new());
        let mut now = Instant::default();
        let mut log = Log::default();
        let mut written = Vec::new();
        let mut pings = Vec::new();
        for operation in operations {
            match operation {
                Operation::Frame(kind, first, last, length) => {
                    let length = u64::from(length);
                    let reserved = ReservedBits::NONE;
                    let frame = DataFrame { kind, reserved, first, last, length };
                    if let Ok(header) = connection.begin_frame(frame) {
                        written.extend_from_slice(header.as_bytes());
                        let mut payload = vec![b'x'; frame.length as usize];
                        if let Some(mut mask) = header.mask() {
                            mask.apply(&mut payload);
                        }
                        written.extend(payload);
                    }
                }
                Operation::Ping(payload) => {
                    let sent = connection.ping(&payload);
                    prop_assert!(payload.len() <= 125 || sent.is_err());
                }
                Operation::Close(code, reason) => {
                    let _ = connection.close(CloseCode::new(code), &"r".repeat(reason), now);
                }
                Operation::Transmit(room) => {
                    let mut out = vec![0; room];
                    let length = connection.transmit(&mut out, now);
                    let frames = wire_frames(&out[..length]);
                    prop_assert!(frames.len() <= 1, "one at a time");
                    prop_assert!(length > 0 || room < 131 || !connection.wants_transmit());
                    written.extend_from_slice(&out[..length]);
                }
                Operation::Pinged(payload) => {
                    log.receive(&mut connection, &ping(&payload).to(side).bytes(), now);
                    pings.push(payload);
                }
                Operation::Heard(message) => {
                    let frame = if message { text("x") } else { pong("x") };
                    log.receive(&mut connection, &frame.to(side).bytes(), now);
                }
                Operation::Broken => log.receive(&mut connection, &[0xff], now),
                Operation::Wait(millis) => {
                    now = now + Duration::from_millis(millis);
                    let _ = connection.handle_timeout(Reader, now);
                }
            }
        }
        written.extend(transmit_all(&mut connection, now));

        let frames = wire_frames(&written);
        let closes = frames.iter().filter(|frame| frame.opcode == 0x8).count();
        prop_assert!(closes <= 1, "section 5.5.1");
        if closes == 1 {
            prop_assert_eq!(frames.last().map(|frame| frame.opcode), Some(0x8), "section 5.5.1");
        }
        let mut inside = false;
        for frame in &frames {
            prop_assert_eq!(frame.mask.is_some(), side == Side::Client, "section 5.1");
            prop_assert_eq!(frame.rsv, 0, "section 5.2");
            match frame.opcode {
                0x0 => {
                    prop_assert!(inside, "section 5.4");
                    inside = !frame.fin;
                }
                0x1 | 0x2 => {
                    prop_assert!(!inside, "section 5.4");
                    inside = !frame.fin;
                }
                0x8..=0xa => prop_assert!(frame.fin && frame.payload.len() <= 125, "section 5.5"),
                other => prop_assert!(false, "opcode {other:x}"),
            }
            if frame.opcode == 0xa {
                // Section 5.5.3: in the order of the pings, each at most once, some left out.
                let at = pings.iter().position(|ping| *ping == frame.payload);
                prop_assert!(at.is_some(), "a pong without its ping");
                pings.drain(..=at.unwrap_or_default());
            }
        }
    }
}
