//! Limits on the number of connections, requests and messages.

use std::time::Duration;

use websocket_listener::proxy::{ForwardedHeader, TrustedPeers};
use websocket_listener::{
    CloseCode, Error, ListenerBuilder, Message, Options, ProtocolError, WebSocketListener,
};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, text};

use crate::support::{
    TcpPeer, accept, connect, in_real_time, in_virtual_time, pair_with, until, with_raw_peer,
};

async fn listening(builder: ListenerBuilder) -> WebSocketListener {
    builder.bind("127.0.0.1:0").await.expect("a free port")
}

/// Asks for a WebSocket on behalf of a client, and returns the status and when to come again.
async fn ask(listener: &WebSocketListener, client: &str) -> (TcpPeer, u16, Option<String>) {
    let mut peer = connect(listener).await;
    peer.send(request().with("X-Forwarded-For", client).text()).await;
    let response = peer.response().await;
    let again = response.header("Retry-After").map(str::to_owned);
    (peer, response.status, again)
}

fn behind_a_proxy() -> ListenerBuilder {
    let trusted = TrustedPeers::new(["127.0.0.1"]).unwrap();
    WebSocketListener::builder().forwarded(ForwardedHeader::XForwardedFor, trusted)
}

#[test]
fn a_connection_over_the_limit_gets_503_until_another_has_ended() {
    in_real_time(async {
        let listener = listening(WebSocketListener::builder().max_connections(2)).await;
        let (first, _) = accept(&listener).await;
        let (mut second, client) = accept(&listener).await;
        let (_, status, again) = ask(&listener, "192.0.2.1").await;
        assert_eq!((status, again.as_deref()), (503, Some("1")));
        assert_eq!(listener.counters().refused.overloaded, 1);
        // It has ended, though it is kept.
        drop(client);
        assert!(second.recv().await.is_err());
        let (third, _) = accept(&listener).await;
        assert_eq!(ask(&listener, "192.0.2.1").await.1, 503);
        drop((first, third));
        accept(&listener).await;
    });
}

#[test]
fn a_connection_over_the_limit_of_its_address_gets_429_and_others_are_let_in() {
    in_real_time(async {
        let listener = listening(behind_a_proxy().max_connections_per_address(2)).await;
        let mut kept = Vec::new();
        for (client, expected) in [
            ("192.0.2.1", 101),
            ("192.0.2.1", 101),
            ("192.0.2.1", 429),
            ("192.0.2.2", 101),
            ("2001:db8::1", 101),
            ("2001:db8::2", 101),
            ("2001:db8::3", 429),
            ("2001:db8:0:1::1", 101),
        ] {
            let (peer, status, again) = ask(&listener, client).await;
            assert_eq!((status, again.is_some()), (expected, expected == 429), "{client}");
            kept.push(peer);
        }
        assert_eq!(listener.counters().refused.by_address, 2);
        drop(listener.accept().await);
        until(|| listener.counters().open == 5).await;
        assert_eq!(ask(&listener, "192.0.2.1").await.1, 101);
    });
}

#[test]
fn requests_over_the_rate_of_an_address_get_429() {
    in_real_time(async {
        let listener = listening(behind_a_proxy().max_requests_per_second(2)).await;
        let mut refused = 0;
        for _ in 0..40 {
            let (_, status, _) = ask(&listener, "192.0.2.1").await;
            refused += u64::from(status == 429);
        }
        assert!(refused > 0, "40 in less than 20 seconds");
        assert_eq!(ask(&listener, "192.0.2.2").await.1, 101, "others have nothing to do with it");
        assert_eq!(listener.counters().refused.by_address, refused);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(ask(&listener, "192.0.2.1").await.1, 101);
    });
}

#[test]
fn peers_of_unix_sockets_are_not_limited_by_address() {
    #[cfg(unix)]
    in_real_time(async {
        let path = std::env::temp_dir().join(format!("limits-{}.socket", std::process::id()));
        let builder = WebSocketListener::builder().max_connections_per_address(1);
        let listener = builder.bind(format!("unix:{}", path.display())).await.unwrap();
        let mut kept = Vec::new();
        for _ in 0..3 {
            let client = websocket_listener::client::Client::new();
            let (server, client) =
                tokio::join!(listener.accept(), client.connect_unix(&path, "ws://localhost/"));
            kept.push((server.unwrap(), client.unwrap()));
        }
    });
}

#[test]
fn messages_over_the_rate_are_refused_with_1008() {
    in_virtual_time(async {
        let options = Options::new().max_messages_per_second(5);
        let (mut server, mut peer) = with_raw_peer(options).await;
        for round in 0..3 {
            for _ in 0..5 {
                peer.send_frame(text("x")).await;
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("x")), "{round}");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        for _ in 0..5 {
            peer.send_frame(text("x")).await;
            server.recv().await.unwrap();
        }
        peer.send(text("one more").to(Side::Server).bytes()).await;
        let hearing = async {
            let (code, reason) = peer.close_frame().await;
            assert_eq!((code, &*reason), (CloseCode::POLICY_VIOLATION, "too many messages"));
            peer.vanish();
        };
        let (ended, ()) = tokio::join!(server.recv(), hearing);
        let error = ended.unwrap_err();
        assert!(matches!(error, Error::Protocol(ProtocolError::TooManyMessages)), "{error}");
    });
}

#[test]
fn fragments_and_control_frames_do_not_count_as_messages() {
    in_virtual_time(async {
        let options = Options::new().max_messages_per_second(1);
        let (mut server, mut client) = pair_with(options, 1 << 20).await;
        client.ping(b"one").await.unwrap();
        client.ping(b"two").await.unwrap();
        client.send_binary(&[0; 100_000]).await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_bytes().len(), 100_000);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let sending = async {
            let mut writer = client.message_writer(websocket_listener::MessageKind::Binary);
            for _ in 0..10 {
                tokio::io::AsyncWriteExt::write_all(&mut writer, b"part").await.unwrap();
                tokio::io::AsyncWriteExt::flush(&mut writer).await.unwrap();
            }
            writer.finish().await.unwrap();
        };
        let (message, ()) = tokio::join!(server.recv(), sending);
        assert_eq!(message.unwrap().unwrap().as_bytes().len(), 40);
    });
}
