//! The end of a listener.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use embassy_time::{Instant, Timer};
use websocket_listener_embassy::{
    Answer, CloseCode, MessageKind, OnRequest, Options, RecvError, Request, Response, Shutdown,
    WebSocketListener,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, Raw, leak};
use crate::targets::{echo, echo_streaming};

fn board(net: &Net) -> &'static WebSocketListener {
    let listener: &_ = leak(net.listener::<3, 1024, 1024>(Options::new()));
    for worker in 0..3 {
        spawn(async move {
            while let Some(socket) = listener.accept().await {
                let _ = if worker == 0 { echo_streaming(socket).await } else { echo(socket).await };
            }
        });
    }
    listener
}

async fn open(net: &Net) -> Peer<Raw> {
    let mut peer = Peer::new(net.connect().await);
    peer.send(request().text()).await;
    peer.upgraded().await;
    peer
}

fn counts(shutdown: Shutdown) -> (usize, usize) {
    (shutdown.closed, shutdown.aborted)
}

#[test]
fn every_connection_is_told_1001_and_waited_for() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener = board(&net);
        for _ in 0..3 {
            let mut peer = open(&net).await;
            spawn(async move {
                peer.echo(MessageKind::Text, b"before").await;
                let (code, _) = peer.close_frame().await;
                assert_eq!(code, CloseCode::GOING_AWAY);
                peer.send_frame(websocket_listener_tests::close(CloseCode::GOING_AWAY, "")).await;
                peer.ended().await;
            });
        }
        Timer::after_millis(100).await;
        assert_eq!(counts(listener.shutdown(Duration::from_secs(4)).await), (3, 0));
        assert!(net.try_connect().await.is_none());
        assert!(listener.accept().await.is_none());
    });
}

#[test]
fn connections_that_have_not_ended_at_the_deadline_are_aborted() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener = board(&net);
        let (mut deaf, mut polite) = (open(&net).await, open(&net).await);
        spawn(async move {
            polite.close_frame().await;
            polite.send_frame(websocket_listener_tests::close(CloseCode::GOING_AWAY, "")).await;
            polite.ended().await;
        });
        let start = Instant::now();
        assert_eq!(counts(listener.shutdown(Duration::from_secs(2)).await), (1, 1));
        assert_eq!(start.elapsed().as_millis(), 2000);
        let _ = deaf.close_frame().await;
        assert!(deaf.rest().await.is_empty());
    });
}

#[test]
fn a_peer_whose_message_is_being_read_is_told_1001() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 1024, 1024>(Options::new()));
        let (begun, read) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
        let (counted, ended) = (Rc::clone(&begun), Rc::clone(&read));
        spawn(async move {
            let mut socket = listener.accept().await.unwrap();
            let mut message = socket.next_message().await.unwrap().unwrap();
            let mut buffer = [0; 16];
            let error = loop {
                match message.read(&mut buffer).await {
                    Ok(count) => counted.set(counted.get() + count),
                    Err(error) => break error,
                }
            };
            ended.set(Some(error));
        });
        let mut peer = open(&net).await;
        peer.send_frame(websocket_listener_tests::text("without end").fin(false)).await;
        Timer::after_millis(100).await;
        assert_eq!(begun.get(), 11);
        spawn(async move {
            let (code, _) = peer.close_frame().await;
            assert_eq!(code, CloseCode::GOING_AWAY);
            peer.send_frame(websocket_listener_tests::close(CloseCode::GOING_AWAY, "")).await;
            peer.ended().await;
        });
        let start = Instant::now();
        assert_eq!(counts(listener.shutdown(Duration::from_secs(4)).await), (1, 0));
        assert!(start.elapsed().as_millis() < 1000);
        assert_eq!(read.get(), Some(RecvError::Closed));
    });
}

#[test]
fn a_peer_in_its_opening_handshake_is_told_503() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener = board(&net);
        let mut peer = Peer::new(net.connect().await);
        peer.send("GET / HT").await;
        Timer::after_millis(10).await;
        spawn(async move {
            let _ = listener.shutdown(Duration::from_secs(1)).await;
        });
        peer.refused(503).await;
    });
}

#[test]
fn a_worker_that_waits_for_a_slot_to_end_its_connection_is_told_at_once() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener: &_ = leak(net.listener::<1, 1024, 1024>(Options::new()));
        spawn(async move { drop(listener.accept().await) });
        let _vanished = open(&net).await;
        net.link.set(Weather::CUT);
        Timer::after_millis(10).await;
        let told = Rc::new(Cell::new(None));
        let noted = Rc::clone(&told);
        spawn(async move {
            assert!(listener.accept().await.is_none());
            noted.set(Some(Instant::now()));
        });
        Timer::after_millis(1000).await;
        let start = Instant::now();
        assert_eq!(counts(listener.shutdown(Duration::from_secs(9)).await), (0, 0));
        assert_eq!(told.get(), Some(start));
        // What the vanished peer has left is waited for all the same, as long as it may take.
        assert!((3900..4200).contains(&start.elapsed().as_millis()));
    });
}

/// A page for every request.
struct Page(Vec<u8>);

impl OnRequest for Page {
    fn answer(&self, _: &Request<'_>) -> Answer<'_> {
        Answer::respond(Response::new(200).body(&self.0))
    }
}

#[test]
fn a_page_on_its_way_is_not_cut_short() {
    run(async {
        let net = Net::new(Weather::FINE);
        let page = Page(vec![b'y'; 100_000]);
        let listener: &_ = leak(net.listener::<1, 1024, 1024>(Options::new()).on_request(page));
        spawn(async { while listener.accept().await.is_some() {} });
        let mut peer = Peer::new(net.connect().await);
        peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        Timer::after_millis(10).await;
        spawn(async {
            let _ = listener.shutdown(Duration::from_secs(1)).await;
        });
        Timer::after_millis(10).await;
        assert_eq!(peer.response().await.body, "y".repeat(100_000));
        peer.ended().await;
    });
}

#[test]
fn a_shutdown_without_connections_returns_at_once() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener = board(&net);
        Timer::after_millis(10).await;
        let start = Instant::now();
        assert_eq!(counts(listener.shutdown(Duration::from_secs(9)).await), (0, 0));
        assert!(start.elapsed().as_millis() < 100);
    });
}
