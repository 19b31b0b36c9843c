//! Tasks that have spent the budget that Tokio gives them between two turns of the others
//! ([`coop`]). Tokio's streams then say that there is nothing to do, and mean: later.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::{LocalSet, coop, yield_now};
use tokio::time::{sleep, timeout};
use websocket_listener::{CloseCode, Options};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, close, polled, pong, text};

use crate::support::{
    accept, connect, in_real_time, in_virtual_time, listener, with_raw_peer, with_raw_peer_over,
};

const SECOND: Duration = Duration::from_secs(1);

/// Until this task has waited, Tokio's streams tell it to.
async fn spend_budget() {
    while coop::has_budget_remaining() {
        coop::consume_budget().await;
    }
}

/// Received bytes are read to their end although writing has failed.
#[test]
fn messages_that_came_before_writing_failed_are_not_lost() {
    in_real_time(async {
        let listener = listener().await;
        let mut peer = connect(&listener).await;
        peer.send(request().text()).await;
        peer.upgraded().await;
        let mut server = listener.accept().await.unwrap();
        for frame in [text("one"), text("two"), close(CloseCode::new(4001), "that was all")] {
            peer.send_frame(frame).await;
        }
        peer.vanish();
        while server.send_text("are you still there?").await.is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
        for expected in ["one", "two"] {
            spend_budget().await;
            let message = server.recv().await.expect("it has come").expect("it has come");
            assert_eq!(message.as_text(), Some(expected));
        }
        assert!(server.recv().await.unwrap().is_none());
        assert_eq!(server.close_reason().unwrap().code, CloseCode::new(4001));
    });
}

#[test]
fn an_unread_pong_counts() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        server.ping(b"there?").await.unwrap();
        let frame = peer.frame().await;
        peer.send_frame(pong(frame.payload)).await;
        sleep(60 * SECOND).await;
        spend_budget().await;
        let received = timeout(SECOND, server.recv()).await;
        assert!(received.is_err(), "the living was given up: {received:?}");
        assert!(server.latency().is_some());
    });
}

#[test]
fn a_peer_that_takes_more_is_not_given_up() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        let mut sending = pin!(async { server.send_binary(&[7; 10_000]).await.expect("it takes") });
        assert!(polled(1, &mut sending).await.is_none(), "more than the stream takes");
        peer.more().await;
        sleep(60 * SECOND).await;
        spend_budget().await;
        let ((), message) = tokio::join!(sending, peer.message());
        assert_eq!(message.1, [7; 10_000]);
    });
}

/// A read takes many messages, if they are small. Others have their turn after so many bytes, not only
/// after so many reads.
#[test]
fn a_flood_of_tiny_messages_leaves_other_tasks_their_turn() {
    in_virtual_time(LocalSet::new().run_until(async {
        let (near, far) = tokio::io::duplex(4 << 20);
        let (mut server, mut peer) = with_raw_peer_over(Options::new(), far, near).await;
        let frame = text("").to(Side::Server).bytes();
        let frames = (3 << 20) / frame.len();
        peer.send(frame.repeat(frames)).await;
        let turns = Rc::new(Cell::new(0));
        let others = turns.clone();
        tokio::task::spawn_local(async move {
            loop {
                others.set(others.get() + 1);
                yield_now().await;
            }
        });
        let (mut seen, mut without) = (0, 0);
        for _ in 0..frames {
            server.recv().await.unwrap().unwrap();
            without = if turns.replace(0) == 0 { without + 1 } else { 0 };
            seen = seen.max(without);
        }
        let bytes = seen * frame.len();
        assert!(bytes <= 1 << 20, "{bytes} bytes, {seen} messages, without a turn of the others");
    }));
}

/// Tokio looks for sockets that have become ready only when every task waits, or after dozens of turns.
#[test]
fn a_flood_of_tiny_messages_leaves_tasks_that_wait_for_a_socket_their_turn() {
    const FLOOD: usize = 16 << 20;

    in_real_time(async {
        let listener = listener().await;
        let (mut waiting, mut client) = accept(&listener).await;
        let served = Arc::<AtomicBool>::default();
        let told = served.clone();
        tokio::spawn(async move {
            waiting.recv().await.unwrap().unwrap();
            told.store(true, Ordering::Relaxed);
        });
        let (near, far) = tokio::io::duplex(FLOOD);
        let (mut flooded, mut peer) = with_raw_peer_over(Options::new(), far, near).await;
        let frame = text("a short message, of which there are many").to(Side::Server).bytes();
        let frames = FLOOD / frame.len();
        peer.send(frame.repeat(frames)).await;
        client.send_text("now").await.unwrap();
        let flooding = tokio::spawn(async move {
            for received in 0..frames {
                if served.load(Ordering::Relaxed) {
                    return received * frame.len();
                }
                flooded.recv().await.unwrap().unwrap();
            }
            FLOOD
        });
        let bytes = flooding.await.unwrap();
        assert!(bytes <= 4 << 20, "{bytes} bytes came first");
    });
}
