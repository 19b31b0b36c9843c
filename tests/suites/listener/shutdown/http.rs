//! The effect of a shutdown on requests and their answers.

use std::time::Duration;

use websocket_listener::WebSocketListener;
use websocket_listener::http::Status;
use websocket_listener::http::{Request, Response};

use crate::support::{TcpPeer, connect, in_real_time};

const LONG: Duration = Duration::from_secs(30);

/// More than the buffers of both ends hold.
const PAGE: usize = 16 << 20;

/// A listener that has begun to send a page, and the client that reads it.
async fn sending_a_page() -> (WebSocketListener, TcpPeer) {
    let listener = WebSocketListener::builder()
        .on_request(|_: Request| async { Response::new(Status::OK).body(vec![b'x'; PAGE]) })
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let mut peer = connect(&listener).await;
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    peer.more().await;
    (listener, peer)
}

async fn takes_it_all(peer: &mut TcpPeer) {
    let answer = peer.rest().await;
    assert!(answer.ends_with(b"xxxx") && answer.len() > PAGE, "{} of {PAGE}", answer.len());
}

#[test]
fn a_notice_lets_a_page_be_sent_to_its_end() {
    in_real_time(async {
        let (listener, mut peer) = sending_a_page().await;
        listener.begin_shutdown();
        takes_it_all(&mut peer).await;
    });
}

#[test]
fn a_shutdown_waits_for_a_page_that_is_being_sent() {
    in_real_time(async {
        let (listener, mut peer) = sending_a_page().await;
        tokio::join!(listener.shutdown(LONG), takes_it_all(&mut peer));
    });
}

#[test]
fn an_unread_page_is_cut_off_at_the_deadline() {
    in_real_time(async {
        let (listener, mut peer) = sending_a_page().await;
        listener.shutdown(Duration::from_millis(300)).await;
        let answer = peer.rest().await;
        assert!(answer.len() < PAGE, "all of it came");
    });
}
