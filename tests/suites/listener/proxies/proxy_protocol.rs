//! The PROXY protocol, versions 1 and 2.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use websocket_listener::client::Client;
use websocket_listener::endpoint::{Endpoint, PeerName, StreamListener};
use websocket_listener::proxy::{ProxyProtocol, TrustedPeers};
use websocket_listener::tls::rustls::pki_types::ServerName;
use websocket_listener::{ListenerBuilder, WebSocketListener};
use websocket_listener_tests::Authority;
use websocket_listener_tests::request::request;

use crate::certificates::{client_config, server_tls};
use crate::support::{connect, in_real_time, in_virtual_time, until};

const VERSION_1: &[u8] = b"PROXY TCP4 192.0.2.1 198.51.100.2 56789 443\r\n";
const VERSION_2: &[u8] =
    b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\xdd\xd5\x01\xbb";

fn told() -> Option<SocketAddr> {
    Some("192.0.2.1:56789".parse().unwrap())
}

fn trusting(networks: &[&str]) -> ProxyProtocol {
    ProxyProtocol::required(TrustedPeers::new(networks).unwrap())
}

fn builder(protocol: ProxyProtocol) -> ListenerBuilder {
    WebSocketListener::builder().proxy_protocol(protocol)
}

#[test]
fn the_proxy_names_the_client_and_is_itself_the_peer() {
    in_real_time(async {
        let listener = builder(trusting(&["127.0.0.0/8"])).bind("127.0.0.1:0").await.unwrap();
        for header in [VERSION_1, VERSION_2] {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let proxy = stream.local_addr().ok();
            stream.write_all(header).await.unwrap();
            let client = Client::new();
            let connecting = client.connect_over(stream, "ws://localhost/");
            let (server, client) = tokio::join!(listener.accept(), connecting);
            let (server, _client) = (server.unwrap(), client.unwrap());
            assert_eq!((server.peer_addr(), server.client_addr()), (proxy, told()));
            let request = server.request().unwrap();
            assert_eq!((request.peer_addr(), request.client_addr()), (proxy, told()));
        }
    });
}

/// A proxy's own health check.
#[test]
fn a_proxy_that_comes_for_itself_is_the_client() {
    in_real_time(async {
        let listener = builder(trusting(&["127.0.0.1"])).bind("127.0.0.1:0").await.unwrap();
        for header in [&b"PROXY UNKNOWN\r\n"[..], b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"] {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            stream.write_all(header).await.unwrap();
            let client = Client::new();
            let connecting = client.connect_over(stream, "ws://localhost/");
            let (server, client) = tokio::join!(listener.accept(), connecting);
            let (server, _client) = (server.unwrap(), client.unwrap());
            assert!(server.client_addr().is_some());
            assert_eq!(server.client_addr(), server.peer_addr());
        }
    });
}

#[test]
fn the_header_comes_in_front_of_tls() {
    in_real_time(async {
        let authority = Authority::new();
        let listener = builder(trusting(&["127.0.0.1"]))
            .tls(server_tls(&authority.identity("localhost")))
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();
        for header in [VERSION_1, VERSION_2] {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            stream.write_all(header).await.unwrap();
            let connector = TlsConnector::from(std::sync::Arc::new(client_config(&authority, &[])));
            let name = ServerName::try_from("localhost").unwrap();
            let stream = connector.connect(name, stream).await.unwrap();
            let client = Client::new();
            let connecting = client.connect_over(stream, "ws://localhost/");
            let (server, client) = tokio::join!(listener.accept(), connecting);
            let (server, _client) = (server.unwrap(), client.unwrap());
            assert_eq!(server.client_addr(), told());
        }
    });
}

#[test]
fn a_trusted_peer_without_a_required_header_is_refused() {
    in_real_time(async {
        let listener = builder(trusting(&["127.0.0.1"])).bind("127.0.0.1:0").await.unwrap();
        for text in [
            request().text().as_str(),
            "PROXY TCP4 nonsense, and more of it\r\n",
            "\r\n\r\n\0\r\nQUIX\n!!!",
        ] {
            let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(answer.is_empty(), "what lies behind a proxy may not even be HTTP");
        }
        until(|| listener.counters().refused.proxy_header == 3).await;
    });
}

/// Any client could claim to be a proxy.
#[test]
fn a_header_from_a_stranger_is_malformed_http() {
    in_real_time(async {
        let listener = builder(trusting(&["192.0.2.0/24"])).bind("127.0.0.1:0").await.unwrap();
        let mut stranger = connect(&listener).await;
        stranger.send([VERSION_1, request().text().as_bytes()].concat()).await;
        // What HTTP makes of it: a version that is none.
        stranger.refused(505).await;
        let mut honest = connect(&listener).await;
        honest.send(request().text()).await;
        honest.upgraded().await;
        let server = listener.accept().await.unwrap();
        assert!(server.peer_addr().is_some());
        assert_eq!(server.client_addr(), server.peer_addr());
    });
}

#[test]
fn an_optional_header_may_be_left_out() {
    in_real_time(async {
        let protocol = ProxyProtocol::optional(TrustedPeers::new(["127.0.0.1"]).unwrap());
        let listener = builder(protocol).bind("127.0.0.1:0").await.unwrap();
        for (header, client) in [(VERSION_1, told()), (VERSION_2, told()), (&[][..], None)] {
            let mut peer = connect(&listener).await;
            peer.send([header, request().text().as_bytes()].concat()).await;
            peer.upgraded().await;
            let server = listener.accept().await.unwrap();
            assert_eq!(server.client_addr(), client.or(server.peer_addr()));
        }
        let mut plain = connect(&listener).await;
        plain.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(plain.response().await.status, 405, "it begins with P, too");
    });
}

/// Sent byte by byte, the input resembles a header for longer.
#[test]
fn input_that_only_resembles_an_optional_header_is_http_from_its_first_byte() {
    in_real_time(async {
        let protocol = ProxyProtocol::optional(TrustedPeers::new(["127.0.0.1"]).unwrap());
        let listener = builder(protocol).bind("127.0.0.1:0").await.unwrap();
        for (head, status) in [
            ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("PROXYING / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ] {
            let mut peer = connect(&listener).await;
            for byte in head.bytes() {
                peer.send([byte]).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            assert_eq!(peer.response().await.status, status, "{head}");
        }
        assert_eq!(listener.counters().refused.proxy_header, 0);
    });
}

#[test]
fn a_header_that_does_not_come_ends_at_the_handshakes_deadline() {
    in_real_time(async {
        let listener = builder(trusting(&["127.0.0.1"]))
            .handshake_timeout(Duration::from_millis(300))
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        stream.write_all(b"PROXY TCP4 192.0").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
        until(|| listener.counters().refused.timed_out == 1).await;
    });
}

/// Streams that were connected before, from a proxy.
struct Proxied(VecDeque<DuplexStream>);

impl StreamListener for Proxied {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> io::Result<(DuplexStream, PeerName)> {
        match self.0.pop_front() {
            Some(stream) => Ok((stream, SocketAddr::from(([10, 0, 0, 1], 1)).into())),
            None => std::future::pending().await,
        }
    }

    fn local_endpoint(&self) -> String {
        "memory:".to_owned()
    }
}

fn headers() -> impl Strategy<Value = (Vec<u8>, SocketAddr)> {
    let v4 = any::<(u32, u16)>()
        .prop_map(|(ip, port)| SocketAddr::new(std::net::Ipv4Addr::from_bits(ip).into(), port));
    let v6 = any::<(u128, u16)>()
        .prop_map(|(ip, port)| SocketAddr::new(std::net::Ipv6Addr::from_bits(ip).into(), port));
    let more = proptest::collection::vec(any::<u8>(), 0..300);
    (prop_oneof![v4, v6], more, any::<bool>()).prop_map(|(client, more, first)| {
        let (ip, port) = (client.ip(), client.port());
        let header = if first {
            let family = if ip.is_ipv4() { "TCP4" } else { "TCP6" };
            format!("PROXY {family} {ip} {ip} {port} {port}\r\n").into_bytes()
        } else {
            let (family, octets) = match ip {
                std::net::IpAddr::V4(ip) => (0x11, ip.octets().to_vec()),
                std::net::IpAddr::V6(ip) => (0x21, ip.octets().to_vec()),
            };
            let port = port.to_be_bytes();
            let rest = [&octets[..], &octets, &port, &port, &more].concat();
            let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
            [&b"\r\n\r\n\0\r\nQUIT\n\x21"[..], &[family], &length, &rest].concat()
        };
        (header, client)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Nothing of what follows the header is lost or read as a part of it.
    #[test]
    fn the_client_is_the_same_with_bytes_cut_anywhere(
        (header, client) in headers(),
        cuts in proptest::collection::vec(1..40_usize, 0..20),
    ) {
        in_virtual_time(async {
            let (mut near, far) = tokio::io::duplex(4096);
            let endpoint = Endpoint::custom(Proxied([far].into()));
            let listener = builder(trusting(&["10.0.0.0/8"])).bind(endpoint).await.unwrap();
            let bytes = [&header[..], request().text().as_bytes()].concat();
            let writing = async {
                let mut rest = &bytes[..];
                for cut in cuts {
                    let (piece, behind) = rest.split_at(cut.min(rest.len()));
                    near.write_all(piece).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    rest = behind;
                }
                near.write_all(rest).await.unwrap();
            };
            let (server, ()) = tokio::join!(listener.accept(), writing);
            assert_eq!(server.unwrap().client_addr(), Some(client));
        });
    }
}
