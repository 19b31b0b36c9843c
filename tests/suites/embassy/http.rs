//! Requests that the application answers: pages, refusals, subprotocols.

use embassy_time::Duration;
use websocket_listener_embassy::{
    Answer, HttpConnection, MAX_TARGET, MessageKind, OnRequest, Options, Request, Response,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;

use embedded_io_async::{Read, Write};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, Raw, leak};

struct Site {
    large: Vec<u8>,
}

const BAD: &[(&str, &[u8])] = &[("Connection", b"keep-alive")];

impl OnRequest for Site {
    fn answer(&self, request: &Request<'_>) -> Answer<'_> {
        match (request.is_upgrade(), request.path()) {
            (true, "/cookie") => {
                Answer::accept().headers(&[("Set-Cookie", b"seen=1")]).subprotocol("chosen")
            }
            (true, "/bad") => Answer::accept().headers(BAD),
            (true, "/closed") => Answer::respond(Response::new(403).body(b"members only")),
            (true, _) => Answer::accept(),
            (false, "/large") => Answer::respond(Response::new(200).body(&self.large)),
            (false, "/not-found") => Answer::respond(Response::new(404)),
            (false, "/bad") => Answer::respond(Response::new(200).headers(BAD)),
            (false, "/upgrade") => Answer::accept(),
            (false, _) => Answer::take_over(),
        }
    }

    async fn take_over(&self, http: &mut HttpConnection<'_>) {
        let path = http.request(|request| request.path().to_owned()).unwrap();
        match path.as_str() {
            "/body" => {
                let mut body = [0; 5];
                http.read_exact(&mut body).await.unwrap();
                http.respond(Response::new(200).body(&body)).await.unwrap();
            }
            "/stream" => {
                http.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n").await.unwrap();
                for _ in 0..3 {
                    http.write_all(&[b'x'; 1000]).await.unwrap();
                }
            }
            "/never" => core::future::pending().await,
            _ => http.respond(Response::new(200).body(path.as_bytes())).await.unwrap(),
        }
    }
}

fn site(test: impl AsyncFnOnce(&Net)) {
    run(async {
        let net = Net::new(Weather::FINE);
        let options = Options::new().subprotocols(&["first", "second"]);
        let listener = net.listener::<1, 1024, 1024>(options);
        let listener: &_ = leak(listener.on_request(Site { large: vec![b'y'; 10_000] }));
        spawn(async {
            while let Some(mut socket) = listener.accept().await {
                let told = format!("{:?} {:?}", socket.request(), socket.subprotocol());
                let _ = socket.send_text(&told).await;
                assert!(socket.peer_addr().is_some());
            }
        });
        test(&net).await;
    });
}

async fn ask(net: &Net, request: &str) -> Peer<Raw> {
    let mut peer = Peer::new(net.connect().await);
    peer.send(request).await;
    peer
}

/// RFC 9112 section 3.2, as the Tokio listener.
#[test]
fn a_page_is_for_requests_that_name_one_host() {
    site(async |net| {
        for (request, status) in [
            ("GET /page HTTP/1.1\r\nHost: a\r\n\r\n", 200),
            ("GET /page HTTP/1.1\r\nHost:\r\n\r\n", 200),
            ("GET /page HTTP/1.0\r\n\r\n", 200),
            ("GET /page HTTP/1.1\r\n\r\n", 400),
            ("GET /page HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
            ("GET /page HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
            ("GET /page HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ] {
            let mut peer = ask(net, request).await;
            assert_eq!(peer.response().await.status, status, "{request:?}");
            peer.ended().await;
        }
    });
}

#[test]
fn a_page_is_served_again_and_again_on_the_same_port() {
    site(async |net| {
        for _ in 0..50 {
            let mut peer = ask(net, "GET /page?x HTTP/1.1\r\nHost: a\r\n\r\n").await;
            let response = peer.response().await;
            assert_eq!((response.status, &response.body[..]), (200, "/page"));
            assert_eq!(response.header("Connection"), Some("close"));
            peer.ended().await;
        }
    });
}

#[test]
fn the_body_of_a_request_follows_its_head() {
    site(async |net| {
        let post = "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
        let mut peer = ask(net, post).await;
        assert_eq!(peer.response().await.body, "hello");
        peer.ended().await;
    });
}

#[test]
fn responses_larger_than_the_ring_arrive_whole() {
    site(async |net| {
        let mut peer = ask(net, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.body, "y".repeat(10_000));
        peer.ended().await;
        let mut peer = ask(net, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.body, "x".repeat(3000));
        peer.ended().await;
    });
}

#[test]
fn head_is_answered_without_a_body() {
    site(async |net| {
        for path in ["/large", "/page"] {
            let mut peer = ask(net, &format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n")).await;
            let rest = String::from_utf8(peer.rest().await).unwrap();
            assert!(
                rest.starts_with("HTTP/1.1 200 OK\r\n") && rest.ends_with("\r\n\r\n"),
                "{rest}"
            );
        }
    });
}

#[test]
fn refusals_and_faulty_answers_are_reported() {
    site(async |net| {
        let not_found = "GET /not-found HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(ask(net, not_found).await.response().await.status, 404);
        let closed = request().line("GET /closed HTTP/1.1").text();
        let response = ask(net, &closed).await.response().await;
        assert_eq!((response.status, &response.body[..]), (403, "members only"));
        let bad = request().line("GET /bad HTTP/1.1").text();
        ask(net, &bad).await.refused(500).await;
        ask(net, "GET /bad HTTP/1.1\r\nHost: a\r\n\r\n").await.refused(500).await;
        ask(net, "GET /upgrade HTTP/1.1\r\nHost: a\r\n\r\n").await.refused(400).await;
    });
}

#[test]
fn the_application_adds_headers_and_chooses_the_subprotocol() {
    site(async |net| {
        let cookie = request().line("GET /cookie HTTP/1.1");
        let mut peer = ask(net, &cookie.clone().text()).await;
        let response = peer.upgraded().await;
        assert_eq!(response.header("Set-Cookie"), Some("seen=1"));
        // Not offered, so not answered.
        assert_eq!(response.header("Sec-WebSocket-Protocol"), None);
        drop(peer);
        let offered = cookie.with("Sec-WebSocket-Protocol", "first, chosen");
        let mut peer = ask(net, &offered.text()).await;
        assert_eq!(peer.upgraded().await.header("Sec-WebSocket-Protocol"), Some("chosen"));
        let told = peer.message().await;
        assert_eq!(told, (MessageKind::Text, br#"Some("/cookie") Some("chosen")"#.to_vec()));
    });
}

#[test]
fn the_first_subprotocol_in_common_is_agreed_on_and_a_long_target_not_kept() {
    site(async |net| {
        let target = format!("/{}", "a".repeat(MAX_TARGET));
        for (target, kept) in [(&target[..], false), (&target[..MAX_TARGET], true)] {
            let offer = request().with("Sec-WebSocket-Protocol", "other, second, first");
            let mut peer = ask(net, &offer.line(&format!("GET {target} HTTP/1.1")).text()).await;
            let response = peer.upgraded().await;
            assert_eq!(response.header("Sec-WebSocket-Protocol"), Some("first"));
            let told = format!("{:?} Some(\"first\")", kept.then_some(target));
            assert_eq!(peer.message().await.1, told.into_bytes());
        }
    });
}

/// RFC 9112 section 3.2.2: a server must take targets in absolute form, too.
#[test]
fn path_and_query_of_an_absolute_target_are_kept() {
    site(async |net| {
        for (target, kept) in [
            ("http://board.local:8080/chat?room=1", "/chat?room=1"),
            ("ws://10.0.0.1/chat", "/chat"),
            ("http://board/?from=http://else/where", "/?from=http://else/where"),
            ("http://board", "/"),
            ("//chat", "//chat"),
            ("/chat?from=http://else/where", "/chat?from=http://else/where"),
        ] {
            let line = format!("GET {target} HTTP/1.1");
            let mut peer = ask(net, &request().line(&line).text()).await;
            peer.upgraded().await;
            let told = format!("{:?} None", Some(kept));
            assert_eq!(peer.message().await.1, told.into_bytes());
        }
    });
}

#[test]
fn an_exchange_that_takes_too_long_is_ended() {
    site(async |net| {
        let mut peer = ask(net, "GET /never HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let ended = embassy_time::with_timeout(Duration::from_secs(11), peer.ended()).await;
        assert!(ended.is_ok());
        assert_eq!(
            ask(net, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.response().await.status,
            200
        );
    });
}
