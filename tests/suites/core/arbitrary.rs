//! The inputs that the properties are tried on.

use proptest::collection::vec;
use proptest::prelude::*;
use websocket_listener_core::{CloseCode, Config, MessageKind, OpCode, ReservedBits};
use websocket_listener_tests::{Frame, LengthForm, Side, close, frame, ping, pong};

pub(crate) fn sides() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Server), Just(Side::Client)]
}

pub(crate) fn kinds() -> impl Strategy<Value = MessageKind> {
    prop_oneof![Just(MessageKind::Text), Just(MessageKind::Binary)]
}

/// Limits near what the streams hold, so that both sides of them are met.
pub(crate) fn configs() -> impl Strategy<Value = Config> {
    let reserved = prop_oneof![
        3 => Just(ReservedBits::NONE),
        1 => Just(ReservedBits::RSV1),
        1 => Just(ReservedBits::RSV1.union(ReservedBits::RSV2).union(ReservedBits::RSV3)),
    ];
    let bytes = prop_oneof![3 => Just(u64::MAX), 2 => 0..300_u64];
    let fragments = prop_oneof![3 => Just(u32::MAX), 1 => 0..6_u32];
    (reserved, bytes, fragments).prop_map(|(reserved, bytes, fragments)| {
        Config::new().reserved_bits(reserved).max_message_bytes(bytes).max_fragments(fragments)
    })
}

/// Payload of every length form, the short ones more often.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => vec(any::<u8>(), 0..40),
        4 => vec(any::<u8>(), 120..300),
        1 => (65_530..65_545_usize, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]),
    ]
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => vec(any::<char>(), 0..20),
        2 => vec(any::<char>(), 60..100),
        1 => (16_380..16_390_usize, any::<char>()).prop_map(|(n, char)| vec![char; n]),
    ]
    .prop_map(|characters| characters.into_iter().collect::<String>().into_bytes())
}

/// A message's kind and fitting payload.
pub(crate) fn messages() -> impl Strategy<Value = (MessageKind, Vec<u8>)> {
    prop_oneof![
        bytes().prop_map(|payload| (MessageKind::Binary, payload)),
        texts().prop_map(|payload| (MessageKind::Text, payload)),
    ]
}

pub(crate) fn close_codes() -> impl Strategy<Value = CloseCode> {
    prop_oneof![1000..=1003_u16, 1007..=1014_u16, 3000..=4999_u16].prop_map(CloseCode::new)
}

/// At most 123 bytes.
pub(crate) fn reasons() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..30).prop_map(|characters| characters.into_iter().collect())
}

/// Cuts for input of about `length` bytes, close together at its start, where the headers are.
pub(crate) fn cuts(length: usize) -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![0..20_usize, 0..400_usize, 0..=length], 0..12)
}

/// The places at which to cut a payload into fragments.
pub(crate) fn fragments(
    payload: &[u8],
    cuts: impl IntoIterator<Item = proptest::sample::Index>,
) -> Vec<&[u8]> {
    let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.index(payload.len() + 1)).collect();
    cuts.push(payload.len());
    cuts.sort_unstable();
    let mut start = 0;
    cuts.into_iter()
        .map(|cut| {
            let fragment = &payload[start..cut];
            start = cut;
            fragment
        })
        .collect()
}

fn key() -> impl Strategy<Value = [u8; 4]> {
    prop_oneof![4 => any::<[u8; 4]>(), 1 => Just([0; 4])]
}

fn control() -> impl Strategy<Value = Frame> {
    let payload = vec(any::<u8>(), 0..=125);
    prop_oneof![payload.clone().prop_map(ping), payload.prop_map(pong)]
}

/// A valid message, perhaps in fragments with control frames between them.
fn message() -> impl Strategy<Value = Vec<Frame>> {
    let cuts = vec(any::<proptest::sample::Index>(), 0..4);
    let controls = vec(proptest::option::weighted(0.3, control()), 5);
    (messages(), cuts, controls).prop_map(|((kind, payload), cuts, controls)| {
        let parts = fragments(&payload, cuts);
        let last = parts.len() - 1;
        let mut frames = Vec::new();
        for (number, (part, control)) in parts.into_iter().zip(controls).enumerate() {
            let opcode = match (number, kind) {
                (0, MessageKind::Text) => OpCode::Text,
                (0, MessageKind::Binary) => OpCode::Binary,
                _ => OpCode::Continuation,
            };
            frames.push(frame(opcode).payload(part).fin(number == last));
            frames.extend(control);
        }
        frames
    })
}

/// A frame that may break any rule, or none.
fn odd_frame() -> impl Strategy<Value = Frame> {
    let form = prop_oneof![
        6 => Just(LengthForm::Shortest),
        1 => Just(LengthForm::Two),
        1 => Just(LengthForm::Eight),
    ];
    let opcode =
        prop_oneof![4 => Just(0u8), 4 => Just(1), 4 => Just(2), 1 => Just(8), 4 => 0..16u8];
    let rsv = prop_oneof![6 => Just(0u8), 2 => Just(0b100), 1 => 0..8u8];
    let length = proptest::option::weighted(
        0.1,
        prop_oneof![0..300_u64, Just(1 << 62), Just(1 << 63), any::<u64>()],
    );
    (form, opcode, rsv, length, any::<bool>(), bytes()).prop_map(
        |(form, opcode, rsv, length, fin, payload)| {
            let frame = frame(OpCode::Text).opcode_bits(opcode).rsv(rsv).fin(fin).payload(payload);
            let frame = frame.length_form(form);
            length.map_or(frame.clone(), |length| frame.declared_length(length))
        },
    )
}

fn close_frame() -> impl Strategy<Value = Frame> {
    prop_oneof![
        3 => (close_codes(), reasons()).prop_map(|(code, reason)| close(code, reason)),
        1 => vec(any::<u8>(), 0..=125).prop_map(|bytes| frame(OpCode::Close).payload(bytes)),
    ]
}

/// A stream towards `side`: valid for a while, then perhaps not; perhaps raw noise; perhaps cut.
pub(crate) fn streams(side: Side) -> impl Strategy<Value = Vec<u8>> {
    let frames = prop_oneof![
        12 => message(),
        4 => control().prop_map(|frame| vec![frame]),
        2 => odd_frame().prop_map(|frame| vec![frame]),
        1 => close_frame().prop_map(|frame| vec![frame]),
    ];
    let masked = (frames, key(), 0..100_u8).prop_map(move |(frames, key, wrong)| {
        let masked = (side == Side::Server) ^ (wrong == 0);
        let bytes = |frame: Frame| if masked { frame.masked(key).bytes() } else { frame.bytes() };
        frames.into_iter().flat_map(bytes).collect::<Vec<_>>()
    });
    let noise = vec(any::<u8>(), 0..20);
    let pieces = vec(prop_oneof![15 => masked, 1 => noise], 0..8);
    (pieces, proptest::option::weighted(0.3, any::<proptest::sample::Index>())).prop_map(
        |(pieces, end)| {
            let mut bytes = pieces.concat();
            if let Some(end) = end {
                bytes.truncate(end.index(bytes.len() + 1));
            }
            bytes
        },
    )
}
