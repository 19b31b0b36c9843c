//! The memory of an idle connection: its state, its request and its task, and no buffer.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use websocket_listener::WebSocketListener;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, text};

use crate::memory::held;
use crate::support::{in_real_time, listener, until};

const CONNECTIONS: usize = 200;

/// Peers that hold nothing on the heap.
fn connect(listener: &WebSocketListener) -> Vec<TcpStream> {
    let address = listener.local_addr().unwrap();
    let connect = || {
        let mut peer = TcpStream::connect(address).unwrap();
        peer.write_all(request().text().as_bytes()).unwrap();
        peer
    };
    (0..CONNECTIONS).map(|_| connect()).collect()
}

async fn settled() -> isize {
    tokio::time::sleep(Duration::from_millis(100)).await;
    held()
}

/// Each peer sends a message, which is echoed.
async fn exchange(listener: &WebSocketListener, peers: &mut [TcpStream]) {
    let frame = text("x".repeat(3_000)).to(Side::Server).bytes();
    let echoed = listener.counters().messages_sent + peers.len() as u64;
    for peer in peers {
        peer.write_all(&frame).unwrap();
    }
    until(|| listener.counters().messages_sent == echoed).await;
}

async fn serve(listener: &WebSocketListener) {
    for _ in 0..CONNECTIONS {
        let mut server = listener.accept().await.unwrap();
        tokio::spawn(async move {
            while let Ok(Some(message)) = server.recv().await {
                if server.feed(message).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// With a task that echoes, and everything that the runtime and the listener keep for it.
#[test]
fn an_idle_connection_holds_no_more_than_1_5_kib_before_and_after_messages() {
    in_real_time(async {
        let listener = listener().await;
        // What there is once, however many they are.
        let mut first = connect(&listener);
        serve(&listener).await;
        exchange(&listener, &mut first).await;
        let before = settled().await;

        let mut peers = connect(&listener);
        serve(&listener).await;
        let idle = settled().await;
        let each = (idle - before) / CONNECTIONS as isize;
        assert!((1..=1536).contains(&each), "{each} bytes each");

        exchange(&listener, &mut peers).await;
        let more = settled().await - idle;
        assert!(more <= 64 * CONNECTIONS as isize, "{more} bytes more, after a message of each");
    });
}
