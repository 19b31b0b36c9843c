//! Frames that violate RFC 6455 section 5: the connection is failed with 1002.

use websocket_listener_core::{CloseCode, MessageKind, OpCode};

use crate::peer::Peer;
use crate::target::Target;
use crate::{Frame, LengthForm, Side, binary, close, continuation, frame, ping, text};

const CONTROL: [OpCode; 3] = [OpCode::Close, OpCode::Ping, OpCode::Pong];

/// Each after an echo that works, and followed by a message that must not come back.
async fn all_failed<T: Target>(target: &T, code: u16, frames: impl IntoIterator<Item = Frame>) {
    for frame in frames {
        let mut peer = Peer::open(target).await;
        peer.echo(MessageKind::Text, b"fine").await;
        let mut bytes = frame.bytes();
        bytes.extend(text("too late").to(Side::Server).bytes());
        peer.send(bytes).await;
        peer.failed(CloseCode::new(code)).await;
    }
}

fn masked(frames: impl IntoIterator<Item = Frame>) -> impl Iterator<Item = Frame> {
    frames.into_iter().map(|frame| frame.to(Side::Server))
}

/// Section 5.1.
pub async fn an_unmasked_frame_fails_with_1002<T: Target>(target: &T) {
    let frames = [text("bare"), binary(""), ping("bare"), close(CloseCode::NORMAL, "")];
    all_failed(target, 1002, frames.map(Frame::unmasked)).await;
}

/// Section 5.2.
pub async fn reserved_bits_fail_with_1002<T: Target>(target: &T) {
    let bits = (1..8).map(|bits| text("bits").rsv(bits));
    all_failed(target, 1002, masked(bits)).await;
    all_failed(target, 1002, masked([ping("bit").rsv(0b100)])).await;
}

/// Section 5.2.
pub async fn reserved_opcodes_fail_with_1002<T: Target>(target: &T) {
    let opcodes = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(|bits| binary("?").opcode_bits(bits));
    all_failed(target, 1002, masked(opcodes)).await;
}

/// Section 5.5.
pub async fn fragmented_control_frames_fail_with_1002<T: Target>(target: &T) {
    all_failed(target, 1002, masked(CONTROL.map(|opcode| frame(opcode).fin(false)))).await;
}

/// Section 5.5.
pub async fn control_frames_over_125_bytes_fail_with_1002<T: Target>(target: &T) {
    all_failed(target, 1002, masked(CONTROL.map(|opcode| frame(opcode).payload([b'x'; 126]))))
        .await;
    let announced = CONTROL.map(|opcode| frame(opcode).declared_length(1 << 62));
    all_failed(target, 1002, masked(announced)).await;
}

/// Section 5.2: "the minimal number of bytes MUST be used to encode the length".
pub async fn lengths_in_a_longer_form_than_needed_fail_with_1002<T: Target>(target: &T) {
    let two = [0, 1, 125].map(|length| binary(vec![0; length]).length_form(LengthForm::Two));
    let eight = [0, 125, 126, 65_535]
        .map(|length| binary("").declared_length(length).length_form(LengthForm::Eight));
    all_failed(target, 1002, masked(two.into_iter().chain(eight))).await;
}

/// Section 5.2: "the most significant bit MUST be 0".
pub async fn a_length_with_its_top_bit_set_fails_with_1002<T: Target>(target: &T) {
    let lengths = [1 << 63, (1 << 63) + 5, u64::MAX];
    all_failed(target, 1002, masked(lengths.map(|length| binary("").declared_length(length))))
        .await;
}

/// Section 5.4.
pub async fn fragments_out_of_order_fail_with_1002<T: Target>(target: &T) {
    all_failed(target, 1002, masked([continuation("what?"), continuation("").fin(false)])).await;
    for second in [text("second"), binary("").fin(false)] {
        let mut peer = Peer::open(target).await;
        peer.send_frame(text("first").fin(false)).await;
        peer.send_frame(second).await;
        peer.failed(CloseCode::PROTOCOL_ERROR).await;
    }
}

/// Section 7.4: codes that are reserved, or in no range at all.
pub async fn close_codes_that_must_not_be_sent_fail_with_1002<T: Target>(target: &T) {
    let codes = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];
    let frames = codes.map(|code| close(CloseCode::new(code), "why not"));
    all_failed(target, 1002, masked(frames)).await;
}

/// Section 5.5.1.
pub async fn a_close_frame_with_one_byte_fails_with_1002<T: Target>(target: &T) {
    all_failed(target, 1002, masked([frame(OpCode::Close).payload([3])])).await;
}

/// A violation is seen with the header's bytes, not after a payload that never comes.
pub async fn a_violation_is_refused_before_the_payload_has_come<T: Target>(target: &T) {
    let frames = [
        text("x").rsv(0b010).declared_length(60_000),
        binary("").opcode_bits(3).declared_length(60_000),
        ping("").declared_length(126),
    ];
    for frame in masked(frames) {
        let mut peer = Peer::open(target).await;
        peer.send(frame.header()).await;
        peer.failed(CloseCode::PROTOCOL_ERROR).await;
    }
}

/// A frame that is cut by the end of the stream was never there.
pub async fn a_frame_cut_by_the_end_of_the_stream_is_not_answered<T: Target>(target: &T) {
    let bytes = text("never whole").to(Side::Server).bytes();
    for cut in [1, 2, 5, 6, 10, bytes.len() - 1] {
        let mut peer = Peer::open(target).await;
        peer.send(&bytes[..cut]).await;
        peer.finish().await;
        while let Some(frame) = peer.frame_or_end().await {
            // A target that streams has begun its echo.
            assert!(frame.opcode < 8 && !frame.fin, "{frame:?}");
        }
    }
}
