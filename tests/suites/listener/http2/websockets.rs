//! WebSockets over HTTP/2 (RFC 8441): opening, talking, ending.

use std::time::Duration;

use bytes::Bytes;
use h2::Reason;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Http2Options, Request, Response, SetCookie};
use websocket_listener::{
    CloseCode, Error, ListenerBuilder, Message, MessageKind, WebSocket, WebSocketListener,
};
use websocket_listener_tests::{Side, binary, close, text};

use crate::http2::client::{Http2Client, get, send, websocket};
use crate::support::{accept, connect, in_real_time, until};

const LONG: Duration = Duration::from_secs(30);

async fn bound(builder: ListenerBuilder) -> WebSocketListener {
    builder.http2(Http2Options::new()).bind("127.0.0.1:0").await.unwrap()
}

async fn listener() -> WebSocketListener {
    bound(WebSocketListener::builder()).await
}

/// Echoes on every connection that comes.
fn echo(listener: WebSocketListener) -> std::sync::Arc<WebSocketListener> {
    let listener = std::sync::Arc::new(listener);
    let accepting = listener.clone();
    tokio::spawn(async move {
        while let Some(mut socket) = accepting.accept().await {
            tokio::spawn(async move {
                while let Some(message) = socket.recv().await? {
                    socket.feed(message).await?;
                }
                Ok::<_, Error>(())
            });
        }
    });
    listener
}

/// Section 5: 200 and neither key nor accept; subprotocol, cookies and further headers as ever.
#[test]
fn a_websocket_is_opened_by_an_extended_connect() {
    in_real_time(async {
        let builder = WebSocketListener::builder().subprotocols(["v2", "v1"]).on_request(
            |request: Request| async move {
                assert!(request.is_upgrade());
                assert_eq!((request.method(), request.target()), ("GET", "/chat?room=1"));
                assert_eq!(request.header_str("Host"), Some("server.example.com"));
                assert_eq!(request.cookie("b"), Some("2"));
                assert!(request.peer_addr().is_some());
                assert_eq!(request.header("Sec-WebSocket-Key"), None);
                Answer::accept()
                    .cookie(&SetCookie::new("seen", "1").unwrap())
                    .header("X-A", "b")
                    .unwrap()
            },
        );
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let request = websocket("/chat?room=1")
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .header("sec-websocket-protocol", "v1, v2");
        let opened = client.open(request.body(()).unwrap()).await;
        let (response, mut peer) = (opened.response.clone(), opened.into_peer());
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["sec-websocket-protocol"], "v2");
        assert_eq!(response.headers()["set-cookie"], "seen=1");
        assert_eq!(response.headers()["x-a"], "b");
        assert!(!response.headers().contains_key("sec-websocket-accept"));
        assert!(!response.headers().contains_key("upgrade"));

        let mut socket: WebSocket = listener.accept().await.unwrap();
        assert_eq!(socket.subprotocol(), Some("v2"));
        assert_eq!(socket.local_addr().unwrap(), listener.local_addr().unwrap());
        assert!(socket.peer_addr().is_some());
        peer.send_frame(text("hello")).await;
        assert_eq!(socket.recv().await.unwrap(), Some(Message::text("hello")));
        socket.send_text("hi").await.unwrap();
        assert_eq!(peer.frame().await.payload, b"hi");
        assert_eq!(listener.counters().accepted, 1);
    });
}

#[test]
fn many_websockets_share_one_connection() {
    in_real_time(async {
        let listener = echo(listener().await);
        let mut client = Http2Client::connect(&listener).await;
        let mut peers = Vec::new();
        for _ in 0..50 {
            peers.push(client.peer().await);
        }
        assert_eq!(listener.counters().open, 50);
        for (index, peer) in peers.iter_mut().enumerate() {
            peer.send_frame(text(format!("number {index}"))).await;
        }
        for (index, peer) in peers.iter_mut().enumerate().rev() {
            peer.echoed(MessageKind::Text, format!("number {index}").as_bytes()).await;
        }
    });
}

#[test]
fn http_1_is_spoken_on_the_same_port() {
    in_real_time(async {
        let listener = listener().await;
        let mut client = Http2Client::connect(&listener).await;
        let _peer = client.peer().await;
        listener.accept().await.unwrap();
        let (mut server, mut client) = accept(&listener).await;
        client.send_text("one").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("one")));
    });
}

#[test]
fn http2_is_not_spoken_unless_enabled() {
    in_real_time(async {
        let listener = crate::support::listener().await;
        let mut peer = connect(&listener).await;
        peer.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        peer.refused(505).await;
    });
}

/// RFC 9113 section 3.4: a connection begins with the preface, and within the handshake's deadline.
#[test]
fn a_peer_with_a_broken_http2_preface_is_refused_and_counted() {
    in_real_time(async {
        const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        let timeout = Duration::from_millis(300);
        let listener = bound(WebSocketListener::builder().handshake_timeout(timeout)).await;

        let mut liar = connect(&listener).await;
        liar.send(PREFACE.replace("SM", "MS")).await;
        until(|| listener.counters().refused.malformed == 1).await;

        let mut gone = connect(&listener).await;
        gone.send(&PREFACE[..20]).await;
        gone.vanish();
        until(|| listener.counters().refused.disconnected == 1).await;

        let mut silent = connect(&listener).await;
        silent.send(&PREFACE[..20]).await;
        until(|| listener.counters().refused.timed_out == 1).await;
        silent.rest().await;
        assert_eq!(listener.counters().accepted, 0);
    });
}

/// Section 5: frames are masked as ever.
#[test]
fn frames_that_are_not_masked_are_refused() {
    in_real_time(async {
        let listener = echo(listener().await);
        let mut client = Http2Client::connect(&listener).await;
        let mut opened = client.open(websocket("/").body(()).unwrap()).await;
        let frame = text("bare").to(Side::Client).bytes();
        send(&mut opened.sending, frame.into(), false).await.unwrap();
        let (code, _) = opened.into_peer().close_frame().await;
        assert_eq!(code, CloseCode::PROTOCOL_ERROR);
    });
}

#[test]
fn a_closing_handshake_ends_the_stream_and_not_the_connection() {
    in_real_time(async {
        let listener = listener().await;
        let mut client = Http2Client::connect(&listener).await;
        let mut peer = client.peer().await;
        let mut socket = listener.accept().await.unwrap();
        let (closed, ()) = tokio::join!(socket.close(CloseCode::NORMAL, "done"), async {
            let (code, reason) = peer.close_frame().await;
            assert_eq!((code, &reason[..]), (CloseCode::NORMAL, "done"));
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.ended().await;
            peer.finish().await;
        });
        closed.unwrap();
        assert_eq!(listener.counters().closed.clean, 1);
        client.peer().await;
        listener.accept().await.unwrap();
    });
}

/// Section 5: END_STREAM is a FIN, RST_STREAM a RST. Neither is a closing handshake.
#[test]
fn an_end_without_a_close_frame_is_distinguished() {
    in_real_time(async {
        let listener = listener().await;
        let mut client = Http2Client::connect(&listener).await;
        let mut opened = Vec::new();
        let mut sockets = Vec::new();
        for _ in 0..3 {
            opened.push(client.open(websocket("/").body(()).unwrap()).await);
            sockets.push(listener.accept().await.unwrap());
        }
        opened[0].sending.send_data(Bytes::new(), true).unwrap();
        assert!(matches!(sockets[0].recv().await, Err(Error::Disconnected)));
        opened[1].sending.send_reset(Reason::CANCEL);
        assert!(matches!(sockets[1].recv().await, Err(Error::Disconnected)));
        assert!(sockets[1].send_text("too late").await.is_err());
        client.connection.abort();
        assert!(matches!(sockets[2].recv().await, Err(Error::Disconnected)));
        assert_eq!(listener.counters().closed.disconnected, 3);
    });
}

#[test]
fn a_websocket_that_is_dropped_resets_its_stream_alone() {
    in_real_time(async {
        let listener = listener().await;
        let mut client = Http2Client::connect(&listener).await;
        let mut dropped = client.open(websocket("/").body(()).unwrap()).await;
        drop(listener.accept().await.unwrap());
        let error = dropped.receiving.data().await.unwrap().unwrap_err();
        assert_eq!(error.reason(), Some(Reason::CANCEL));
        client.peer().await;
    });
}

#[test]
fn ordinary_requests_are_answered_by_the_hook() {
    in_real_time(async {
        let listener =
            bound(WebSocketListener::builder().on_request(|request: Request| async move {
                match request.path() {
                    "/redirect" => Response::redirect(Status::FOUND, "/page").unwrap(),
                    "/large" => Response::new(Status::OK).body("x".repeat(300_000)),
                    "/bad" => Response::html("x").header("X", "a\r\nb").unwrap_err().into(),
                    _ => Response::text("page"),
                }
            }))
            .await;
        let mut client = Http2Client::connect(&listener).await;
        let (response, body) = client.ask(get("/page")).await.unwrap();
        assert_eq!((response.status().as_u16(), &body[..]), (200, "page"));
        assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(response.headers()["content-length"], "4");
        let (response, _) = client.ask(get("/redirect")).await.unwrap();
        assert_eq!(response.headers()["location"], "/page");
        assert_eq!(client.ask(get("/large")).await.unwrap().1.len(), 300_000);
        assert_eq!(client.ask(get("/bad")).await.unwrap().0.status(), 500);
        let mut head = get("/page");
        *head.method_mut() = http::Method::HEAD;
        let (response, body) = client.ask(head).await.unwrap();
        assert_eq!(response.headers()["content-length"], "4");
        assert_eq!(body, "");
    });
}

/// RFC 9113 section 7: the client is told to come again with HTTP/1.1.
#[test]
fn a_takeover_by_the_application_requires_http_1() {
    in_real_time(async {
        let builder =
            WebSocketListener::builder().on_request(|_| async { Answer::take_over(|_| async {}) });
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let error = client.ask(get("/")).await.unwrap_err();
        assert_eq!(error.reason(), Some(Reason::HTTP_1_1_REQUIRED));
    });
}

#[test]
fn faulty_requests_get_the_status_that_says_why() {
    in_real_time(async {
        let builder = WebSocketListener::builder()
            .subprotocols(["v1"])
            .allowed_origins(websocket_listener::http::AllowedOrigins::same_origin().or_none());
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let websocket = || websocket("/");
        for (request, status) in [
            (websocket().header("sec-websocket-version", "13"), 400),
            (websocket().header("sec-websocket-protocol", "a b"), 400),
            (websocket().header("origin", "https://evil.org"), 403),
            (websocket().extension(h2::ext::Protocol::from_static("connect-udp")), 501),
        ] {
            let response = client.open(request.body(()).unwrap()).await.response;
            assert_eq!(response.status(), status);
        }
        let mut old = websocket().body(()).unwrap();
        old.headers_mut().insert("sec-websocket-version", "8".parse().unwrap());
        let response = client.open(old).await.response;
        assert_eq!(response.status(), 426);
        assert_eq!(response.headers()["sec-websocket-version"], "13");
        assert!(!response.headers().contains_key("upgrade"));
        let (response, body) = client.ask(get("/")).await.unwrap();
        assert_eq!(response.status(), 400);
        assert!(body.contains("WebSocket"), "{body}");
        assert_eq!(listener.counters().accepted, 0);
        client.peer().await;
    });
}

/// The peer may send one window, and no more until something is read.
#[test]
fn a_websocket_that_is_not_read_holds_one_window() {
    in_real_time(async {
        let options = Http2Options::new().stream_window(20_000);
        let builder = WebSocketListener::builder().http2(options);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        let mut opened = client.open(websocket("/").body(()).unwrap()).await;
        let mut socket = listener.accept().await.unwrap();
        let payload = vec![7; 200_000];
        let frame = binary(&payload).to(Side::Server).bytes();
        let length = frame.len();
        let mut sending = Box::pin(send(&mut opened.sending, frame.into(), false));
        let unread = tokio::time::timeout(Duration::from_millis(300), &mut sending).await;
        assert!(unread.is_err(), "{length} bytes were sent to a peer that does not read");
        let (sent, message) = tokio::join!(sending, socket.recv());
        sent.unwrap();
        assert_eq!(message.unwrap().unwrap().as_bytes(), payload);
    });
}

/// And the other way round.
#[test]
fn a_peer_that_takes_nothing_makes_the_sender_wait() {
    in_real_time(async {
        let listener = listener().await;
        let mut client = Http2Client::connect(&listener).await;
        let mut opened = client.open(websocket("/").body(()).unwrap()).await;
        let mut other = client.peer().await;
        let mut socket = listener.accept().await.unwrap();
        let mut neighbour = listener.accept().await.unwrap();
        let payload = vec![7; 1_000_000];
        let mut sending = Box::pin(socket.send_binary(&payload));
        let stuck = tokio::time::timeout(Duration::from_millis(300), &mut sending).await;
        assert!(stuck.is_err(), "a megabyte was sent to a peer that does not read");
        // Another stream is not held up.
        neighbour.send_text("here").await.unwrap();
        assert_eq!(other.frame().await.payload, b"here");
        let taking = async {
            let mut taken = 0;
            while taken < payload.len() {
                let chunk = opened.receiving.data().await.unwrap().unwrap();
                opened.receiving.flow_control().release_capacity(chunk.len()).unwrap();
                taken += chunk.len();
            }
        };
        let (sent, ()) = tokio::join!(sending, taking);
        sent.unwrap();
    });
}

#[test]
fn messages_go_both_ways_at_once() {
    in_real_time(async {
        let listener = echo(listener().await);
        let mut client = Http2Client::connect(&listener).await;
        let mut peer = client.peer().await;
        let payload = vec![b'x'; 900_000];
        for _ in 0..3 {
            peer.send_frame(binary(&payload)).await;
            peer.echoed(MessageKind::Binary, &payload).await;
        }
    });
}

#[test]
fn a_shutdown_closes_every_websocket_and_the_connection() {
    in_real_time(async {
        let listener = echo(listener().await);
        let mut client = Http2Client::connect(&listener).await;
        let mut peers = Vec::new();
        for _ in 0..5 {
            peers.push(client.peer().await);
        }
        let hearing = async {
            for mut peer in peers {
                let (code, _) = peer.close_frame().await;
                assert_eq!(code, CloseCode::GOING_AWAY);
                peer.send_frame(close(CloseCode::GOING_AWAY, "")).await;
                peer.finish().await;
                peer.ended().await;
            }
        };
        let (ended, ()) = tokio::join!(listener.shutdown(LONG), hearing);
        assert_eq!((ended.closed, ended.aborted), (5, 0));
        assert_eq!((ended.http_closed, ended.http_aborted), (1, 0));
        client.connection.await.unwrap().expect("an orderly end");
    });
}

#[test]
fn streams_over_the_limit_wait_or_are_refused() {
    in_real_time(async {
        let options = Http2Options::new().max_concurrent_streams(2);
        let builder = WebSocketListener::builder().http2(options);
        let listener = echo(builder.bind("127.0.0.1:0").await.unwrap());
        let mut client = Http2Client::connect(&listener).await;
        let first = client.peer().await;
        let _second = client.peer().await;
        let mut third = Box::pin(client.open(websocket("/").body(()).unwrap()));
        let waiting = tokio::time::timeout(Duration::from_millis(200), &mut third).await;
        assert!(waiting.is_err(), "a third stream of two");
        drop(first);
        assert_eq!(third.await.response.status(), 200);
    });
}

#[test]
fn the_connections_themselves_are_bounded() {
    in_real_time(async {
        let listener = bound(WebSocketListener::builder().max_http_connections(1)).await;
        let mut client = Http2Client::connect(&listener).await;
        let _peer = client.peer().await;
        let mut refused = connect(&listener).await;
        refused.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        refused.rest().await;
        until(|| listener.counters().refused.overloaded == 1).await;
    });
}

#[test]
fn a_connection_without_streams_is_closed() {
    in_real_time(async {
        let options = Http2Options::new().idle_timeout(Duration::from_millis(100));
        let builder = WebSocketListener::builder().http2(options);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        let peer = client.peer().await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert!(!client.connection.is_finished(), "closed in use");
        drop(peer);
        drop(listener.accept().await.unwrap());
        client.connection.await.unwrap().expect("an orderly end");
    });
}

/// RFC 9113 section 6.7.
#[test]
fn a_peer_that_answers_no_ping_is_dropped() {
    in_real_time(async {
        let options = Http2Options::new()
            .ping_interval(Duration::from_millis(50))
            .ping_timeout(Duration::from_millis(200));
        let builder = WebSocketListener::builder().http2(options);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        let _peer = client.peer().await;
        let mut dead = connect(&listener).await;
        dead.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
        dead.rest().await;
        assert!(!client.connection.is_finished(), "this one did answer");
    });
}
