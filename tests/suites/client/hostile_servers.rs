//! Servers that are not WebSocket servers, that are slow, or that are hostile.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use websocket_listener::client::{Client, ConnectError, ConnectStep, connect};
use websocket_listener::engine::handshake::{HeadError, VerifyError};

use crate::support::{Server, established, in_real_time, listen, read_head, refusing_address};

fn impatient() -> Client {
    Client::new().connect_timeout(Duration::from_millis(500))
}

#[test]
fn a_port_without_a_listener_refuses() {
    in_real_time(async {
        let (_socket, address) = refusing_address();
        let connected = connect(&format!("ws://{address}/")).await;
        let Err(ConnectError::Connect(error)) = connected else { panic!("{connected:?}") };
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}

#[test]
fn a_server_of_another_kind_is_distinguished_from_a_refusal() {
    in_real_time(async {
        let ssh = Server::answering(|_| "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned()).await;
        let connected = connect(&ssh.url("/")).await;
        assert!(matches!(connected, Err(ConnectError::Malformed(_))));
        let page = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        let http = Server::answering(|_| page.to_owned()).await;
        let connected = connect(&http.url("/")).await;
        let Err(ConnectError::Refused { reason, .. }) = connected else { panic!() };
        assert_eq!(reason, VerifyError::Status(200));
    });
}

#[test]
fn a_wrong_accept_value_fails_the_connection() {
    in_real_time(async {
        let server = Server::answering(|head| {
            established(head).replace("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x")
        })
        .await;
        let connected = connect(&server.url("/")).await;
        let Err(ConnectError::Refused { reason, .. }) = connected else { panic!() };
        assert_eq!(reason, VerifyError::Accept);
    });
}

#[test]
fn headers_without_end_are_cut_off() {
    in_real_time(async {
        let (listener, address) = listen().await;
        let flooding = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await.unwrap();
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX: ").await.unwrap();
            let mut sent = 0_usize;
            while stream.write_all(&[b'x'; 1024]).await.is_ok() {
                sent += 1024;
                assert!(sent < 64 << 20, "the client goes away");
            }
        });
        let connected = connect(&format!("ws://{address}/")).await;
        let Err(ConnectError::Malformed(error)) = connected else { panic!("{connected:?}") };
        assert_eq!(error, HeadError::TooLarge);
        flooding.await.unwrap();
    });
}

#[test]
fn a_silent_server_is_given_up_at_the_deadline() {
    in_real_time(async {
        let (_listener, address) = listen().await;
        let begun = Instant::now();
        let connected = impatient().connect(&format!("ws://{address}/")).await;
        assert!(matches!(connected, Err(ConnectError::TimedOut(ConnectStep::Handshake))));
        assert!((500..10_000).contains(&begun.elapsed().as_millis()));
    });
}

/// A byte now and then moves no deadline.
#[test]
fn a_trickling_server_is_given_up_at_the_deadline() {
    in_real_time(async {
        let (listener, address) = listen().await;
        let trickling = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await.unwrap();
            stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nX: ").await.unwrap();
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let connected = impatient().connect(&format!("ws://{address}/")).await;
        assert!(matches!(connected, Err(ConnectError::TimedOut(ConnectStep::Handshake))));
        trickling.await.unwrap();
    });
}

/// So does no redirect.
#[test]
fn the_deadline_covers_all_redirects_together() {
    in_real_time(async {
        let (listener, address) = listen().await;
        let redirecting = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                read_head(&mut stream).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
                let _ = stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n").await;
            }
        });
        let begun = Instant::now();
        let client = impatient().max_redirects(u32::MAX);
        let connected = client.connect(&format!("ws://{address}/")).await;
        assert!(matches!(connected, Err(ConnectError::TimedOut(_))), "{connected:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
        redirecting.abort();
    });
}

#[test]
fn a_server_that_hangs_up_gives_disconnected() {
    in_real_time(async {
        for start in ["", "HTTP/1.1 101 Switching"] {
            let (listener, address) = listen().await;
            let url = format!("ws://{address}/");
            let hanging_up = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                read_head(&mut stream).await;
                stream.write_all(start.as_bytes()).await.unwrap();
            };
            let (connected, ()) = tokio::join!(connect(&url), hanging_up);
            assert!(matches!(connected, Err(ConnectError::Disconnected)), "{connected:?}");
        }
    });
}
