//! Pings and pongs (RFC 6455 sections 5.5.2 and 5.5.3).

use websocket_listener_core::MessageKind;

use crate::peer::Peer;
use crate::target::Target;
use crate::{Side, binary, ping, pong};

pub async fn a_ping_of_any_length_is_answered_with_its_payload<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for length in [0, 1, 4, 8, 124, 125] {
        let payload = vec![length; usize::from(length)];
        peer.send_frame(ping(&payload)).await;
        peer.ponged(&payload).await;
    }
}

pub async fn ten_pings_get_ten_pongs_in_order<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    let pings = (0..10u8).flat_map(|number| ping([number; 5]).to(Side::Server).bytes());
    peer.send(pings.collect::<Vec<_>>()).await;
    for number in 0..10 {
        peer.ponged(&[number; 5]).await;
    }
}

pub async fn an_unsolicited_pong_changes_nothing<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for payload in [&b""[..], b"hello", &[0; 125]] {
        peer.send_frame(pong(payload)).await;
    }
    peer.echo(MessageKind::Text, b"still here").await;
}

/// A peer that sends nothing but pings, and reads, is served for ever.
pub async fn thousands_of_pings_are_answered_in_order<T: Target>(target: &T) {
    let mut peer = Peer::open(target).await;
    for round in 0..20u32 {
        let numbers = round * 100..(round + 1) * 100;
        let pings =
            numbers.clone().flat_map(|number| ping(number.to_be_bytes()).to(Side::Server).bytes());
        peer.send(pings.collect::<Vec<_>>()).await;
        let mut next = numbers.start;
        while next < numbers.end {
            // Section 5.5.3: older pings may go unanswered, the newest may not.
            let pong = peer.frame().await;
            assert_eq!(pong.opcode, 10);
            let number = u32::from_be_bytes(pong.payload.try_into().expect("four bytes"));
            assert!(number >= next && number < numbers.end, "{number} after {next}");
            next = number + 1;
        }
    }
}

pub async fn a_ping_before_a_large_message_is_answered_before_its_echo<T: Target>(target: &T) {
    let payload = vec![3; 20_000];
    let mut bytes = ping("quick").to(Side::Server).bytes();
    bytes.extend(binary(&payload).to(Side::Server).bytes());
    let mut peer = Peer::open(target).await;
    peer.send(bytes).await;
    peer.ponged(b"quick").await;
    peer.echoed(MessageKind::Binary, &payload).await;
}
