//! The closing handshake (RFC 6455 sections 5.5.1 and 7.1).

use websocket_listener_core::{CloseCode, MessageKind, OpCode};

use crate::peer::Peer;
use crate::target::Target;
use crate::{Side, binary, close, continuation, frame, ping, text};

/// Section 5.5.1: "the endpoint typically echos the status code it received".
pub async fn a_close_is_answered_with_its_code<T: Target>(target: &T) {
    let codes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    for code in codes.into_iter().chain([3000, 3999, 4000, 4999]) {
        let mut peer = Peer::open(target).await;
        peer.echo(MessageKind::Text, b"hello").await;
        peer.send_frame(close(CloseCode::new(code), "reason")).await;
        peer.closed(CloseCode::new(code)).await;
    }
}

pub async fn a_close_without_a_code_is_answered_without_one<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    peer.send_frame(frame(OpCode::Close)).await;
    peer.closed(CloseCode::NO_STATUS).await;
}

pub async fn a_close_with_the_longest_reason_is_answered<T: Target>(target: &T) {
    for reason in ["x".repeat(123), "ü".repeat(61), String::new()] {
        let mut peer = Peer::open(target).await;
        peer.send_frame(close(CloseCode::NORMAL, reason)).await;
        peer.closed(CloseCode::NORMAL).await;
    }
}

/// Section 5.5.1; 1.4: "any data received after is discarded".
pub async fn bytes_after_a_close_are_ignored<T: Target>(target: &T) {
    let followers =
        [text("late"), ping("late"), close(CloseCode::GOING_AWAY, ""), text("x").rsv(7)];
    for follower in followers {
        let mut peer = Peer::open(target).await;
        let mut bytes = close(CloseCode::NORMAL, "").to(Side::Server).bytes();
        bytes.extend(follower.to(Side::Server).bytes());
        peer.send(bytes).await;
        peer.closed(CloseCode::NORMAL).await;
    }
}

pub async fn messages_before_a_close_come_back_before_its_answer<T: Target>(target: &T) {
    let mut bytes = Vec::new();
    for number in 0..20u8 {
        bytes.extend(binary([number; 2000]).to(Side::Server).bytes());
    }
    bytes.extend(close(CloseCode::NORMAL, "").to(Side::Server).bytes());
    let mut peer = Peer::open(target).await;
    peer.send(bytes).await;
    for number in 0..20u8 {
        peer.echoed(MessageKind::Binary, &[number; 2000]).await;
    }
    peer.closed(CloseCode::NORMAL).await;
}

pub async fn a_close_inside_a_fragmented_message_is_answered<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    peer.send_frame(text("never ").fin(false)).await;
    peer.send_frame(continuation("finished").fin(false)).await;
    peer.send_frame(close(CloseCode::NORMAL, "")).await;
    peer.closed(CloseCode::NORMAL).await;
}

/// A peer that has ended its direction behind its Close frame still gets the answer.
pub async fn a_close_and_the_end_of_the_stream_at_once_are_answered<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    peer.send_frame(text("last words")).await;
    peer.send_frame(close(CloseCode::GOING_AWAY, "")).await;
    peer.finish().await;
    peer.echoed(MessageKind::Text, b"last words").await;
    peer.closed(CloseCode::GOING_AWAY).await;
}

/// Without a Close frame there is nothing to answer.
pub async fn a_stream_that_just_ends_is_ended_without_a_close_frame<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    peer.echo(MessageKind::Text, b"hello").await;
    peer.finish().await;
    peer.ended().await;
}

pub async fn echoes_sent_before_the_stream_just_ends_arrive<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for number in 0..10u8 {
        peer.send_frame(binary([number])).await;
    }
    for number in 0..10u8 {
        peer.echoed(MessageKind::Binary, &[number]).await;
    }
    peer.finish().await;
    peer.ended().await;
}

/// Peers that vanish at any point cost the other peers nothing.
pub async fn other_peers_are_served_after_some_have_vanished<T: Target>(target: &T) {
    let frame = binary([9; 300]).to(Side::Server).bytes();
    for cut in [0, 1, 5, 100, frame.len()] {
        let mut peer = Peer::open(target).await;
        peer.send(&frame[..cut]).await;
        peer.vanish();
    }
    for bytes in ["", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n\r\n"] {
        let mut peer = Peer::connect(target).await;
        peer.send(bytes).await;
        peer.vanish();
    }
    let mut peer = Peer::open(target).await;
    peer.echo(MessageKind::Text, b"served").await;
}
