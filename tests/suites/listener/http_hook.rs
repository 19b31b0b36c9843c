//! The application's say in each request: accept, respond, take over.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::WebSocketListener;
use websocket_listener::http::{Answer, HttpConnection, Request, Response};
use websocket_listener::http::{InvalidHeaderError, Status};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, text};

use crate::support::{asking, in_real_time, in_virtual_time};

const PLAIN: &str = "GET /page HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn the_hook_sees_the_whole_request() {
    in_virtual_time(async {
        let mut peer = asking(|request| {
            assert_eq!((request.method(), request.target()), ("GET", "/chat?room=1"));
            assert!(request.is_upgrade());
            assert_eq!(request.header_str("cookie"), Some("a=1"));
            assert_eq!(request.header_str("Origin"), Some("http://example.com"));
            Answer::accept()
        });
        let request = request().and("Cookie", "a=1").and("Origin", "http://example.com");
        peer.send(request.line("GET /chat?room=1 HTTP/1.1").text()).await;
        peer.upgraded().await;
    });
}

#[test]
fn accepting_adds_headers_and_cookies() {
    in_virtual_time(async {
        let mut peer = asking(|_| {
            let accept = Answer::accept().header("Set-Cookie", "a=1").unwrap();
            let accept = accept.header("Set-Cookie", "b=2; HttpOnly").unwrap();
            accept.header("X-Served-By", "test").unwrap()
        });
        peer.send(request().text()).await;
        let response = peer.upgraded().await;
        assert_eq!(response.header("X-Served-By"), Some("test"));
        let cookies = response.head.lines().filter(|line| line.starts_with("Set-Cookie: "));
        assert_eq!(cookies.count(), 2);
        peer.send_frame(text("open")).await;
        peer.echoed(websocket_listener::MessageKind::Text, b"open").await;
    });
}

#[test]
fn rejecting_and_redirecting_have_status_headers_and_body() {
    in_virtual_time(async {
        let mut peer = asking(|_| {
            Answer::respond(Response::new(Status::UNAUTHORIZED).body("who are you?"))
                .header("WWW-Authenticate", "Basic realm=\"chat\"")
                .unwrap()
        });
        peer.send(request().text()).await;
        let response = peer.response().await;
        assert_eq!((response.status, &response.body[..]), (401, "who are you?"));
        assert_eq!(response.header("WWW-Authenticate"), Some("Basic realm=\"chat\""));
        peer.ended().await;

        let mut peer =
            asking(|_| Response::redirect(Status::PERMANENT_REDIRECT, "/elsewhere").into());
        peer.send(PLAIN).await;
        let response = peer.response().await;
        assert_eq!((response.status, response.header("Location")), (308, Some("/elsewhere")));
        assert_eq!(response.header("Content-Length"), Some("0"));
        peer.ended().await;
    });
}

#[test]
fn a_large_body_arrives_whole() {
    in_virtual_time(async {
        let mut peer =
            asking(|_| Answer::respond(Response::new(Status::OK).body("x".repeat(300_000))));
        peer.send(PLAIN).await;
        assert_eq!(peer.response().await.body.len(), 300_000);
        peer.ended().await;
    });
}

/// RFC 9112 section 3.2: two servers in a chain must not understand it in two ways.
#[test]
fn a_request_for_no_server_or_for_two_gets_400_before_the_hook() {
    in_virtual_time(async {
        for (head, status) in [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 200),
            ("GET / HTTP/1.0\r\n\r\n", 200),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400),
            ("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ] {
            let mut peer = asking(|_| Answer::respond(Response::new(Status::OK)));
            peer.send(head).await;
            assert_eq!(peer.response().await.status, status, "{head}");
            peer.ended().await;
        }
    });
}

/// The handshake's deadline is that of the request and of the application.
#[test]
fn a_page_is_sent_for_as_long_as_the_peer_takes_some_bytes_now_and_then() {
    in_virtual_time(async {
        let mut peer =
            asking(|_| Answer::respond(Response::new(Status::OK).body("x".repeat(60_000))));
        peer.send(PLAIN).await;
        // In pieces of 4 KiB, which the pipe holds.
        let mut received = Vec::new();
        while let Some(piece) = peer.piece().await {
            received.extend_from_slice(&piece);
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        assert_eq!(received.iter().filter(|&&byte| byte == b'x').count(), 60_000);
    });
}

#[test]
fn a_peer_that_takes_nothing_of_a_page_for_20_seconds_is_given_up() {
    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(4096);
        let page = |_| async { Response::new(Status::OK).body("x".repeat(60_000)) };
        let builder = WebSocketListener::builder().on_request(page);
        let (mut from, mut to) = tokio::io::split(near);
        to.write_all(PLAIN.as_bytes()).await.unwrap();
        let begun = tokio::time::Instant::now();
        assert!(builder.acceptor().accept(far).await.is_err());
        assert_eq!(begun.elapsed().as_secs(), 20);
        let mut received = Vec::new();
        from.read_to_end(&mut received).await.unwrap();
        assert_eq!(received.len(), 4096);
    });
}

#[test]
fn head_gets_the_headers_without_the_body() {
    in_virtual_time(async {
        let respond = |_| Answer::respond(Response::new(Status::OK).body("seven b"));
        let take_over = |_| {
            Answer::take_over(|http: HttpConnection| async {
                http.respond(Response::new(Status::OK).body("seven b")).await.unwrap();
            })
        };
        for mut peer in [asking(respond), asking(take_over)] {
            peer.send(PLAIN.replace("GET", "HEAD")).await;
            let answer = String::from_utf8(peer.rest().await).unwrap();
            assert!(answer.contains("Content-Length: 7\r\n"), "{answer}");
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        }
    });
}

/// No response is ever split, whatever an application copies into it.
#[test]
fn adding_a_header_that_would_inject_others_is_an_error() {
    in_virtual_time(async {
        use InvalidHeaderError::{Name, Reserved, Value};
        for (name, value, expected) in [
            ("X", "a\r\nSet-Cookie: evil=1", Value),
            ("X", "a\nSet-Cookie: evil=1", Value),
            ("X", "a\rSet-Cookie: evil=1", Value),
            ("X\r\nSet-Cookie", "evil=1", Name),
            ("X", "a\0", Value),
            ("X", "a\x7f", Value),
            ("X Y", "a", Name),
            ("X:", "a", Name),
            ("", "a", Name),
            ("Connection", "keep-alive", Reserved),
            ("content-length", "5", Reserved),
            ("Transfer-Encoding", "chunked", Reserved),
        ] {
            let accept = || Answer::accept().header(name, value);
            let respond = || Answer::respond(Response::new(Status::OK)).header(name, value);
            let inside = || Response::new(Status::OK).header(name, value);
            assert_eq!(accept().unwrap_err(), expected, "{name}: {value}");
            assert_eq!(respond().unwrap_err(), expected, "{name}: {value}");
            assert_eq!(inside().unwrap_err(), expected, "{name}: {value}");
            // A hook that passes the error on answers 500.
            let accept = move |_| Answer::accept().header(name, value).into();
            let inside = move |_| Response::new(Status::OK).header(name, value).into();
            for mut peer in [asking(accept), asking(inside)] {
                peer.send(request().text()).await;
                let response = peer.refused(500).await;
                assert!(!response.head.contains("evil"), "{response:?}");
            }
        }
    });
}

/// RFC 6455 section 4.2.2: the handshake writes them.
#[test]
fn a_header_of_the_handshake_cannot_be_added_to_an_acceptance() {
    for name in ["Sec-WebSocket-Accept", "sec-websocket-protocol", "Upgrade", "Connection"] {
        let added = Answer::accept().header(name, "mine");
        assert_eq!(added.unwrap_err(), InvalidHeaderError::Reserved, "{name}");
    }
    // Of a refusal with 426 it is a part.
    let offer = Response::new(Status::UPGRADE_REQUIRED).header("Sec-WebSocket-Version", "13, 8");
    assert!(offer.is_ok_and(|offer| offer.header("Upgrade", "websocket").is_ok()));
}

#[test]
fn a_name_is_as_long_as_a_header_may_be_and_no_longer() {
    let named = |length| Response::new(Status::OK).header("x".repeat(length), "y");
    assert!(named(65_535).is_ok());
    assert_eq!(named(65_536).unwrap_err(), InvalidHeaderError::Name);
}

#[test]
fn a_status_that_ends_no_exchange_is_not_a_status() {
    for code in [0, 100, 101, 199, 600, 65_535] {
        assert!(Status::new(code).is_err(), "{code}");
    }
    for code in [200, 418, 599] {
        let status = Status::try_from(code).unwrap();
        assert_eq!((status.code(), Response::new(status).status()), (code, status));
    }
}

/// RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5.
#[test]
fn a_status_without_a_body_is_sent_without_the_given_body() {
    in_virtual_time(async {
        for code in [204, 205, 304] {
            let status = Status::new(code).unwrap();
            let mut peer = asking(move |_| Response::new(status).body("none allowed").into());
            peer.send(PLAIN).await;
            let answer = String::from_utf8(peer.rest().await).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{answer}");
            assert!(answer.ends_with("\r\n\r\n") && !answer.contains(": 12"), "{answer}");
        }
    });
}

#[test]
fn pages_of_html_and_of_text_have_their_content_type() {
    in_virtual_time(async {
        for (page, content_type) in [
            (Response::html("<p>"), "text/html; charset=utf-8"),
            (Response::text("<p>"), "text/plain; charset=utf-8"),
        ] {
            let mut peer = asking(move |_| page.clone().into());
            peer.send(PLAIN).await;
            let response = peer.response().await;
            assert_eq!((response.status, &response.body[..]), (200, "<p>"));
            assert_eq!(response.header("Content-Type"), Some(content_type));
        }
    });
}

/// The hook accepts what cannot be opened.
#[test]
fn accepting_plain_http_is_refused_all_the_same() {
    in_virtual_time(async {
        let mut peer = asking(|_| Answer::accept());
        peer.send(PLAIN).await;
        peer.refused(400).await;
        let mut peer = asking(|_| Answer::accept());
        peer.send(PLAIN.replace("GET", "POST")).await;
        peer.refused(405).await;
    });
}

/// A faulty opening handshake is not plain HTTP: the application is not asked.
#[test]
fn the_hook_is_not_asked_about_a_faulty_opening_handshake() {
    in_virtual_time(async {
        let mut peer = asking(|_| panic!("asked"));
        peer.send(request().with("Sec-WebSocket-Key", "x").text()).await;
        peer.refused(400).await;
        let mut peer = asking(|_| panic!("asked"));
        peer.send("not http\r\n\r\n").await;
        peer.refused(400).await;
    });
}

#[test]
fn a_stream_taken_over_begins_with_the_bytes_already_read() {
    in_virtual_time(async {
        let head = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
        let mut peer = asking(|_| {
            Answer::take_over(|mut http: HttpConnection| async move {
                assert_eq!(http.request().path(), "/upload");
                let mut body = [0; 9];
                http.read_exact(&mut body).await.unwrap();
                let body = String::from_utf8(body.to_vec()).unwrap();
                http.respond(Response::new(Status::OK).body(body)).await.unwrap();
            })
        });
        peer.send(format!("{head}some")).await;
        peer.send(" more").await;
        assert_eq!(peer.response().await.body, "some more");
        peer.ended().await;

        let mut peer = asking(|_| {
            Answer::take_over(|http: HttpConnection| async move {
                let mut stream = http.into_stream();
                let mut all = vec![0; 53 + 9];
                stream.read_exact(&mut all).await.unwrap();
                stream.write_all(&all).await.unwrap();
                stream.flush().await.unwrap();
                stream.shutdown().await.unwrap();
            })
        });
        assert_eq!(head.len(), 53);
        peer.send(format!("{head}some")).await;
        peer.send(" more").await;
        assert_eq!(peer.rest().await, format!("{head}some more").as_bytes());
    });
}

/// An application may speak WebSocket itself, or hand it to another library.
#[test]
fn an_opening_handshake_can_be_taken_over() {
    in_virtual_time(async {
        let mut peer = asking(|request| {
            assert!(request.is_upgrade());
            Answer::take_over(|mut http: HttpConnection| async move {
                let mut rest = Vec::new();
                http.read_to_end(&mut rest).await.unwrap();
                http.write_all(&rest).await.unwrap();
                http.shutdown().await.unwrap();
            })
        });
        let frame = text("mine").to(Side::Server).bytes();
        peer.send(request().text()).await;
        peer.send(&frame).await;
        peer.finish().await;
        assert_eq!(peer.rest().await, frame);
    });
}

/// It waits for a database; others are accepted meanwhile.
#[test]
fn a_slow_answer_delays_no_other_peer() {
    in_real_time(async {
        let listener = WebSocketListener::builder()
            .on_request(|request: Request| async move {
                if request.path() == "/slow" {
                    tokio::time::sleep(Duration::from_secs(3600)).await;
                }
                Answer::accept()
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut slow = crate::support::connect(&listener).await;
        slow.send(request().line("GET /slow HTTP/1.1").text()).await;
        for _ in 0..3 {
            let (server, _client) = crate::support::accept(&listener).await;
            assert_eq!(server.request().unwrap().path(), "/");
            assert!(server.peer_addr().is_some());
        }
    });
}

#[test]
fn an_application_that_panics_costs_one_connection() {
    in_real_time(async {
        let listener = WebSocketListener::builder()
            .max_negotiations(1)
            .on_request(|request: Request| async move {
                assert_ne!(request.path(), "/panic", "this is part of the test");
                Answer::accept()
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let mut peer = crate::support::connect(&listener).await;
        peer.send(request().line("GET /panic HTTP/1.1").text()).await;
        peer.ended().await;
        crate::support::accept(&listener).await;
    });
}
