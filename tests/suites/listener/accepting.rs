//! Setting up a listener, and accepting.

use std::time::Duration;

use tokio::net::TcpStream;
use websocket_listener::client::Client;
use websocket_listener::{Message, Options, PingMode, WebSocketListener};
use websocket_listener_tests::request::request;

use crate::support::{accept, connect, in_real_time, listener, until};

#[test]
fn a_port_that_the_system_chose_is_reported() {
    in_real_time(async {
        let (one, other) = (listener().await, listener().await);
        assert_ne!(one.local_addr().unwrap().port(), 0);
        assert_ne!(one.local_addr().unwrap(), other.local_addr().unwrap());
        let bound = WebSocketListener::bind(one.local_addr().unwrap()).await;
        assert_eq!(bound.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
        assert!(format!("{one:?}").contains(&one.local_addr().unwrap().to_string()));
    });
}

#[test]
fn a_socket_that_is_bound_already_will_do() {
    in_real_time(async {
        let bound = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = bound.local_addr().unwrap();
        let listener = WebSocketListener::bind(bound).await.unwrap();
        assert_eq!(listener.local_addr().unwrap(), address);
        let (mut server, mut client) = accept(&listener).await;
        client.send_text("hello").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
    });
}

#[test]
fn each_connection_goes_to_one_of_the_tasks_that_wait() {
    in_real_time(async {
        let listener = std::sync::Arc::new(listener().await);
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let listener = listener.clone();
                tokio::spawn(async move {
                    let mut paths = Vec::new();
                    for _ in 0..4 {
                        let socket = listener.accept().await.unwrap();
                        paths.push(socket.request().unwrap().path().to_owned());
                    }
                    paths
                })
            })
            .collect();
        let mut clients = Vec::new();
        for number in 0..20 {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let url = format!("ws://localhost/{number:02}");
            clients.push(Client::new().connect_over(stream, &url).await.unwrap());
        }
        let mut paths = Vec::new();
        for task in tasks {
            paths.extend(task.await.unwrap());
        }
        paths.sort_unstable();
        assert_eq!(paths, (0..20).map(|number| format!("/{number:02}")).collect::<Vec<_>>());
    });
}

/// The queue of connections to accept is bounded, and peers for which there is no room are told.
#[test]
fn peers_beyond_a_full_queue_get_503_until_the_application_accepts() {
    in_real_time(async {
        let builder = WebSocketListener::builder().accept_queue(3);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let mut peer = connect(&listener).await;
            peer.send(request().text()).await;
            peer.upgraded().await;
            waiting.push(peer);
        }
        let mut late = connect(&listener).await;
        late.send(request().text()).await;
        late.refused(503).await;
        listener.accept().await.unwrap();
        let mut next = connect(&listener).await;
        next.send(request().text()).await;
        next.upgraded().await;
    });
}

/// A handshake that stalls does not block others, even with a single place: the next takes it.
#[test]
fn the_newest_handshake_takes_the_place_of_the_oldest_that_stalls() {
    in_real_time(async {
        let builder = WebSocketListener::builder().max_negotiations(1);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut stalled = connect(&listener).await;
        stalled.send("GET / HTTP/1.1\r\n").await;
        accept(&listener).await;
        stalled.refused(503).await;
        until(|| listener.counters().refused.overloaded == 1).await;
    });
}

/// The smallest and the largest values of every option: none panics, and those that say "no limit"
/// serve.
#[test]
fn the_extremes_of_every_option_are_harmless() {
    in_real_time(async {
        for duration in [Duration::ZERO, Duration::MAX] {
            for size in [0, usize::MAX] {
                let options = Options::new()
                    .max_message_bytes(size as u64)
                    .max_fragments(size as u32)
                    .ping_mode(PingMode::LatencyControl)
                    .ping_interval(duration)
                    .pong_timeout(duration)
                    .close_timeout(duration)
                    .write_timeout(duration)
                    .write_queue_bytes(size);
                let listener = WebSocketListener::builder()
                    .options(options)
                    .handshake_timeout(duration)
                    .max_request_bytes(size)
                    .max_request_headers(size)
                    .max_negotiations(size)
                    .accept_queue(size)
                    .bind("127.0.0.1:0")
                    .await
                    .unwrap();
                let mut peer = connect(&listener).await;
                peer.send(request().text()).await;
                if duration.is_zero() || size == 0 {
                    // Refused, or accepted if that took no time; no peer is left hanging.
                    peer.more().await;
                    drop(listener);
                    peer.rest().await;
                    continue;
                }
                let mut server = listener.accept().await.unwrap();
                peer.upgraded().await;
                peer.send_frame(websocket_listener_tests::text("served")).await;
                let message = server.recv().await.unwrap().unwrap();
                server.send(message).await.unwrap();
                peer.echoed(websocket_listener::MessageKind::Text, b"served").await;
            }
        }
    });
}
