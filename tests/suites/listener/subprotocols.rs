//! Choosing a subprotocol (RFC 6455 section 4.2.2 item 5.5).

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use websocket_listener::client::{Client, ConnectError};
use websocket_listener::engine::handshake;
use websocket_listener::engine::handshake::VerifyError;
use websocket_listener::http::Answer;
use websocket_listener::{ListenerBuilder, WebSocketListener};
use websocket_listener_tests::request::request;

use crate::support::{in_virtual_time, peer_of};

/// Returns the subprotocol that the two ends agree on.
async fn agreed(builder: ListenerBuilder, offered: &[&str]) -> Option<String> {
    let (near, far) = tokio::io::duplex(4096);
    let client = Client::new().subprotocols(offered.iter().copied());
    let (server, client) =
        tokio::join!(builder.acceptor().accept(far), client.connect_over(near, "ws://localhost/"));
    let (server, client) = (server.unwrap(), client.unwrap());
    assert_eq!(server.subprotocol(), client.subprotocol());
    client.subprotocol().map(str::to_owned)
}

fn chosen_by_hook(subprotocol: &'static str) -> ListenerBuilder {
    WebSocketListener::builder()
        .subprotocols(["list"])
        .on_request(move |_| async move { Answer::accept().subprotocol(subprotocol) })
}

#[test]
fn the_first_offered_subprotocol_in_the_order_of_the_listener_is_chosen() {
    in_virtual_time(async {
        let builder = || WebSocketListener::builder().subprotocols(["v2", "v1"]);
        assert_eq!(agreed(builder(), &["v1", "v2"]).await.as_deref(), Some("v2"));
        assert_eq!(agreed(builder(), &["v1"]).await.as_deref(), Some("v1"));
        assert_eq!(agreed(builder(), &["v0", "v1"]).await.as_deref(), Some("v1"));
    });
}

#[test]
fn a_subprotocol_that_was_not_offered_is_never_answered() {
    in_virtual_time(async {
        let builder = || WebSocketListener::builder().subprotocols(["v2", "v1"]);
        assert_eq!(agreed(builder(), &[]).await, None);
        assert_eq!(agreed(builder(), &["V1", "v3"]).await, None);
        assert_eq!(agreed(WebSocketListener::builder(), &["v1"]).await, None);
        assert_eq!(agreed(chosen_by_hook("other"), &["list"]).await, None);
        assert_eq!(agreed(chosen_by_hook("bad\r\nX: y"), &["list"]).await, None);
    });
}

#[test]
fn the_hook_chooses_in_place_of_the_list() {
    in_virtual_time(async {
        assert_eq!(agreed(chosen_by_hook("b"), &["list", "b"]).await.as_deref(), Some("b"));
        let undecided = WebSocketListener::builder()
            .subprotocols(["list"])
            .on_request(|_| async { Answer::accept() });
        assert_eq!(agreed(undecided, &["list", "b"]).await.as_deref(), Some("list"));
    });
}

#[test]
fn a_function_chooses_in_place_of_the_list() {
    in_virtual_time(async {
        let newest = || {
            WebSocketListener::builder().subprotocols(["v1"]).select_subprotocol(|request| {
                request.subprotocols().filter(|name| name.starts_with('v')).max().map(Into::into)
            })
        };
        assert_eq!(agreed(newest(), &["v1", "v3", "v2"]).await.as_deref(), Some("v3"));
        assert_eq!(agreed(newest(), &["x"]).await, None);
        let stubborn = WebSocketListener::builder().select_subprotocol(|_| Some("v9".to_owned()));
        assert_eq!(agreed(stubborn, &["v1"]).await, None);
    });
}

#[test]
fn a_client_without_a_required_subprotocol_is_refused_with_400() {
    in_virtual_time(async {
        let builder =
            || WebSocketListener::builder().subprotocols(["v2", "v1"]).require_subprotocol(true);
        assert_eq!(agreed(builder(), &["v0", "v1"]).await.as_deref(), Some("v1"));
        for offered in [&["v3"][..], &[]] {
            let mut peer = peer_of(builder());
            let asked = offered
                .iter()
                .fold(request(), |asked, name| asked.and("Sec-WebSocket-Protocol", name));
            peer.send(asked.text()).await;
            let response = peer.refused(400).await;
            assert!(response.body.contains("Sec-WebSocket-Protocol"), "{response:?}");
            assert_eq!(response.header("Sec-WebSocket-Protocol"), None);
        }
    });
}

/// Section 4.1, item 6 of what a client has to check.
#[test]
fn a_client_fails_a_connection_with_a_subprotocol_that_it_did_not_offer() {
    in_virtual_time(async {
        for answer in ["Sec-WebSocket-Protocol: v2", "Sec-WebSocket-Protocol: v1, v2"] {
            let (near, far) = tokio::io::duplex(4096);
            let client = Client::new().subprotocols(["v1"]);
            let (connected, ()) = tokio::join!(
                client.connect_over(near, "ws://localhost/"),
                answer_with(far, answer)
            );
            let Err(ConnectError::Refused { reason, .. }) = connected else { panic!("accepted") };
            assert_eq!(reason, VerifyError::Subprotocol, "{answer}");
        }
    });
}

/// A server that accepts with a header of its own.
async fn answer_with(mut stream: DuplexStream, header: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let request = handshake::Request::parse(&head[..]).unwrap();
    let accept = request.upgrade().unwrap();
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n{header}\r\n\r\n",
        accept.accept_value(),
    );
    stream.write_all(response.as_bytes()).await.unwrap();
}
