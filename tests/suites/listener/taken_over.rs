//! HTTP that the application has taken over: counted, bounded, and seen by a shutdown.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Response};
use websocket_listener::{ListenerBuilder, WebSocketListener};

use crate::support::{accept, connect, in_real_time, until};

const LONG: Duration = Duration::from_secs(30);
const PLAIN: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// Plain HTTP is answered when `released`, or `hasty` ones when a shutdown begins.
fn waiting_for(released: &Arc<Notify>, hasty: bool) -> ListenerBuilder {
    let released = released.clone();
    WebSocketListener::builder().on_request(move |request| {
        let released = released.clone();
        async move {
            if request.is_upgrade() {
                return Answer::accept();
            }
            Answer::take_over(move |http: HttpConnection| async move {
                let body = tokio::select! {
                    () = released.notified() => "released",
                    () = http.shutdown_begun(), if hasty => "shut down",
                };
                http.respond(Response::new(Status::OK).body(body)).await.unwrap();
            })
        }
    })
}

#[test]
fn a_shutdown_waits_for_a_takeover() {
    in_real_time(async {
        let released = Arc::new(Notify::new());
        let listener = waiting_for(&released, false).bind("127.0.0.1:0").await.unwrap();
        let mut peer = connect(&listener).await;
        peer.send(PLAIN).await;
        until(|| listener.counters().taken_over == 1).await;
        let cut_short = tokio::time::timeout(Duration::from_millis(50), listener.shutdown(LONG));
        assert!(cut_short.await.is_err(), "it did not wait");
        released.notify_one();
        let (ended, response) = tokio::join!(listener.shutdown(LONG), peer.response());
        assert_eq!(response.body, "released");
        assert_eq!((ended.http_closed, ended.http_aborted), (1, 0));
        assert_eq!((ended.closed, ended.aborted), (0, 0));
    });
}

#[test]
fn a_handler_sees_the_shutdown_coming() {
    in_real_time(async {
        let listener = waiting_for(&Arc::default(), true).bind("127.0.0.1:0").await.unwrap();
        let mut peers = Vec::new();
        for count in 1..=3 {
            let mut peer = connect(&listener).await;
            peer.send(PLAIN).await;
            until(|| listener.counters().taken_over == count).await;
            peers.push(peer);
        }
        let reading = async {
            for peer in &mut peers {
                assert_eq!(peer.response().await.body, "shut down");
                peer.ended().await;
            }
        };
        let (ended, ()) = tokio::join!(listener.shutdown(LONG), reading);
        assert_eq!((ended.http_closed, ended.http_aborted), (3, 0));
    });
}

#[test]
fn handlers_that_run_at_the_deadline_are_dropped_and_counted() {
    in_real_time(async {
        let listener = waiting_for(&Arc::default(), false).bind("127.0.0.1:0").await.unwrap();
        let mut peer = connect(&listener).await;
        peer.send(PLAIN).await;
        until(|| listener.counters().taken_over == 1).await;
        let ended = listener.shutdown(Duration::from_millis(100)).await;
        assert_eq!((ended.http_closed, ended.http_aborted), (0, 1));
        assert!(peer.rest().await.is_empty(), "answered after all");
    });
}

#[test]
fn takeovers_are_bounded_apart_from_websockets() {
    in_real_time(async {
        let released = Arc::new(Notify::new());
        let builder = waiting_for(&released, false).max_http_connections(2);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut peers = Vec::new();
        for count in 1..=2 {
            let mut peer = connect(&listener).await;
            peer.send(PLAIN).await;
            until(|| listener.counters().taken_over == count).await;
            peers.push(peer);
        }
        let mut third = connect(&listener).await;
        third.send(PLAIN).await;
        third.refused(503).await;
        assert_eq!(listener.counters().refused.overloaded, 1);
        accept(&listener).await;

        for _ in 0..2 {
            released.notify_one();
            tokio::task::yield_now().await;
        }
        for peer in &mut peers {
            assert_eq!(peer.response().await.status, 200);
        }
        // The places are free a little later than the responses are read.
        let next_status = async || {
            released.notify_one();
            let mut next = connect(&listener).await;
            next.send(PLAIN).await;
            next.response().await.status
        };
        while next_status().await != 200 {}
    });
}

/// A bug in one handler does not affect others.
#[test]
fn a_handler_that_panics_gives_its_place_back() {
    in_real_time(async {
        let listener = WebSocketListener::builder()
            .max_http_connections(1)
            .on_request(|_| async {
                Answer::take_over(|http: HttpConnection| async move {
                    assert_ne!(http.request().path(), "/panic", "this is part of the test");
                    http.respond(Response::new(Status::OK)).await.unwrap();
                })
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut peer = connect(&listener).await;
        peer.send(PLAIN.replace("/ ", "/panic ")).await;
        peer.ended().await;
        let mut peer = connect(&listener).await;
        peer.send(PLAIN).await;
        assert_eq!(peer.response().await.status, 200);
    });
}
