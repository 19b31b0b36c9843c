//! Slots: refused when all are in use, and free again whatever the peers do.

use embassy_time::{Duration, Instant, Timer, with_timeout};
use futures_util::future::join;
use websocket_listener_embassy::{MessageKind, Options, WebSocketListener};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::target::Wire;
use websocket_listener_tests::{Side, binary, ping};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, Raw, leak};
use crate::targets::echo;

/// All deadlines of the listener's defaults that a bad peer can use up one after the other.
const LONGEST: Duration = Duration::from_secs(20 + 10 + 10 + 5 + 5);

fn board(workers: usize) -> (Net, &'static WebSocketListener) {
    let net = Net::new(Weather::FINE);
    let listener: &_ = leak(net.listener::<2, 1024, 1024>(Options::new()));
    for _ in 0..workers {
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo(socket).await;
            }
        });
    }
    (net, listener)
}

async fn open(net: &Net) -> Peer<Raw> {
    let mut peer = Peer::new(net.connect().await);
    peer.send(request().text()).await;
    peer.upgraded().await;
    peer
}

/// Both slots serve a new peer, within that time.
async fn served_within(net: &Net, limit: Duration) {
    let serve = async {
        let (mut one, mut two) = (open(net).await, open(net).await);
        one.echo(MessageKind::Text, b"one").await;
        two.echo(MessageKind::Text, b"two").await;
    };
    let start = Instant::now();
    assert!(with_timeout(limit, serve).await.is_ok(), "not served in time");
    println!("served after {} ms", start.elapsed().as_millis());
}

#[test]
fn a_peer_without_a_free_slot_is_refused_at_once_and_served_once_there_is_one() {
    run(async {
        let (net, _) = board(2);
        let (one, _two) = (open(&net).await, open(&net).await);
        let start = Instant::now();
        assert!(net.try_connect().await.is_none());
        assert!(start.elapsed() < Duration::from_millis(10));
        drop(one);
        Timer::after_millis(100).await;
        assert!(net.try_connect().await.is_some());
    });
}

#[test]
fn without_a_worker_no_peer_is_let_in() {
    run(async {
        let (net, _) = board(0);
        assert!(net.try_connect().await.is_none());
    });
}

#[test]
fn more_workers_than_slots_take_turns() {
    run(async {
        let (net, listener) = board(7);
        for _ in 0..20 {
            served_within(&net, Duration::from_secs(1)).await;
        }
        assert_eq!(listener.counters().accepted, 40);
    });
}

#[test]
fn peers_that_say_nothing_free_their_slots() {
    run(async {
        let (net, listener) = board(2);
        let _silent = [net.connect().await, net.connect().await];
        served_within(&net, Duration::from_secs(5 + 5 + 1)).await;
        assert_eq!(listener.counters().timed_out, 2);
    });
}

#[test]
fn peers_that_drip_a_request_free_their_slots() {
    run(async {
        let (net, _) = board(2);
        for _ in 0..2 {
            let mut dripping = Peer::new(net.connect().await);
            spawn(async move {
                for byte in request().padded_to_bytes(900).text().bytes() {
                    dripping.send([byte]).await;
                    Timer::after_millis(100).await;
                }
            });
        }
        Timer::after_millis(1).await;
        served_within(&net, Duration::from_secs(5 + 5 + 1)).await;
    });
}

#[test]
fn peers_whose_connection_is_never_established_free_their_slots() {
    run(async {
        let (net, _) = board(2);
        // Nothing comes back: each listening socket answers a SYN, and waits for the third step.
        net.link.set_from_first(Weather::CUT);
        for _ in 0..2 {
            let _ = with_timeout(Duration::from_millis(10), net.try_connect()).await;
        }
        net.link.set(Weather::CUT);
        Timer::after_secs(3).await;
        // Still in use, though the peers know nothing of it.
        net.link.set_from_first(Weather::FINE);
        Timer::after_millis(2500).await;
        net.link.set(Weather::FINE);
        served_within(&net, Duration::from_millis(100)).await;
    });
}

#[test]
fn peers_that_vanish_free_their_slots() {
    run(async {
        let (net, _) = board(2);
        let peers = [net.connect().await, net.connect().await];
        for raw in peers {
            let mut peer = Peer::new(raw);
            peer.send(request().text()).await;
            peer.upgraded().await;
            spawn(async move {
                let _kept = peer;
                core::future::pending::<()>().await;
            });
        }
        net.link.set(Weather::CUT);
        Timer::after(LONGEST).await;
        net.link.set(Weather::FINE);
        served_within(&net, Duration::from_secs(1)).await;
    });
}

#[test]
fn peers_that_stop_reading_free_their_slots() {
    run(async {
        let (net, _) = board(2);
        for _ in 0..2 {
            let mut deaf = open(&net).await;
            spawn(async move {
                let message = binary([7; 500]).to(Side::Server).bytes();
                while deaf.send_deaf(&message).await {}
                core::future::pending::<()>().await;
            });
        }
        Timer::after_millis(1).await;
        served_within(&net, Duration::from_secs(10 + 5 + 1)).await;
    });
}

#[test]
fn peers_that_flood_are_closed_like_any_other() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<2, 1024, 1024>(Options::new()));
        for _ in 0..2 {
            spawn(async {
                while let Some(mut socket) = listener.accept().await {
                    let mut buffer = [0; 10];
                    let _ = socket.recv(&mut buffer).await;
                    // Dropped in the middle of the flood.
                }
            });
        }
        for _ in 0..2 {
            let mut flooding = open(&net).await;
            spawn(async move {
                flooding.send_frame(binary([1])).await;
                let pings = ping([1; 100]).to(Side::Server).bytes().repeat(10);
                while flooding.send_deaf(&pings).await {}
            });
        }
        Timer::after_millis(20).await;
        let start = Instant::now();
        let again = with_timeout(Duration::from_secs(5 + 1), async {
            (net.connect().await, net.connect().await)
        });
        assert!(again.await.is_ok(), "after {} ms", start.elapsed().as_millis());
    });
}

#[test]
fn a_dropped_connection_ends_after_its_sent_messages() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 1024, 1024>(Options::new()));
        spawn(async {
            while let Some(mut socket) = listener.accept().await {
                socket.send_binary(&[9; 900]).await.unwrap();
            }
        });
        for _ in 0..3 {
            let mut peer = open(&net).await;
            let sent = peer.message().await;
            assert_eq!(sent.1, [9; 900]);
            peer.ended().await;
        }
    });
}

#[test]
fn an_accept_that_is_dropped_gives_its_slot_back() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 1024, 1024>(Options::new()));
        for wait in [0, 1, 300, 700, 1100] {
            let accept = with_timeout(Duration::from_micros(wait), listener.accept());
            let connect = net.try_connect();
            let (accepted, raw) = join(accept, connect).await;
            assert!(accepted.is_err());
            drop(raw);
        }
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo(socket).await;
            }
        });
        open(&net).await.echo(MessageKind::Text, b"still").await;
    });
}

#[test]
fn a_request_larger_than_the_ring_is_431() {
    run(async {
        let (net, listener) = board(2);
        let mut peer = Peer::new(net.connect().await);
        peer.send(request().padded_to_bytes(1025).text()).await;
        peer.refused(431).await;
        let mut peer = Peer::new(net.connect().await);
        peer.send(request().padded_to_bytes(1024).text()).await;
        peer.upgraded().await;
        assert_eq!(listener.counters().refused, 1);
    });
}

/// A peer may hold back what is more than the room that is left (RFC 9293 section 3.8.6.2.1), for ever.
#[test]
fn a_request_that_stops_in_the_second_half_of_the_ring_is_431_at_the_deadline() {
    run(async {
        let (net, listener) = board(2);
        let start = Instant::now();
        let mut peer = Peer::new(net.connect().await);
        peer.send(&request().padded_to_bytes(2000).text()[..700]).await;
        peer.refused(431).await;
        assert!(start.elapsed() >= Duration::from_secs(5));
        assert_eq!(listener.counters().refused, 1);
    });
}

#[test]
fn a_peer_that_ends_in_the_middle_of_its_request_is_forgotten() {
    run(async {
        let (net, listener) = board(2);
        let mut raw = net.connect().await;
        raw.exchange(b"GET / HTTP/1.1\r\n", &mut []).await.unwrap();
        raw.finish().await;
        served_within(&net, Duration::from_secs(1)).await;
        assert_eq!(listener.counters().disconnected, 1);
    });
}
