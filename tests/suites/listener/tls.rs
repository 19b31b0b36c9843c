//! TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{BindError, Transport};
use websocket_listener::http::{Answer, Request};
use websocket_listener::tls::ServerTls;
use websocket_listener::tls::rustls::crypto::ring;
use websocket_listener::tls::rustls::server::WebPkiClientVerifier;
use websocket_listener::tls::rustls::{ProtocolVersion, ServerConfig};
use websocket_listener::{CloseCode, Error, WebSocketListener};
use websocket_listener_tests::Authority;
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::certificates::{
    chain_and_key, client_config, client_config_as, dial, roots, secure_listener, server_tls,
};
use crate::support::{connect, in_real_time, until};
use crate::targets::Raw;

const URL: &str = "ws://localhost/";

#[test]
fn messages_of_any_size_pass_in_both_directions() {
    in_real_time(async {
        let (listener, authority) = secure_listener().await;
        let endpoint = listener.local_endpoints().next().unwrap();
        assert!(endpoint.is_tls() && endpoint.to_string().starts_with("wss://"), "{endpoint}");
        let stream = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let client = Client::new();
        let (server, client) = tokio::join!(listener.accept(), client.connect_over(stream, URL));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        assert!(matches!(server.stream(), Transport::Tls(_)));
        assert_eq!(server.local_addr().ok(), listener.local_addr().ok());
        let echoing = async {
            while let Some(message) = server.recv().await.unwrap() {
                server.feed(message).await.unwrap();
            }
        };
        let asking = async {
            for length in [0, 1, 125, 126, 16_384, 70_000, 1 << 20] {
                let payload = vec![7; length];
                client.send_binary(&payload).await.unwrap();
                assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), payload);
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        tokio::join!(echoing, asking);
        until(|| listener.counters().closed.clean == 1).await;
    });
}

/// RFC 8446 section 6.1: an end sends an alert, or the connection looks cut.
#[test]
fn a_connection_ends_with_an_alert_of_tls() {
    in_real_time(async {
        let (listener, authority) = secure_listener().await;
        let stream = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let mut peer = Peer::new(Raw(stream));
        peer.send(request().text()).await;
        let mut server = listener.accept().await.unwrap();
        peer.upgraded().await;
        let closing = server.close(CloseCode::NORMAL, "bye");
        let hearing = async {
            peer.send_frame(websocket_listener_tests::close(CloseCode::NORMAL, "")).await;
            // Without the closing alert, reading to the end is an error.
            peer.closed(CloseCode::NORMAL).await;
        };
        let (closed, ()) = tokio::join!(closing, hearing);
        closed.unwrap();
    });
}

#[test]
fn a_connection_that_is_cut_is_disconnected() {
    in_real_time(async {
        let (listener, authority) = secure_listener().await;
        let stream = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let client = Client::new();
        let (server, client) = tokio::join!(listener.accept(), client.connect_over(stream, URL));
        drop(client.unwrap());
        let error = server.unwrap().recv().await.unwrap_err();
        assert!(matches!(error, Error::Disconnected), "{error}");
    });
}

#[test]
fn the_hook_sees_the_name_asked_for_and_the_protocol_agreed_on() {
    in_real_time(async {
        let authority = Authority::new();
        let tls = server_tls(&authority.identity("chat.example"));
        let listener = WebSocketListener::builder()
            .tls(tls)
            .on_request(|request: Request| async move {
                let tls = request.tls().expect("TLS");
                let protocol = tls.alpn_protocol().unwrap_or(b"none").to_vec();
                assert_eq!(tls.version(), Some(ProtocolVersion::TLSv1_3));
                assert!(tls.client_certificates().is_empty());
                Answer::accept()
                    .header("X-Name", tls.server_name().unwrap_or("none"))?
                    .header("X-Protocol", String::from_utf8(protocol).unwrap())
            })
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();
        for (offered, agreed) in [
            (&[][..], "none"),
            (&["http/1.1"][..], "http/1.1"),
            // Without `Builder::http2`, browsers are told to speak HTTP/1.1.
            (&["h2", "http/1.1"][..], "http/1.1"),
        ] {
            let stream =
                dial(&listener, client_config(&authority, offered), "chat.example").await.unwrap();
            let mut peer = Peer::new(Raw(stream));
            peer.send(request().text()).await;
            let response = peer.response().await;
            assert_eq!(response.header("X-Name"), Some("chat.example"));
            assert_eq!(response.header("X-Protocol"), Some(agreed));
        }
        let only_h2 = client_config(&authority, &["h2"]);
        let error = dial(&listener, only_h2, "chat.example").await.unwrap_err();
        assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");
        until(|| listener.counters().refused.tls == 1).await;
    });
}

#[test]
fn a_client_certificate_that_is_asked_for_is_seen_by_the_hook() {
    in_real_time(async {
        let (authority, strangers) = (Authority::new(), Authority::new());
        let identity = authority.identity("localhost");
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots(&authority)),
            provider.clone(),
        );
        let (chain, key) = chain_and_key(&identity);
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(chain, key)
            .unwrap();
        let listener = WebSocketListener::builder()
            .tls(ServerTls::from_config(config))
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();

        let client = authority.identity("alice");
        let stream =
            dial(&listener, client_config_as(&authority, &client), "localhost").await.unwrap();
        let connecting = Client::new();
        let (server, _client) =
            tokio::join!(listener.accept(), connecting.connect_over(stream, URL));
        let server = server.unwrap();
        let tls = server.request().unwrap().tls().unwrap();
        assert_eq!(tls.client_certificates()[0], *client.certificate.der());

        let stranger = strangers.identity("mallory");
        for config in [client_config(&authority, &[]), client_config_as(&authority, &stranger)] {
            // With TLS 1.3 the client hears of it when it reads.
            let alert = match dial(&listener, config, "localhost").await {
                Ok(mut stream) => stream.read_u8().await.unwrap_err(),
                Err(error) => error,
            };
            assert!(alert.to_string().contains("ert"), "{alert}");
        }
        until(|| listener.counters().refused.tls == 2).await;
    });
}

#[test]
fn a_certificate_is_replaced_while_the_listener_runs() {
    in_real_time(async {
        let (old, new) = (Authority::new(), Authority::new());
        let tls = server_tls(&old.identity("localhost"));
        let builder = WebSocketListener::builder().tls(tls.clone());
        let listener = builder.bind("wss://127.0.0.1:0").await.unwrap();
        let stream = dial(&listener, client_config(&old, &[]), "localhost").await.unwrap();
        let client = Client::new();
        let (server, client) = tokio::join!(listener.accept(), client.connect_over(stream, URL));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());

        tls.replace(&server_tls(&new.identity("localhost")));
        dial(&listener, client_config(&old, &[]), "localhost").await.unwrap_err();
        dial(&listener, client_config(&new, &[]), "localhost").await.unwrap();
        client.send("still open").await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("still open"));
    });
}

/// The error that every browser's user has seen once.
#[test]
fn http_on_the_tls_port_gets_400_and_the_reason() {
    in_real_time(async {
        let (listener, _) = secure_listener().await;
        let mut peer = connect(&listener).await;
        peer.send(request().text()).await;
        let response = peer.response().await;
        assert_eq!(response.status, 400);
        assert!(response.body.contains("wss://"), "{}", response.body);
        until(|| listener.counters().refused.tls == 1).await;
    });
}

#[test]
fn input_that_is_neither_http_nor_tls_gets_an_alert() {
    in_real_time(async {
        let (listener, _) = secure_listener().await;
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(b"\0\x01\x02 neither the one nor the other").await.unwrap();
        let mut alert = Vec::new();
        stream.read_to_end(&mut alert).await.unwrap();
        // RFC 8446 section 5.1: content type 21, and section 6: fatal.
        assert_eq!((alert[0], alert[5], alert.len()), (21, 2, 7), "{alert:?}");
        until(|| listener.counters().refused.tls == 1).await;
    });
}

#[test]
fn tls_on_the_plain_port_gets_400_at_once() {
    in_real_time(async {
        let listener = crate::support::listener().await;
        let authority = Authority::new();
        let start = std::time::Instant::now();
        let error = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap_err();
        assert!(matches!(error.kind(), io::ErrorKind::InvalidData), "{error}");
        assert!(start.elapsed() < Duration::from_secs(4), "not at the deadline");
        until(|| listener.counters().refused.malformed == 1).await;
    });
}

#[test]
fn a_peer_that_is_gone_before_the_handshake_is_disconnected() {
    in_real_time(async {
        let (listener, _) = secure_listener().await;
        drop(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        until(|| listener.counters().refused.disconnected == 1).await;
        assert_eq!(listener.counters().refused.tls, 0);
    });
}

/// One deadline over TLS and HTTP.
#[test]
fn one_deadline_covers_tls_and_http() {
    in_real_time(async {
        let authority = Authority::new();
        let listener = WebSocketListener::builder()
            .tls(server_tls(&authority.identity("localhost")))
            .handshake_timeout(Duration::from_millis(1500))
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut halfway = TcpStream::connect(address).await.unwrap();
        halfway.write_all(b"\x16\x03\x01\x02\0\x01").await.unwrap();
        let stream = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let mut mute = Peer::new(Raw(stream));
        let mut nothing = Vec::new();
        silent.read_to_end(&mut nothing).await.unwrap();
        let _ = halfway.read_to_end(&mut nothing).await;
        assert!(nothing.is_empty());
        // Behind TLS there is HTTP to say it in.
        assert_eq!(mute.response().await.status, 408);
        assert_eq!(listener.counters().refused.timed_out, 3);
    });
}

/// The places are bounded, TLS or not.
#[test]
fn a_peer_that_stalls_in_its_tls_handshake_makes_room_for_the_next() {
    in_real_time(async {
        let authority = Authority::new();
        let listener = WebSocketListener::builder()
            .tls(server_tls(&authority.identity("localhost")))
            .max_negotiations(1)
            .handshake_timeout(Duration::from_secs(60))
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();
        let mut stalled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stalled.write_all(b"\x16\x03\x01\x02\0\x01").await.unwrap();
        dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let _ = stalled.read_to_end(&mut Vec::new()).await;
        until(|| listener.counters().refused.overloaded == 1).await;
    });
}

#[test]
fn a_shutdown_ends_tls_handshakes_and_says_1001_over_tls() {
    in_real_time(async {
        let (listener, authority) = secure_listener().await;
        let stream = dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let client = Client::new();
        let (server, client) = tokio::join!(listener.accept(), client.connect_over(stream, URL));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        let mut silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        // Until it is accepted.
        dial(&listener, client_config(&authority, &[]), "localhost").await.unwrap();
        let (counts, end, heard) =
            tokio::join!(listener.shutdown(Duration::from_secs(20)), server.recv(), client.recv());
        assert_eq!((counts.closed, counts.aborted), (1, 0));
        assert_eq!((end.unwrap(), heard.unwrap()), (None, None));
        assert_eq!(client.close_reason().unwrap().code, CloseCode::GOING_AWAY);
        let _ = silent.read_to_end(&mut Vec::new()).await;
    });
}

#[test]
fn an_endpoint_with_tls_needs_a_certificate() {
    in_real_time(async {
        let error = WebSocketListener::bind("wss://127.0.0.1:0").await.unwrap_err();
        assert!(
            matches!(&error, BindError::NoCertificate { endpoint } if endpoint == "wss://127.0.0.1:0")
        );
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    });
}

/// As over plain TCP: for a balancer that speaks TLS with the listener, too.
#[test]
fn a_peer_that_comes_after_the_notice_of_a_shutdown_is_told_503_over_tls() {
    in_real_time(async {
        let (listener, authority) = secure_listener().await;
        listener.begin_shutdown();
        let dialed = dial(&listener, client_config(&authority, &[]), "localhost").await;
        let mut peer = Peer::new(Raw(dialed.expect("TLS is spoken")));
        peer.send(request().text()).await;
        peer.refused(503).await;
        assert_eq!(listener.counters().refused.shutting_down, 1);
    });
}
