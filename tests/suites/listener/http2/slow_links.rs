//! HTTP/2 over links on which a ping waits behind what was sent before it.

use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::time::sleep;
use websocket_listener::endpoint::{AnyStream, PeerName};
use websocket_listener::http::Http2Options;
use websocket_listener::{Options, PingMode, WebSocket, WebSocketListener};
use websocket_listener_tests::{Side, binary};

use crate::http2::client::{Opened, send, websocket};
use crate::support::in_virtual_time;

/// The bytes that may wait at each end, as in the buffers of a system.
const BUFFERED: usize = 4 << 20;

/// The greatest number of bytes under way at once.
const WINDOW: u32 = 1 << 20;

/// The length of a message that takes 35 seconds.
const MESSAGE: usize = 1_000_000;

/// Shortly before the first ping, after 20 seconds.
const BEFORE: Duration = Duration::from_secs(18);

/// A link of 30 KB a second.
fn slow_link() -> (DuplexStream, DuplexStream) {
    let (near, near_end) = tokio::io::duplex(BUFFERED);
    let (far, far_end) = tokio::io::duplex(BUFFERED);
    let (from_near, to_near) = tokio::io::split(near_end);
    let (from_far, to_far) = tokio::io::split(far_end);
    tokio::spawn(carry(from_near, to_far));
    tokio::spawn(carry(from_far, to_near));
    (near, far)
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut buffer = [0; 3000];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        sleep(Duration::from_millis(100)).await;
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// A WebSocket over such a link, with the pings of HTTP/2 alone.
async fn connected() -> (WebSocketListener, WebSocket, Opened) {
    let listener = WebSocketListener::builder()
        .options(Options::new().ping_mode(PingMode::Manual))
        .http2(Http2Options::new().stream_window(WINDOW).connection_window(WINDOW))
        .unbound();
    let (near, far) = slow_link();
    listener.negotiate(AnyStream::new(far), PeerName::unknown());
    let mut builder = h2::client::Builder::new();
    builder.initial_window_size(WINDOW).initial_connection_window_size(WINDOW);
    let (requests, connection) = builder.handshake::<_, Bytes>(near).await.expect("HTTP/2");
    tokio::spawn(connection);
    let mut requests = requests.ready().await.expect("it lives");
    while !requests.is_extended_connect_protocol_enabled() {
        sleep(Duration::from_millis(10)).await;
    }
    let request = websocket("/").body(()).unwrap();
    let (response, sending) = requests.send_request(request, false).expect("it lives");
    let (response, receiving) = response.await.expect("an answer").into_parts();
    let response = http::Response::from_parts(response, ());
    let socket = listener.accept().await.expect("not shut down");
    (listener, socket, Opened { response, sending, receiving })
}

/// The ping waits behind the message, and its answer comes 35 seconds later.
#[test]
fn a_peer_that_still_takes_a_message_is_not_given_up() {
    in_virtual_time(async {
        let (_listener, mut socket, mut opened) = connected().await;
        sleep(BEFORE).await;
        socket.send_binary(&vec![7; MESSAGE]).await.unwrap();
        let mut taken = 0;
        while taken < MESSAGE {
            let chunk = opened.receiving.data().await.expect("more").expect("the connection lives");
            opened.receiving.flow_control().release_capacity(chunk.len()).unwrap();
            taken += chunk.len();
        }
        socket.send_text("and more").await.unwrap();
        opened.receiving.data().await.expect("more").expect("the connection lives");
    });
}

/// The answer to the ping waits behind the message.
#[test]
fn a_peer_whose_message_still_comes_is_not_given_up() {
    in_virtual_time(async {
        let (_listener, mut socket, mut opened) = connected().await;
        sleep(BEFORE).await;
        let frame = binary(vec![7; MESSAGE]).to(Side::Server).bytes();
        let sending = send(&mut opened.sending, frame.into(), false);
        let (sent, message) = tokio::join!(sending, socket.recv());
        sent.unwrap();
        assert_eq!(message.unwrap().unwrap().as_bytes().len(), MESSAGE);
    });
}
