//! Requests and responses of the crate `http`, in a hook.

use websocket_listener::WebSocketListener;
use websocket_listener::http::Status;
use websocket_listener::http::types::{Method, Response as HttpResponse, StatusCode, Version};
use websocket_listener::http::{Answer, Request, Response};
use websocket_listener_tests::request::request;

use crate::support::{in_virtual_time, peer_of};

fn converted(head: &str) -> http::Request<()> {
    (&Request::parse(head.as_bytes()).unwrap()).into()
}

#[test]
fn a_request_becomes_one_of_the_crate_http_with_all_that_it_says() {
    let request = converted(
        "POST /chat?room=1 HTTP/1.0\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nX-Latin: \u{e9}\r\n\r\n",
    );
    assert_eq!((request.method(), request.version()), (&Method::POST, Version::HTTP_10));
    assert_eq!((request.uri().path(), request.uri().query()), ("/chat", Some("room=1")));
    assert!(request.headers().get_all("x-a").iter().eq(["1", "2"]));
    assert_eq!(request.headers()["x-latin"].as_bytes(), "\u{e9}".as_bytes());
    let original = request.extensions().get::<Request>().unwrap();
    assert_eq!((original.target(), original.peer_addr()), ("/chat?room=1", None));
    assert_eq!(converted("GET / HTTP/1.1\r\n\r\n").version(), Version::HTTP_11);
}

/// A `#` in particular must not cut the target, nor a strange form become another path.
#[test]
fn a_target_that_is_not_a_uri_is_encoded_and_never_another_path() {
    for (target, path) in [
        ("/a#b", "/a%23b"),
        ("/a\\b#", "/a%5Cb%23"),
        ("/<>^`", "/%3C%3E%5E%60"),
        ("http://a/b?c", "/b"),
        ("*", "*"),
        ("no/form", "*"),
    ] {
        let request = converted(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(request.uri().path(), path, "{target}");
    }
}

#[test]
fn a_hook_answers_with_responses_of_the_crate_http() {
    in_virtual_time(async {
        let hook = |request: Request| async move {
            let request: http::Request<()> = request.into();
            let response = HttpResponse::builder().header("X-A", "b").header("Connection", "x");
            match request.uri().path() {
                "/chat" => response.status(101).header("Sec-WebSocket-Protocol", "v2").body(""),
                "/page" => response.header("Content-Length", "77").body("a page"),
                "/odd" => response.status(999).body("odd"),
                _ => response.header("X", "a\r\nEvil: 1").body("split"),
            }
        };
        let ask = async |path: &str| {
            let mut peer = peer_of(WebSocketListener::builder().on_request(hook));
            let offering = request().and("Sec-WebSocket-Protocol", "v1, v2");
            peer.send(offering.line(&format!("GET {path} HTTP/1.1")).text()).await;
            peer
        };
        let response = ask("/chat").await.upgraded().await;
        assert_eq!(response.header("Sec-WebSocket-Protocol"), Some("v2"));
        assert_eq!(response.header("X-A"), Some("b"));
        let response = ask("/page").await.response().await;
        assert_eq!((response.status, &response.body[..]), (200, "a page"));
        assert_eq!(response.header("Content-Length"), Some("6"));
        assert_eq!(response.header("Connection"), Some("close"));
        assert_eq!(response.header("X-A"), Some("b"));
        ask("/odd").await.refused(500).await;
        assert!(!ask("/split").await.refused(500).await.head.contains("Evil"));
    });
}

#[test]
fn a_response_becomes_one_of_the_crate_http_and_back() {
    let page = Response::text("a page").header("X-A", "b").unwrap();
    let response: HttpResponse<bytes::Bytes> = page.into();
    assert_eq!((response.status(), &response.body()[..]), (StatusCode::OK, &b"a page"[..]));
    assert_eq!(response.headers()["x-a"], "b");
    assert_eq!(Response::from(response).status(), Status::OK);
    assert_eq!(Status::try_from(StatusCode::IM_A_TEAPOT).unwrap().code(), 418);
    assert!(Status::try_from(StatusCode::CONTINUE).is_err());
    let answer = Answer::from(HttpResponse::builder().status(403).body("no").unwrap());
    assert!(format!("{answer:?}").contains("403"));
}
