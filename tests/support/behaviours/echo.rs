//! Messages that come back (RFC 6455 sections 5.4 and 5.6).

use websocket_listener_core::MessageKind;

use crate::peer::Peer;
use crate::target::Target;
use crate::{Side, binary, continuation, pattern, ping, pong, text};

/// The sizes at which the form of the length changes, and at which buffers end.
pub async fn messages_of_every_size_come_back<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    let sizes = [0, 1, 2, 38, 39, 125, 126, 127, 4_095, 4_096, 16_383, 16_384, 16_385, 65_535];
    let large = [65_536, 65_537, 131_072, 131_073, 1_000_000, 1 << 20];
    for size in sizes.into_iter().chain(large) {
        if size <= target.limits().message_bytes {
            peer.echo(MessageKind::Binary, &pattern(size)).await;
            peer.echo(MessageKind::Text, &vec![b'a' + (size % 26) as u8; size]).await;
        }
    }
}

pub async fn fragments_come_back_as_one_message<T: Target>(target: &T) {
    let payload = pattern(10_000);
    for size in [1, 7, 125, 126, 4_096, 9_999] {
        let mut peer = Peer::open(target).await;
        let mut pieces = payload[..payload.len().min(100 * size)].chunks(size);
        let sent = payload.len().min(100 * size);
        let first = pieces.next().expect("a first piece");
        peer.send_frame(binary(first).fin(false)).await;
        for piece in pieces {
            peer.send_frame(continuation(piece).fin(false)).await;
        }
        peer.send_frame(continuation("")).await;
        peer.echoed(MessageKind::Binary, &payload[..sent]).await;
    }
}

/// Section 5.4: "Control frames MAY be injected in the middle of a fragmented message."
pub async fn control_frames_between_fragments_are_answered_at_once<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for _ in 0..3 {
        peer.send_frame(text("one ").fin(false)).await;
        peer.send_frame(ping("a")).await;
        peer.send_frame(continuation("two ").fin(false)).await;
        peer.send_frame(pong("unsolicited")).await;
        peer.send_frame(continuation("").fin(false)).await;
        peer.ponged_amid(b"a").await;
        peer.send_frame(ping("b")).await;
        peer.ponged_amid(b"b").await;
        peer.send_frame(continuation("three")).await;
        peer.echoed_end(b"one two three").await;
    }
}

pub async fn many_messages_in_one_segment_come_back_in_order<T: Target>(target: &T) {
    let mut bytes = Vec::new();
    for number in 0..300u32 {
        let payload = vec![number as u8; (number * 7 % 300) as usize];
        bytes.extend(binary(payload).to(Side::Server).bytes());
    }
    let mut peer = Peer::open(target).await;
    peer.send(bytes).await;
    for number in 0..300u32 {
        let payload = vec![number as u8; (number * 7 % 300) as usize];
        peer.echoed(MessageKind::Binary, &payload).await;
    }
}

pub async fn frames_that_come_byte_by_byte_are_read<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for length in [0, 3, 126] {
        for byte in text(vec![b'z'; length]).to(Side::Server).bytes() {
            peer.send([byte]).await;
        }
        peer.echoed(MessageKind::Text, &vec![b'z'; length]).await;
    }
}

/// Section 5.3: the key is new for each frame.
pub async fn every_masking_key_is_taken_off<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for key in [[0; 4], [255; 4], [1, 2, 3, 4], [0x80, 0, 0x7f, 0xff]] {
        for length in [1, 3, 4, 5, 8, 31, 1000] {
            let payload = pattern(length);
            peer.send(binary(&payload).masked(key).bytes()).await;
            peer.echoed(MessageKind::Binary, &payload).await;
        }
    }
}

pub async fn connections_do_not_hear_each_other<T: Target>(target: &T) {
    let mut peers = Vec::new();
    for _ in 0..3 {
        peers.push(Peer::open(target).await);
    }
    for round in 0..3 {
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.send_frame(text(format!("{round} {number}"))).await;
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.echoed(MessageKind::Text, format!("{round} {number}").as_bytes()).await;
        }
    }
}
