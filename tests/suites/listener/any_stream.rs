//! The server's side over a stream that was accepted elsewhere: [`WebSocketAcceptor::accept`].

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::client::Client;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, HttpConnection, Request, Response};
use websocket_listener::{
    AcceptError, ListenerBuilder, Message, Options, WebSocketAcceptor, WebSocketListener,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use crate::fitful::Fitful;
use crate::support::{MemoryPeer, in_real_time, in_virtual_time, over};
use crate::targets::Raw;

fn peer_of(builder: ListenerBuilder) -> (MemoryPeer, impl Future<Output = Option<AcceptError>>) {
    let (near, far) = tokio::io::duplex(512);
    (Peer::new(Raw(near)), async move { builder.acceptor().accept(far).await.err() })
}

async fn refused(builder: ListenerBuilder, text: &str, status: u16) -> AcceptError {
    let (mut peer, accepting) = peer_of(builder);
    let asking = async {
        peer.send(text).await;
        peer.refused(status).await;
    };
    let (error, ()) = tokio::join!(accepting, asking);
    error.expect("refused")
}

#[test]
fn both_a_refused_peer_and_the_caller_are_told() {
    in_virtual_time(async {
        let status = |status| AcceptError::Refused { status };
        let builder = WebSocketListener::builder;
        assert_eq!(refused(builder(), "bad\r\n\r\n", 400).await, status(400));
        let text = request().line("PUT / HTTP/1.1").text();
        assert_eq!(refused(builder(), &text, 405).await, status(405));
        let text = request().with("Sec-WebSocket-Version", "0").text();
        assert_eq!(refused(builder(), &text, 426).await, status(426));
        let small = builder().max_request_bytes(100);
        assert_eq!(refused(small, &request().text(), 431).await, status(431));
        let few = builder().max_request_headers(4);
        assert_eq!(refused(few, &request().text(), 431).await, status(431));
        let forbidding = builder().on_request(|_| async {
            let why = Response::new(Status::FORBIDDEN).header("Content-Type", "text/plain");
            why.map(|why| why.body("members only"))
        });
        assert_eq!(refused(forbidding, &request().text(), 403).await, status(403));
        assert_eq!(status(403).to_string(), "the peer was refused with status 403");
    });
}

#[test]
fn the_deadline_covers_the_request_and_the_application() {
    in_virtual_time(async {
        let limit = Duration::from_secs(3);
        for start in ["", "GET / HTTP/1.1\r\n"] {
            let begun = tokio::time::Instant::now();
            let builder = WebSocketListener::builder().handshake_timeout(limit);
            assert_eq!(refused(builder, start, 408).await, AcceptError::TimedOut);
            assert!((limit..limit + Duration::from_secs(3)).contains(&begun.elapsed()));
        }
        let builder = WebSocketListener::builder()
            .handshake_timeout(limit)
            .on_request(|_| std::future::pending::<Answer>());
        assert_eq!(refused(builder, &request().text(), 408).await, AcceptError::TimedOut);
    });
}

#[test]
fn a_stream_that_ends_gives_disconnected() {
    in_virtual_time(async {
        for start in ["", "GET", &request().text()[..60]] {
            let (mut peer, accepting) = peer_of(WebSocketListener::builder());
            peer.send(start).await;
            peer.vanish();
            assert_eq!(accepting.await, Some(AcceptError::Disconnected));
        }
    });
}

#[test]
fn a_takeover_by_the_application_runs_to_its_end() {
    in_virtual_time(async {
        let builder = WebSocketListener::builder().on_request(|_| async {
            Answer::take_over(|mut http: HttpConnection| async move {
                let mut body = [0; 5];
                http.read_exact(&mut body).await.unwrap();
                assert_eq!(http.peer_addr(), None);
                tokio::time::sleep(Duration::from_secs(60)).await;
                http.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").await.unwrap();
                http.write_all(&body).await.unwrap();
                http.shutdown().await.unwrap();
            })
        });
        let (mut peer, accepting) = peer_of(builder);
        let asking = async {
            peer.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").await;
            assert_eq!(peer.response().await.body, "hello");
            peer.ended().await;
        };
        let (error, ()) = tokio::join!(accepting, asking);
        assert_eq!(error, Some(AcceptError::TakenOver));
    });
}

#[test]
fn an_accept_dropped_midway_leaves_nothing_behind() {
    in_virtual_time(async {
        for polls in 0..60 {
            let (near, far) = tokio::io::duplex(512);
            let builder = WebSocketListener::builder();
            let accepting = builder.acceptor().accept(Fitful::new(far, 7));
            let mut peer = Peer::new(Raw(near));
            let text = request().text();
            let ((), accepted) =
                tokio::join!(peer.send(text), websocket_listener_tests::polled(polls, accepting));
            if accepted.is_none() {
                let rest = peer.rest().await;
                let whole = b"HTTP/1.1 101 Switching Protocols\r\n";
                let length = whole.len().min(rest.len());
                assert_eq!(rest[..length], whole[..length]);
            }
        }
    });
}

#[test]
fn the_options_come_from_the_builder() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(512);
        let builder = WebSocketListener::builder()
            .subprotocols(["b", "a"])
            .options(Options::new().max_message_bytes(3));
        let connecting = Client::new().subprotocols(["a", "b"]);
        let (server, client) = tokio::join!(
            builder.acceptor().accept(far),
            connecting.connect_over(near, "ws://example.com/path?query")
        );
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        assert_eq!((server.subprotocol(), client.subprotocol()), (Some("b"), Some("b")));
        let request: &Request = server.request().unwrap();
        assert_eq!((request.path(), request.query()), ("/path", Some("query")));
        assert_eq!(request.header_str("Host"), Some("example.com"));
        assert!(client.request().is_none());
        assert_eq!((server.peer_addr(), client.peer_addr()), (None, None));
        client.send_text("abc").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("abc")));
        let (error, sent) = tokio::join!(server.recv(), async {
            client.send_text("abcd").await.unwrap();
            client.recv().await
        });
        assert!(error.is_err());
        assert_eq!(sent.unwrap(), None);
        assert_eq!(client.close_reason().unwrap().code.as_u16(), 1009);
    });
}

/// Not even the refusal can be written.
#[test]
fn a_peer_that_reads_nothing_is_given_up() {
    in_virtual_time(async {
        for text in [request().text(), "bad\r\n\r\n".to_owned(), "GET".to_owned()] {
            let (near, far) = tokio::io::duplex(5);
            let mut peer = Peer::new(Raw(near));
            let builder = WebSocketListener::builder();
            let accepting = builder.acceptor().accept(far);
            let start = tokio::time::Instant::now();
            let (accepted, _) = tokio::join!(accepting, peer.send_deaf(text.as_bytes()));
            assert!(accepted.is_err());
            assert!(start.elapsed() <= Duration::from_secs(8));
        }
    });
}

/// Any stream that reads and writes will do, such as a Unix socket.
#[cfg(unix)]
#[test]
fn a_unix_socket_will_do() {
    in_real_time(async {
        let (near, far) = tokio::net::UnixStream::pair().unwrap();
        let (mut server, mut client) = over(Options::new(), far, near).await;
        let echoing = async {
            while let Some(message) = server.recv().await.unwrap() {
                server.feed(message).await.unwrap();
            }
        };
        let asking = async {
            client.send_binary(&[7; 100_000]).await.unwrap();
            assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [7; 100_000]);
            client.close(websocket_listener::CloseCode::NORMAL, "").await.unwrap();
            drop(client);
        };
        tokio::join!(echoing, asking);
    });
}

#[test]
fn the_futures_can_be_spawned_on_several_threads() {
    fn assert_send(_: impl Send) {}
    let builder = WebSocketListener::builder();
    let (near, far) = tokio::io::duplex(1);
    assert_send(builder.acceptor().accept(far));
    assert_send(Client::new().connect_over(near, "ws://a/"));
    fn assert_both<T: Send + Sync>() {}
    assert_both::<websocket_listener::WebSocket>();
    assert_both::<WebSocketListener>();
    assert_both::<HttpConnection>();
    assert_both::<ListenerBuilder>();
    assert_both::<WebSocketAcceptor>();
}
