//! Messages over the limits (RFC 6455 section 10.4).

use websocket_listener_core::{CloseCode, MessageKind};

use crate::peer::Peer;
use crate::target::Target;
use crate::{Side, binary, continuation, pattern, ping, text};

/// Refused with the header, before any of the payload has come.
pub async fn a_frame_over_the_message_limit_by_one_byte_fails_with_1009<T: Target>(target: &T) {
    let limit = target.limits().message_bytes as u64;
    for length in [limit + 1, limit * 2, (1 << 63) - 1] {
        let mut peer = Peer::open(target).await;
        peer.send(binary("").declared_length(length).to(Side::Server).header()).await;
        peer.failed(CloseCode::MESSAGE_TOO_BIG).await;
    }
}

pub async fn fragments_over_the_message_limit_by_one_byte_fail_with_1009<T: Target>(target: &T) {
    let payload = vec![b'x'; target.limits().message_bytes];
    let half = payload.len() / 2;
    let mut peer = Peer::open(target).await;
    peer.send_frame(text(&payload[..half]).fin(false)).await;
    peer.send_frame(continuation(&payload[half..]).fin(false)).await;
    peer.send_frame(ping("still there?")).await;
    let last = continuation("").declared_length(1).to(Side::Server);
    peer.send(last.header()).await;
    loop {
        // A target that streams echoes what is there.
        let frame = peer.frame_but_ping().await;
        if frame.opcode == 10 {
            break;
        }
        assert!(!frame.fin, "a message that is not over was ended");
    }
    peer.failed(CloseCode::MESSAGE_TOO_BIG).await;
}

pub async fn a_message_of_just_the_limit_is_echoed<T: Target>(target: &T) {
    let payload = pattern(target.limits().message_bytes);
    let mut peer = Peer::open(target).await;
    peer.echo(MessageKind::Binary, &payload).await;
    let (start, end) = payload.split_at(payload.len() / 3);
    peer.send_frame(binary(start).fin(false)).await;
    peer.send_frame(continuation(end)).await;
    peer.echoed(MessageKind::Binary, &payload).await;
}

/// Empty fragments count, or they would never end.
pub async fn a_fragment_over_the_limit_fails_with_1008<T: Target>(target: &T) {
    let fragments = target.limits().fragments;
    let mut bytes = binary("").fin(false).to(Side::Server).bytes();
    let empty = continuation("").fin(false).to(Side::Server).bytes();
    bytes.extend(empty.repeat(fragments));
    let mut peer = Peer::open(target).await;
    peer.send(bytes).await;
    peer.failed(CloseCode::POLICY_VIOLATION).await;
}

pub async fn just_as_many_fragments_as_allowed_are_one_message<T: Target>(target: &T) {
    let fragments = target.limits().fragments;
    let mut bytes = text("a").fin(false).to(Side::Server).bytes();
    let next = continuation("b").fin(false).to(Side::Server).bytes();
    bytes.extend(next.repeat(fragments - 2));
    bytes.extend(continuation("c").to(Side::Server).bytes());
    let mut peer = Peer::open(target).await;
    peer.send(bytes).await;
    let whole = format!("a{}c", "b".repeat(fragments - 2));
    peer.echoed(MessageKind::Text, whole.as_bytes()).await;
}

/// The count begins anew with each message.
pub async fn limits_hold_for_each_message_and_not_for_all_together<T: Target>(target: &T) {
    let limits = target.limits();
    let payload = pattern(limits.message_bytes * 2 / 3);
    let mut peer = Peer::open(target).await;
    for _ in 0..3 {
        peer.echo(MessageKind::Binary, &payload).await;
    }
    let mut message = binary("").fin(false).to(Side::Server).bytes();
    let empty = continuation("").fin(false).to(Side::Server).bytes();
    message.extend(empty.repeat(limits.fragments * 2 / 3));
    message.extend(continuation("").to(Side::Server).bytes());
    for _ in 0..2 {
        peer.send(&message).await;
        peer.echoed(MessageKind::Binary, b"").await;
    }
}
