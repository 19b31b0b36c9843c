//! Choosing a subprotocol (RFC 6455 section 4.2.2 item 5.5).

use websocket_listener::{Answer, Builder, Client, WebSocketListener};

use crate::support::in_virtual_time;

/// What the two ends agree on.
async fn agreed(builder: Builder, offered: &[&str]) -> Option<String> {
    let (near, far) = tokio::io::duplex(4096);
    let client = Client::new("localhost", "/").subprotocols(offered.iter().copied());
    let (server, client) = tokio::join!(builder.accept(far), client.connect(near));
    let (server, client) = (server.unwrap(), client.unwrap());
    assert_eq!(server.subprotocol(), client.subprotocol());
    client.subprotocol().map(str::to_owned)
}

fn chosen_by_hook(subprotocol: &'static str) -> Builder {
    WebSocketListener::builder()
        .subprotocols(["list"])
        .on_request(move |_| async move { Answer::accept().subprotocol(subprotocol) })
}

#[test]
fn the_first_of_the_listener_that_was_offered_is_chosen() {
    in_virtual_time(async {
        let builder = || WebSocketListener::builder().subprotocols(["v2", "v1"]);
        assert_eq!(agreed(builder(), &["v1", "v2"]).await.as_deref(), Some("v2"));
        assert_eq!(agreed(builder(), &["v1"]).await.as_deref(), Some("v1"));
        assert_eq!(agreed(builder(), &["v0", "v1"]).await.as_deref(), Some("v1"));
    });
}

#[test]
fn what_was_not_offered_is_never_answered() {
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
