//! The memory that a peer can make the listener hold, and for how long.

use std::time::Duration;

use tokio::time::timeout;
use websocket_listener::{CloseCode, Options, WebSocketListener};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::{Side, binary, continuation, ping, polled};

use crate::memory::{begin_peak, held, peak};
use crate::support::{in_virtual_time, with_raw_peer, with_raw_peer_over};
use crate::targets::Raw;

/// The bytes that the pools of a thread may keep: buffers to read into and to write from.
const POOLS: isize = 1 << 20;

/// Long enough for all that can happen, and too short for any deadline.
const MOMENT: Duration = Duration::from_millis(1);

#[test]
fn empty_fragments_without_end_cost_nothing() {
    in_virtual_time(async {
        let options = Options::new().max_fragments(1 << 20);
        let (mut server, mut peer) = with_raw_peer(options).await;
        let mut frames = binary("").fin(false).to(Side::Server).bytes();
        frames.extend(continuation("").fin(false).to(Side::Server).bytes().repeat(1_000));
        let before = held();
        begin_peak();
        peer.send(&frames[..6]).await;
        for _ in 0..200 {
            let (_, received) =
                tokio::join!(peer.send(&frames[6..]), timeout(MOMENT, server.recv()));
            assert!(received.is_err());
        }
        assert!(peak() - before < POOLS, "{} bytes", peak() - before);
    });
}

/// The peer does not read: the queue takes as many pongs as it holds, then only the newest counts.
#[test]
fn pings_without_end_cost_one_queue() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let pings = ping([7; 125]).to(Side::Server).bytes().repeat(100);
        let before = held();
        begin_peak();
        for _ in 0..2_000 {
            let sending = peer.send_deaf(&pings);
            let (taken, received) = tokio::join!(sending, timeout(MOMENT, server.recv()));
            assert!(taken && received.is_err());
        }
        assert!(peak() - before < POOLS, "{} bytes", peak() - before);
    });
}

/// A length is a claim: nothing is allocated for it.
#[test]
fn a_large_announced_length_costs_nothing() {
    in_virtual_time(async {
        let options = Options::new().max_message_bytes(u64::MAX);
        let (mut server, mut peer) = with_raw_peer(options).await;
        let before = held();
        begin_peak();
        let header = binary("").declared_length(1 << 60).to(Side::Server).header();
        peer.send(header).await;
        peer.send([7; 100]).await;
        assert!(timeout(MOMENT, server.recv()).await.is_err());
        assert!(peak() - before < POOLS, "{} bytes", peak() - before);
    });
}

#[test]
fn a_message_over_the_limit_is_never_held() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let before = held();
        begin_peak();
        peer.send(binary("").declared_length(1 << 30).to(Side::Server).header()).await;
        let sending = async {
            let block = [0; 4096];
            while peer.send_deaf(&block).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            peer.close_frame().await
        };
        let receiving = async {
            let received = server.recv().await;
            drop(server);
            received
        };
        let (received, (code, _)) = tokio::join!(receiving, sending);
        assert!(received.is_err());
        assert_eq!(code, CloseCode::MESSAGE_TOO_BIG);
        assert!(peak() - before < POOLS, "{} bytes", peak() - before);
    });
}

/// Between messages a connection holds no buffer, however large the last was.
#[test]
fn a_large_message_leaves_nothing_behind() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(64);
        let (mut server, mut peer) = with_raw_peer_over(Options::new(), far, near).await;
        let payload = vec![1; 1 << 20];
        let frame = binary(&payload).to(Side::Server).bytes();
        let mut held_after = Vec::new();
        for _ in 0..4 {
            let echoing = async {
                let message = server.recv().await.unwrap().unwrap();
                server.send(message).await.unwrap();
            };
            let asking = async {
                peer.send(&frame).await;
                peer.message().await;
            };
            tokio::join!(echoing, asking);
            assert!(polled(1, server.recv()).await.is_none());
            held_after.push(held());
        }
        assert_eq!(held_after[1], held_after[3], "it grows: {held_after:?}");
    });
}

/// One endless header line, in tiny pieces: no more is held than the limit, and it is not copied
/// again and again.
#[test]
fn a_head_in_tiny_pieces_is_held_once() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(64);
        let builder = WebSocketListener::builder().max_request_bytes(60_000);
        let mut peer = Peer::new(Raw(near));
        let before = held();
        begin_peak();
        let asking = async {
            peer.send("GET / HTTP/1.1\r\nX: ").await;
            for _ in 0..60_000 {
                peer.send("x").await;
            }
            peer.refused(431).await;
            drop(peer);
        };
        let (accepted, ()) = tokio::join!(builder.acceptor().accept(far), asking);
        assert!(accepted.is_err());
        assert!(peak() - before < POOLS, "{} bytes", peak() - before);
    });
}

/// Messages that share the bytes they were read into keep no more of them than others need, too.
#[test]
fn messages_that_are_kept_hold_little_more_than_their_bytes() {
    in_virtual_time(async {
        for (length, count) in [(4 * 1024, 500), (5_000, 500), (20_000, 200), (100_000, 50)] {
            let (near, far) = tokio::io::duplex(256 * 1024);
            let (mut server, mut peer) = with_raw_peer_over(Options::new(), far, near).await;
            let message = binary(vec![7; length]).to(Side::Server).bytes();
            let mut kept = Vec::with_capacity(count);
            let before = held();
            for _ in 0..count {
                peer.send(&message).await;
                kept.push(server.recv().await.unwrap().unwrap());
            }
            let bytes = (length * count) as isize;
            let grown = held() - before;
            assert!(grown < 2 * bytes + POOLS, "{grown} bytes for {count} messages of {length}");
        }
    });
}
