//! Accepting and shutting down with futures that are dropped.

use std::time::Duration;

use tokio::net::TcpStream;
use websocket_listener::CloseCode;
use websocket_listener::client::Client;
use websocket_listener_tests::polled;

use crate::support::{accept, in_real_time, listener};

#[test]
fn no_connection_is_lost_or_given_out_twice() {
    in_real_time(async {
        let listener = listener().await;
        let address = listener.local_addr().unwrap();
        let connecting = async {
            let mut clients = Vec::new();
            for number in 0..40 {
                let stream = TcpStream::connect(address).await.unwrap();
                let url = format!("ws://localhost/{number}");
                clients.push(Client::new().connect_over(stream, &url).await.unwrap());
            }
            clients
        };
        let accepting = async {
            let mut accepted = Vec::new();
            while accepted.len() < 40 {
                // Two wait at once; one of them is dropped, or both.
                let first = polled(1, listener.accept());
                let second = polled(1, listener.accept());
                let (first, second) = tokio::join!(first, second);
                accepted.extend(first.into_iter().chain(second).map(|socket| socket.unwrap()));
                tokio::task::yield_now().await;
            }
            accepted
        };
        let (_clients, accepted) = tokio::join!(connecting, accepting);
        let mut paths: Vec<_> =
            accepted.iter().map(|socket| socket.request().unwrap().path().to_owned()).collect();
        paths.sort_unstable();
        let mut expected: Vec<_> = (0..40).map(|number| format!("/{number}")).collect();
        expected.sort_unstable();
        assert_eq!(paths, expected);
    });
}

#[test]
fn shutdown_may_be_dropped_and_called_again() {
    for polls in 0..8 {
        in_real_time(async {
            let listener = listener().await;
            let (mut server, mut client) = accept(&listener).await;
            // Each poll is a moment in which others may go on.
            let once = polled(polls, async {
                loop {
                    let ended = polled(1, listener.shutdown(Duration::from_secs(30))).await;
                    if ended.is_some() {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            });
            once.await;
            let (ended, heard, closed) = tokio::join!(
                listener.shutdown(Duration::from_secs(30)),
                server.recv(),
                client.recv()
            );
            assert!(heard.unwrap().is_none() && closed.unwrap().is_none());
            assert_eq!(client.close_reason().unwrap().code, CloseCode::GOING_AWAY);
            assert_eq!((ended.closed, ended.aborted), (1, 0));
            assert!(listener.accept().await.is_none());
            assert!(TcpStream::connect(listener.local_addr().unwrap()).await.is_err());
        });
    }
}
