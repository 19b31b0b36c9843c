//! A connect that is dropped, wherever it waits, leaves nothing behind.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use websocket_listener::client::Client;
use websocket_listener_tests::{Authority, polled};

use crate::support::{answer, established, in_real_time, listen, read_head};
use crate::tls_support::{client_of, server_config};

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

/// What stands between client and server.
#[derive(Clone, Copy, PartialEq)]
enum Between {
    Nothing,
    Proxy,
    Tls,
}

/// Answers each connection and waits for its end; returns how many there were.
async fn serve_until_all_are_gone(
    listener: TcpListener,
    between: Between,
    acceptor: TlsAcceptor,
    mut stop: oneshot::Receiver<()>,
) -> usize {
    let mut served = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                let acceptor = acceptor.clone();
                served.spawn(async move {
                    match between {
                        Between::Tls => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, between).await;
                            }
                        }
                        _ => serve(stream, between).await,
                    }
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

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, between: Between) {
    if between == Between::Proxy && read_head(&mut stream).await.is_some() {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
    }
    answer(&mut stream, established).await;
    // The end, or a reset: the client's socket is closed.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

async fn cancel_everywhere(between: Between) {
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel();
    let authority = Authority::new();
    let acceptor = TlsAcceptor::from(Arc::new(server_config(&authority.identity("127.0.0.1"))));
    let serving = tokio::spawn(serve_until_all_are_gone(listener, between, acceptor, stopped));
    let (client, scheme) = match between {
        Between::Nothing => (Client::new(), "ws"),
        Between::Proxy => (Client::new().proxy(format!("http://{address}")), "ws"),
        Between::Tls => (client_of(&authority), "wss"),
    };
    let url = format!("{scheme}://{address}/");
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
    in_real_time(cancel_everywhere(Between::Nothing));
}

#[test]
fn through_a_proxy() {
    in_real_time(cancel_everywhere(Between::Proxy));
}

#[test]
fn over_tls() {
    in_real_time(cancel_everywhere(Between::Tls));
}
