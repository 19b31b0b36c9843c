//! All slots taken by peers that misbehave: every slot serves again within its deadline.

use std::future::pending;
use std::time::{Duration, Instant};

use futures_util::future::{join_all, select};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use websocket_listener_core::MessageKind;
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Raw, Side, binary, ping};

use crate::target::{Board, LIMITS, SLOTS, alone};
use crate::telemetry::Telemetry;

/// The time that a loaded machine may add to a deadline.
const SLACK: Duration = Duration::from_secs(10);

/// Until all buffers between us and the board are full, nothing is wrong with a peer that reads
/// nothing.
const FILLING: Duration = Duration::from_secs(60);

type Peers = Vec<Peer<Raw<TcpStream>>>;

/// A peer in every slot that has sent nothing.
async fn connect_all(board: &Board) -> Peers {
    let mut peers = Vec::new();
    for _ in 0..SLOTS {
        peers.push(Peer::connect(board).await);
    }
    peers
}

/// A WebSocket in every slot.
async fn open_all(board: &Board) -> Peers {
    let mut peers = Vec::new();
    for _ in 0..SLOTS {
        peers.push(board.open("/echo").await);
    }
    peers
}

/// Opens a WebSocket in every slot, as soon as there is one, and has all of them echo.
pub(crate) async fn all_serve(board: &Board) {
    for (number, peer) in open_all(board).await.iter_mut().enumerate() {
        peer.echo(MessageKind::Text, format!("slot {number}").as_bytes()).await;
    }
}

/// Every slot serves within that time, whatever else goes on.
async fn all_serve_within(limit: Duration, board: &Board, meanwhile: impl Future) {
    let start = Instant::now();
    let meanwhile = async {
        meanwhile.await;
        pending::<()>().await;
    };
    let served = timeout(limit + SLACK, all_serve(board));
    let (meanwhile, served) = (Box::pin(meanwhile), Box::pin(served));
    match select(meanwhile, served).await {
        futures_util::future::Either::Right((Ok(()), _)) => {
            println!("all slots serve after {:?}", start.elapsed());
        }
        _ => panic!("not all slots serve within {limit:?}"),
    }
}

#[test]
fn a_peer_without_a_free_slot_is_refused_and_served_once_there_is_one() {
    alone(async |board| {
        let mut peers = open_all(board).await;
        for _ in 0..5 {
            let refused = timeout(SLACK, board.try_open("/echo")).await.expect("no hang");
            assert!(refused.is_none(), "there is one slot more");
        }
        for (number, peer) in peers.iter_mut().enumerate() {
            peer.echo(MessageKind::Text, format!("undisturbed {number}").as_bytes()).await;
        }
        peers.pop();
        let served = timeout(LIMITS.close_timeout + SLACK, board.open("/echo"));
        served.await.expect("a slot").echo(MessageKind::Text, b"served").await;
    });
}

#[test]
fn peers_that_say_nothing() {
    alone(async |board| {
        let before = Telemetry::of(board).await.number("timed_out");
        let silent = connect_all(board).await;
        let limit = LIMITS.handshake_timeout + LIMITS.close_timeout;
        all_serve_within(limit, board, pending::<()>()).await;
        drop(silent);
        let after = Telemetry::of(board).await.number("timed_out");
        assert_eq!(after - before, SLOTS as u64);
    });
}

#[test]
fn peers_that_drip_a_request() {
    alone(async |board| {
        let mut peers = connect_all(board).await;
        let drip = join_all(peers.iter_mut().map(async |peer| {
            for byte in request().padded_to_bytes(4000).text().bytes() {
                peer.send([byte]).await;
                sleep(Duration::from_millis(100)).await;
            }
        }));
        let limit = LIMITS.handshake_timeout + LIMITS.close_timeout;
        all_serve_within(limit, board, drip).await;
    });
}

#[test]
fn peers_with_oversized_headers() {
    alone(async |board| {
        let mut peers = connect_all(board).await;
        let oversized = request().padded_to_bytes(LIMITS.head_bytes * 16).text();
        for peer in &mut peers {
            peer.send(&oversized).await;
        }
        for peer in &mut peers {
            assert_eq!(peer.response().await.status, 431);
        }
        // They do not even close.
        all_serve_within(LIMITS.close_timeout, board, pending::<()>()).await;
    });
}

#[test]
fn peers_that_vanish() {
    alone(async |board| {
        let vanished = open_all(board).await;
        // Neither the ping nor the end of the stream is answered.
        let limit = LIMITS.ping_interval + LIMITS.pong_timeout + LIMITS.close_timeout;
        all_serve_within(limit, board, pending::<()>()).await;
        drop(vanished);
    });
}

#[test]
fn peers_that_flood_with_pings_and_read_nothing() {
    alone(async |board| {
        let mut peers = open_all(board).await;
        let pings = ping([1; 125]).to(Side::Server).bytes().repeat(100);
        let flood = join_all(peers.iter_mut().map(async |peer| {
            while peer.send_deaf(&pings).await {
                sleep(Duration::from_millis(5)).await;
            }
        }));
        all_serve_within(FILLING + LIMITS.write_timeout + LIMITS.close_timeout, board, flood).await;
    });
}

#[test]
fn peers_that_send_messages_and_read_nothing() {
    alone(async |board| {
        let mut peers = open_all(board).await;
        let message = binary([7; 4000]).to(Side::Server).bytes();
        let flood = join_all(peers.iter_mut().map(async |peer| {
            while peer.send_deaf(&message).await {
                sleep(Duration::from_millis(1)).await;
            }
        }));
        all_serve_within(FILLING + LIMITS.write_timeout + LIMITS.close_timeout, board, flood).await;
    });
}

#[test]
fn floods_of_pings_on_all_other_slots_do_not_starve_a_connection() {
    alone(async |board| {
        let mut peers = open_all(board).await;
        let mut served = peers.pop().expect("a peer");
        let pings = ping([1; 125]).to(Side::Server).bytes().repeat(20);
        let flood = join_all(peers.iter_mut().map(async |peer| {
            loop {
                peer.send(&pings).await;
                peer.more().await;
            }
        }));
        let serve = async {
            for number in 0..100u32 {
                served.echo(MessageKind::Binary, &number.to_be_bytes()).await;
            }
        };
        let (flood, serve) = (Box::pin(flood), Box::pin(timeout(SLACK * 2, serve)));
        match select(flood, serve).await {
            futures_util::future::Either::Right((Ok(()), _)) => {}
            _ => panic!("100 messages took longer than {:?}", SLACK * 2),
        }
    });
}
