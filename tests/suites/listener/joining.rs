//! Streams accepted elsewhere and given to a listener: bounded, counted and shut down as its own.

use std::time::Duration;

use http::Request as HttpRequest;
use tokio::io::DuplexStream;
use tokio::net::{TcpListener, TcpStream};
use websocket_listener::Message;
use websocket_listener::client::Client;
use websocket_listener::endpoint::Transport;
use websocket_listener::endpoint::{AnyStream, PeerName};
use websocket_listener::http::Answer;
use websocket_listener::http::Status;
use websocket_listener::http::{HttpUpgrade, Response};
use websocket_listener::proxy::ForwardedHeader;
use websocket_listener::proxy::TrustedPeers;
use websocket_listener::{CloseCode, Initiator, WebSocket, WebSocketListener};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::support::{MemoryPeer, Socket, accept, in_real_time, in_virtual_time};
use crate::targets::Raw;

const LONG: Duration = Duration::from_secs(30);

fn address(text: &str) -> PeerName {
    PeerName::from(text.parse::<std::net::SocketAddr>().unwrap())
}

/// A peer of raw bytes whose stream is given to the listener.
fn join(listener: &WebSocketListener, name: PeerName) -> MemoryPeer {
    let (near, far) = tokio::io::duplex(4096);
    listener.negotiate(AnyStream::new(far), name);
    Peer::new(Raw(near))
}

/// A client whose stream is given to the listener.
async fn connected(listener: &WebSocketListener) -> (WebSocket, Socket) {
    let (near, far) = tokio::io::duplex(4096);
    listener.negotiate(AnyStream::new(far), PeerName::unknown());
    let client = Client::new();
    let (server, client) =
        tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
    (server.expect("not shut down"), client.expect("a good listener"))
}

async fn is_told_1001(client: &mut WebSocket<DuplexStream>) {
    assert_eq!(client.recv().await.unwrap(), None);
    let reason = client.close_reason().unwrap();
    assert_eq!((reason.code, reason.initiator), (CloseCode::GOING_AWAY, Initiator::Peer));
}

#[test]
fn a_stream_that_is_given_comes_out_of_accept_and_is_counted() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder().unbound();
        assert_eq!(listener.local_endpoints().len(), 0);
        let (mut server, mut client) = connected(&listener).await;
        client.send_text("hello").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
        assert_eq!((listener.counters().accepted, listener.counters().open), (1, 1));
        drop(server);
        let counters = listener.counters();
        assert_eq!((counters.open, counters.closed.dropped), (0, 1));
        assert_eq!(counters.messages_received, 1);
    });
}

#[test]
fn a_given_tcp_stream_stays_a_tcp_stream() {
    in_real_time(async {
        let listener = crate::support::listener().await;
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(other.local_addr().unwrap()).await.unwrap();
        let (far, peer_addr) = other.accept().await.unwrap();
        listener.negotiate(far, PeerName::from(peer_addr));
        let client = Client::new();
        let (server, client) =
            tokio::join!(listener.accept(), client.connect_over(near, "ws://localhost/"));
        let (server, _client) = (server.unwrap(), client.unwrap());
        assert!(matches!(server.stream(), Transport::Tcp(_)));
        assert_eq!(server.peer_addr(), Some(peer_addr));
        assert_eq!(server.local_addr().unwrap(), other.local_addr().unwrap());
        accept(&listener).await;
        assert_eq!(listener.counters().accepted, 2);
    });
}

#[test]
fn the_bounds_and_the_deadline_are_the_listeners() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder()
            .max_connections(2)
            .max_connections_per_address(1)
            .handshake_timeout(Duration::from_secs(3))
            .unbound();
        let mut first = join(&listener, address("192.0.2.1:1"));
        first.send(request().text()).await;
        first.upgraded().await;
        let mut same_address = join(&listener, address("192.0.2.1:2"));
        same_address.send(request().text()).await;
        same_address.refused(429).await;
        let mut second = join(&listener, address("192.0.2.2:1"));
        second.send(request().text()).await;
        second.upgraded().await;
        let mut third = join(&listener, address("192.0.2.3:1"));
        third.send(request().text()).await;
        third.refused(503).await;
        let mut silent = join(&listener, PeerName::unknown());
        silent.refused(408).await;
        let mut bad = join(&listener, PeerName::unknown());
        bad.send("bad\r\n\r\n").await;
        bad.refused(400).await;
        let counters = listener.counters();
        let refused = counters.refused;
        assert_eq!((refused.by_address, refused.overloaded), (1, 1));
        assert_eq!((refused.timed_out, refused.malformed), (1, 1));
        assert_eq!((counters.accepted, counters.open), (2, 2));
    });
}

#[test]
fn the_oldest_of_too_many_opening_handshakes_gives_way() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder().max_negotiations(2).unbound();
        let mut silent: Vec<_> = (0..2).map(|_| join(&listener, PeerName::unknown())).collect();
        connected(&listener).await;
        silent[0].refused(503).await;
        assert_eq!(listener.counters().refused.overloaded, 1);
    });
}

#[test]
fn a_shutdown_tells_given_streams_1001_and_later_ones_503() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder().unbound();
        let (mut server, mut client) = connected(&listener).await;
        let (ended, heard, ()) =
            tokio::join!(listener.shutdown(LONG), server.recv(), is_told_1001(&mut client));
        assert_eq!(heard.unwrap(), None);
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        let mut late = join(&listener, PeerName::unknown());
        late.refused(503).await;
        assert!(listener.accept().await.is_none());
        assert_eq!(listener.counters().refused.shutting_down, 1);
    });
}

#[test]
fn the_application_may_take_over_a_given_stream() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder()
            .on_request(|request: websocket_listener::http::Request| async move {
                assert_eq!(request.peer_name(), Some("a pipe"));
                Answer::take_over(|http| async move {
                    http.respond(Response::new(Status::OK).body("page")).await.unwrap();
                })
            })
            .unbound();
        let mut peer = join(&listener, PeerName::described("a pipe"));
        peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.body, "page");
        assert_eq!(listener.counters().taken_over, 1);
    });
}

/// A request that another HTTP server has read.
fn asked() -> http::request::Builder {
    HttpRequest::get("/chat")
        .header("Host", "localhost")
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

fn upgrade(listener: &WebSocketListener, peer: PeerName) -> Result<HttpUpgrade, Response> {
    listener.upgrade(&asked().body(()).unwrap(), peer)
}

fn status(refused: Result<HttpUpgrade, Response>) -> u16 {
    refused.map(drop).unwrap_err().into_http().status().as_u16()
}

/// The server's end, and a peer of raw bytes that has seen the response.
fn upgraded(agreed: HttpUpgrade) -> (Socket, MemoryPeer) {
    let (near, far) = tokio::io::duplex(4096);
    (WebSocket::from_upgraded(far, agreed), Peer::new(Raw(near)))
}

#[test]
fn streams_upgraded_by_another_server_are_counted_and_told_1001() {
    in_virtual_time(async {
        let listener = WebSocketListener::builder().unbound();
        let agreed = upgrade(&listener, PeerName::unknown()).unwrap();
        assert_eq!(agreed.response::<()>().status(), 101);
        assert_eq!(listener.counters().open, 0, "it may still come to nothing");
        let (mut server, mut peer) = upgraded(agreed);
        assert_eq!((listener.counters().accepted, listener.counters().open), (1, 1));
        let hearing = async {
            assert_eq!(peer.close_frame().await.0, CloseCode::GOING_AWAY);
            peer.send_frame(websocket_listener_tests::close(CloseCode::GOING_AWAY, "")).await;
            peer.vanish();
        };
        let (ended, heard, ()) = tokio::join!(listener.shutdown(LONG), server.recv(), hearing);
        assert_eq!(heard.unwrap(), None);
        assert_eq!((ended.closed, ended.aborted), (1, 0));
        assert_eq!(status(upgrade(&listener, PeerName::unknown())), 503);
        let counters = listener.counters();
        assert_eq!((counters.open, counters.closed.clean), (0, 1));
        assert_eq!(counters.refused.shutting_down, 1);
    });
}

#[test]
fn streams_upgraded_by_another_server_count_against_the_limits() {
    in_virtual_time(async {
        let proxies = TrustedPeers::new(["10.0.0.1"]).unwrap();
        let listener = WebSocketListener::builder()
            .max_connections(2)
            .max_connections_per_address(1)
            .forwarded(ForwardedHeader::XForwardedFor, proxies)
            .unbound();
        let first = upgrade(&listener, address("192.0.2.1:1")).unwrap();
        assert_eq!(first.request().client_addr().unwrap().ip().to_string(), "192.0.2.1");
        assert_eq!(status(upgrade(&listener, address("192.0.2.1:2"))), 429);
        let behind = asked().header("X-Forwarded-For", "192.0.2.1").body(()).unwrap();
        assert_eq!(status(listener.upgrade(&behind, address("10.0.0.1:1"))), 429);
        let second = upgraded(upgrade(&listener, address("192.0.2.2:1")).unwrap());
        assert_eq!(status(upgrade(&listener, PeerName::unknown())), 503);
        // An upgrade that comes to nothing, and a connection that ends, leave their places.
        drop(first);
        let third = upgrade(&listener, address("192.0.2.1:3")).unwrap();
        assert_eq!(status(upgrade(&listener, PeerName::unknown())), 503);
        drop(second);
        drop(upgrade(&listener, PeerName::unknown()).unwrap());
        drop(third);
        let plain = HttpRequest::get("/").header("Host", "a").body(()).unwrap();
        assert_eq!(status(listener.upgrade(&plain, PeerName::unknown())), 400);
        let refused = listener.counters().refused;
        assert_eq!((refused.by_address, refused.overloaded, refused.malformed), (2, 2, 1));
    });
}
