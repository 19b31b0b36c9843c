//! Deadlines: what happens to peers that are slow, silent or do not read. For targets that wait
//! seconds, not minutes, or whose clock can be moved.

use std::time::Duration;

use websocket_listener_core::{MessageKind, OpCode};

use crate::peer::Peer;
use crate::request::request;
use crate::target::Target;
use crate::{Side, binary, continuation, pong, text};

/// Not earlier than this; how much later is the machine's affair.
fn assert_waited<T: Target>(target: &T, since: Duration, deadline: Duration) {
    let waited = target.now() - since;
    // The target's clock may have begun a little before the test's.
    assert!(waited >= deadline - Duration::from_millis(30), "{waited:?} instead of {deadline:?}");
}

pub async fn a_peer_that_says_nothing_gets_408_at_the_deadline<T: Target>(target: &T) {
    let start = target.now();
    let mut peer = Peer::connect(target).await;
    peer.refused(408).await;
    assert_waited(target, start, target.limits().handshake_timeout);
}

/// One deadline for all of it, not one for each byte.
pub async fn a_peer_that_sends_byte_after_byte_gets_408_at_the_deadline<T: Target>(target: &T) {
    let deadline = target.limits().handshake_timeout;
    let start = target.now();
    let mut peer = Peer::connect(target).await;
    let text = request().text();
    for byte in text.bytes().take(text.len() / 2) {
        if target.now() - start >= deadline * 2 {
            break;
        }
        peer.send([byte]).await;
        target.sleep(deadline / 40).await;
    }
    peer.refused(408).await;
    assert_waited(target, start, deadline);
}

pub async fn a_silent_peer_that_answers_its_pings_stays<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    let start = target.now();
    for round in 1..=3 {
        let ping = peer.frame().await;
        assert_eq!(ping.opcode, OpCode::Ping as u8);
        assert_waited(target, start, target.limits().ping_interval * round);
        peer.send_frame(pong(ping.payload)).await;
    }
    peer.echo(MessageKind::Text, b"alive").await;
}

/// Any byte is a sign of life, not only a pong.
pub async fn a_peer_that_sends_anything_instead_of_pongs_stays<T: Target>(target: &T) {
    let limits = target.limits();
    let mut peer = Peer::open(target).await;
    let start = target.now();
    peer.send_frame(text("a").fin(false)).await;
    while target.now() - start < (limits.ping_interval + limits.pong_timeout) * 2 {
        target.sleep(limits.ping_interval / 2).await;
        peer.send_frame(continuation("b").fin(false)).await;
    }
    peer.send_frame(continuation("c")).await;
    let (_, echo) = peer.message().await;
    assert!(echo.starts_with(b"ab") && echo.ends_with(b"bc"));
}

/// Its ping stays unanswered.
pub async fn a_peer_that_is_gone_is_given_up_at_the_pong_deadline<T: Target>(target: &T) {
    let limits = target.limits();
    let mut peer = Peer::open(target).await;
    let start = target.now();
    let ping = peer.frame().await;
    assert_eq!(ping.opcode, OpCode::Ping as u8);
    peer.ended().await;
    assert_waited(target, start, limits.ping_interval + limits.pong_timeout);
}

/// It sends, and never reads what comes back.
pub async fn a_peer_that_stops_reading_is_given_up_at_the_write_deadline<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    let message = binary(vec![1; target.limits().message_bytes.min(1 << 16)]).to(Side::Server);
    let message = message.bytes();
    let start = target.now();
    while peer.send_deaf(&message).await {}
    assert_waited(target, start, target.limits().write_timeout);
}

/// The same with pings: what is queued for it stays within bounds, and it is given up.
pub async fn a_peer_that_sends_pings_and_never_reads_is_given_up<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    let pings = crate::ping([1; 125]).to(Side::Server).bytes().repeat(500);
    let start = target.now();
    while peer.send_deaf(&pings).await {
        target.sleep(target.limits().write_timeout / 50).await;
    }
    assert_waited(target, start, target.limits().write_timeout);
}
