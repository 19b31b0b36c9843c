//! Translation of an HTTP/2 request into one of HTTP/1.1, and of its answer into one of HTTP/2.

use std::time::Duration;

use http::Request as HttpRequest;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Http2Options, Request, Response};
use websocket_listener::{ListenerBuilder, WebSocketListener};

use crate::http2::client::{Http2Client, get, websocket};
use crate::support::in_real_time;

async fn bound(builder: ListenerBuilder) -> WebSocketListener {
    builder.http2(Http2Options::new()).bind("127.0.0.1:0").await.unwrap()
}

fn with_cookies(count: usize) -> HttpRequest<()> {
    let cookies = (0..count).map(|number| format!("c{number}=x"));
    let request = websocket("/");
    let request = cookies.fold(request, |request, cookie| request.header("cookie", cookie));
    request.body(()).unwrap()
}

/// RFC 9113 section 8.2.3: they come apart, for the compression's sake, and are one header.
#[test]
fn cookies_that_come_apart_are_one_header() {
    in_real_time(async {
        let builder = WebSocketListener::builder().on_request(|request: Request| async move {
            let cookies = request.header_str("Cookie").unwrap_or_default().to_owned();
            assert_eq!(request.header_values("Cookie").count(), 1);
            assert_eq!(request.cookie("c2"), Some("x"));
            Answer::accept().header("X-Cookies", cookies).unwrap()
        });
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let opened = client.open(with_cookies(3)).await;
        assert_eq!(opened.response.headers()["x-cookies"], "c0=x; c1=x; c2=x");
        // As many as a browser may have, and over HTTP/1.1 sends in one line.
        let opened = client.open(with_cookies(100)).await;
        assert_eq!(opened.response.status(), 200);
    });
}

#[test]
fn a_header_over_the_limit_gets_431() {
    in_real_time(async {
        let listener = bound(WebSocketListener::builder().max_request_headers(8)).await;
        let mut client = Http2Client::connect(&listener).await;
        let before = listener.counters().refused.malformed;
        // Host, Upgrade, Connection and Sec-WebSocket-Version are there.
        for (further, status) in [(4, 200), (5, 431)] {
            let names = (0..further).map(|number| format!("x-{number}"));
            let request = names.fold(websocket("/"), |request, name| request.header(name, "y"));
            let response = client.open(request.body(()).unwrap()).await.response;
            assert_eq!(response.status(), status);
        }
        assert_eq!(listener.counters().refused.malformed, before + 1);
    });
}

/// As over HTTP/1.1, whose head this would be, whatever HPACK counts besides.
#[test]
fn a_byte_over_the_limit_gets_431() {
    in_real_time(async {
        let builder = WebSocketListener::builder().max_request_bytes(2000);
        let listener = bound(builder.on_request(|request: Request| async move {
            Answer::accept().header("X-Length", request.head().len().to_string()).unwrap()
        }));
        let listener = listener.await;
        let mut client = Http2Client::connect(&listener).await;
        let before = listener.counters().refused.malformed;
        let with_headers = |last: usize| {
            let names = (0..50).map(|number| format!("x-{number}"));
            let request = names.fold(websocket("/"), |request, name| request.header(name, "y"));
            request.header("x-last", "z".repeat(last)).body(()).unwrap()
        };
        let response = client.open(with_headers(1)).await.response;
        let length: usize = response.headers()["x-length"].to_str().unwrap().parse().unwrap();
        let room = 1 + 2000 - length;
        let response = client.open(with_headers(room)).await.response;
        assert_eq!(response.headers()["x-length"], "2000");
        assert_eq!(client.open(with_headers(room + 1)).await.response.status(), 431);
        assert_eq!(listener.counters().refused.malformed, before + 1);
        // More than is taken in.
        assert_eq!(client.open(with_headers(15_000)).await.response.status(), 431);
    });
}

/// RFC 9113 section 8.2.2: there are none that concern one connection.
#[test]
fn headers_of_an_http_1_connection_are_left_out_of_the_answer() {
    in_real_time(async {
        let builder = WebSocketListener::builder().on_request(|request: Request| async move {
            if request.is_upgrade() {
                return Answer::accept().header("Keep-Alive", "timeout=5")?.header("X-A", "b");
            }
            let page = Response::new(Status::OK).body("a page").header("Proxy-Connection", "close");
            page?.header("X-A", "b").map(Answer::respond)
        });
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let opened = client.open(websocket("/").body(()).unwrap()).await;
        assert_eq!((opened.response.status().as_u16(), opened.response.headers().len()), (200, 1));
        let (response, body) = client.ask(get("/")).await.expect("an answer");
        assert_eq!((response.status().as_u16(), body.as_str()), (200, "a page"));
        assert_eq!(response.headers()["x-a"], "b");
    });
}

/// Further standards are of HTTP/1.1 ([`ListenerBuilder::standard`]).
#[test]
fn only_versions_spoken_over_http_2_are_named() {
    in_real_time(async {
        let builder = WebSocketListener::builder().standard("8", |_| async { Answer::accept() });
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let mut old = websocket("/").body(()).unwrap();
        old.headers_mut().insert("sec-websocket-version", "8".parse().unwrap());
        let response = client.open(old).await.response;
        assert_eq!(response.status(), 426);
        assert_eq!(response.headers()["sec-websocket-version"], "13");
    });
}

/// It costs one stream, and neither the connection nor its other streams.
#[test]
fn an_application_that_panics_costs_one_stream() {
    in_real_time(async {
        let builder = WebSocketListener::builder().on_request(|request: Request| async move {
            assert!(request.path() != "/panic", "as it is asked to");
            Answer::accept()
        });
        let listener = bound(builder).await;
        let mut client = Http2Client::connect(&listener).await;
        let asked = client.ask(get("/panic"));
        let asked = tokio::time::timeout(Duration::from_secs(20), asked).await.expect("an end");
        assert!(asked.unwrap_err().is_reset());
        client.peer().await;
    });
}

#[test]
fn an_option_may_be_for_ever() {
    in_real_time(async {
        let options = Http2Options::new()
            .idle_timeout(Duration::MAX)
            .ping_interval(Duration::MAX)
            .ping_timeout(Duration::MAX);
        let builder = WebSocketListener::builder().handshake_timeout(Duration::MAX).http2(options);
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut client = Http2Client::connect(&listener).await;
        client.peer().await;
    });
}
