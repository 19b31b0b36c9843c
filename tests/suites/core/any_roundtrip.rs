//! Any messages of one end: the other end receives them, in the same order.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use websocket_listener_core::{
    CloseCode, Config, DataFrame, Instant, MAX_CONTROL_FRAME, MessageKind, ReservedBits,
};
use websocket_listener_tests::{Heard, collect};

use crate::arbitrary::{close_codes, cuts, fragments, messages, reasons, sides};

#[derive(Clone, Debug)]
enum Sent {
    /// A message, in the fragments that these cuts make, each after a ping if there is one.
    Message((MessageKind, Vec<u8>), Vec<Index>, Option<Vec<u8>>),
    Ping(Vec<u8>),
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let ping = vec(any::<u8>(), 0..=125);
    let message = (messages(), vec(any::<Index>(), 0..4), proptest::option::of(ping.clone()))
        .prop_map(|(message, cuts, ping)| Sent::Message(message, cuts, ping));
    vec(prop_oneof![3 => message, 1 => ping.prop_map(Sent::Ping)], 0..8)
}

proptest! {
    #[test]
    fn everything_sent_is_heard_with_any_cuts(
        side in sides(),
        sent in sent(),
        close in proptest::option::of((close_codes(), reasons())),
        cuts in cuts(2000),
    ) {
        let now = Instant::default();
        let mut sender = side.connection(Config::new());
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        let mut room = [0; MAX_CONTROL_FRAME];
        for item in sent {
            match item {
                Sent::Message((kind, payload), cuts, ping) => {
                    let parts = fragments(&payload, cuts);
                    let count = parts.len();
                    for (number, part) in parts.into_iter().enumerate() {
                        if let Some(ping) = &ping {
                            sender.ping(ping).expect("open");
                            let length = sender.transmit(&mut room, now);
                            bytes.extend_from_slice(&room[..length]);
                            expected.push(Heard::Ping(ping.clone()));
                        }
                        let frame = DataFrame {
                            kind,
                            reserved: ReservedBits::NONE,
                            first: number == 0,
                            last: number + 1 == count,
                            length: part.len() as u64,
                        };
                        let header = sender.begin_frame(frame).expect("in order");
                        bytes.extend_from_slice(header.as_bytes());
                        let start = bytes.len();
                        bytes.extend_from_slice(part);
                        if let Some(mut mask) = header.mask() {
                            mask.apply(&mut bytes[start..]);
                        }
                    }
                    expected.push(Heard::Message(kind, payload));
                }
                Sent::Ping(payload) => {
                    sender.ping(&payload).expect("open");
                    let length = sender.transmit(&mut room, now);
                    bytes.extend_from_slice(&room[..length]);
                    expected.push(Heard::Ping(payload));
                }
            }
        }
        if let Some((code, reason)) = close {
            sender.close(code, &reason, now).expect("open");
            let length = sender.transmit(&mut room, now);
            bytes.extend_from_slice(&room[..length]);
            expected.push(Heard::Close(code, reason));
        }

        let mut receiver = side.peer().connection(Config::new());
        let log = collect(&mut receiver, &bytes, &cuts);
        prop_assert_eq!((log.error, log.unfinished), (None, None));
        prop_assert_eq!(log.heard, expected);
    }
}

/// The reason is not lost where the code is the default.
#[test]
fn the_longest_reason_arrives() {
    let now = Instant::default();
    for side in websocket_listener_tests::Side::BOTH {
        let mut sender = side.connection(Config::new());
        let reason = "\u{20ac}".repeat(41);
        sender.close(CloseCode::NORMAL, &reason, now).expect("123 bytes");
        let bytes = websocket_listener_tests::transmit_all(&mut sender, now);
        let log = collect(&mut side.peer().connection(Config::new()), &bytes, &[]);
        assert_eq!(log.heard, [Heard::Close(CloseCode::NORMAL, reason)]);
    }
}
