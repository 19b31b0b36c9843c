//! A connect that is dropped, wherever it waits, leaves nothing behind.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use websocket_listener::Client;
use websocket_listener_tests::polled;

use crate::support::{established, in_real_time, listen, read_head};

/// Lets others go on at every poll, so that each step of a connect gets polls of its own.
async fn dropped_after<T>(polls: usize, connecting: impl Future<Output = T>) -> Option<T> {
    let mut connecting = std::pin::pin!(connecting);
    for _ in 0..polls {
        if let Some(connected) = polled(1, connecting.as_mut()).await {
            return Some(connected);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    None
}

/// Answers each connection and waits for its end; gives how many there were.
async fn serve_until_all_are_gone(
    listener: TcpListener,
    proxied: bool,
    mut stop: tokio::sync::oneshot::Receiver<()>,
) -> usize {
    let mut served = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (mut stream, _) = accepted.unwrap();
                served.spawn(async move {
                    if proxied && read_head(&mut stream).await.is_some() {
                        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                    }
                    if let Some(head) = read_head(&mut stream).await {
                        let _ = stream.write_all(established(&head).as_bytes()).await;
                    }
                    // The end, or a reset: the client's socket is closed.
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                });
            }
            _ = &mut stop => break,
        }
    }
    let mut ended = 0;
    while let Some(outcome) = served.join_next().await {
        outcome.unwrap();
        ended += 1;
    }
    ended
}

async fn cancel_everywhere(proxied: bool) {
    let (listener, address) = listen().await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let serving = tokio::spawn(serve_until_all_are_gone(listener, proxied, stopped));
    let mut client = Client::new();
    if proxied {
        client = client.proxy(format!("http://{address}"));
    }
    let url = format!("ws://{address}/");
    let mut polls = 0;
    let mut succeeded = 0;
    // Three times in a row: further polls find no further place to be dropped at.
    while succeeded < 3 {
        let connected = dropped_after(polls, client.connect(&url)).await;
        succeeded = if connected.is_some() { succeeded + 1 } else { 0 };
        polls += 1;
        assert!(polls < 1000, "it connects at last");
    }
    assert!(polls > 3, "it waits in several places");
    stop.send(()).unwrap();
    // Ends only once the client's side of every connection is closed.
    assert!(serving.await.unwrap() >= 3);
}

#[test]
fn over_tcp() {
    in_real_time(cancel_everywhere(false));
}

#[test]
fn through_a_proxy() {
    in_real_time(cancel_everywhere(true));
}
