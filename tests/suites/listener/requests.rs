//! The request that the application is given: read by its own methods, with and without a
//! connection.

use std::sync::Arc;

use websocket_listener::http::{Answer, Credentials, Request};
use websocket_listener_tests::request::request;

use crate::support::{asking, in_virtual_time};

#[test]
fn a_request_is_read_from_a_head_without_a_connection() {
    let head = "GET http://a/chat?room=1&x=%20 HTTP/1.1\r\nHost: a\r\nX-List: a, \"b,c\" ,\r\n\
                X-List: d\r\nCookie: a=1; b=2\r\nAuthorization: Bearer t\r\n\
                Sec-WebSocket-Protocol: v2, v1\r\nSec-WebSocket-Extensions: x-one; level=3, x-two\r\n\r\n";
    let request = Request::parse(head.as_bytes()).unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.target(), "http://a/chat?room=1&x=%20");
    assert_eq!((request.path(), request.query()), ("/chat", Some("room=1&x=%20")));
    assert_eq!(request.version(), 1);
    assert_eq!(request.header("x-list"), Some(&b"a, \"b,c\" ,"[..]));
    assert_eq!(request.header_str("HOST"), Some("a"));
    assert_eq!(request.header_values("X-List").last(), Some(&b"d"[..]));
    assert!(request.header_tokens("x-list").eq(["a", "\"b,c\"", "d"]));
    assert_eq!(request.headers().next(), Some(("Host", &b"a"[..])));
    assert!(request.cookies().eq([("a", "1"), ("b", "2")]));
    assert_eq!(request.cookie("b"), Some("2"));
    assert_eq!(request.authorization(), Some(("Bearer", "t")));
    assert!(Credentials::of(&request).is_ok_and(|credentials| credentials.is_bearer("t")));
    assert!(!request.is_upgrade());
    assert!(request.subprotocols().eq(["v2", "v1"]));
    assert!(request.extensions().map(|offer| offer.name()).eq(["x-one", "x-two"]));
    assert_eq!(request.head(), head.as_bytes());
    assert!(request.as_engine().names_server());
    assert_eq!((request.peer_addr(), request.client_addr()), (None, None));
    assert!(request.attached::<u32>().is_none() && request.local_endpoint().is_none());
}

#[test]
fn a_head_that_is_not_http_is_an_error_and_not_a_request() {
    assert!(Request::parse(&b"GET / HTTP/1.1\r\nHost: a\r\n"[..]).is_err());
    assert!(Request::parse(&b"GET / HTTP/2.0\r\n\r\n"[..]).is_err());
}

/// A clone shares the head, and `Debug` shows no credentials.
#[test]
fn a_request_is_cheap_to_clone_and_keeps_its_secrets() {
    let head: Arc<[u8]> = Arc::from(&b"GET / HTTP/1.1\r\nHost: a\r\nCookie: s=secret\r\n\r\n"[..]);
    let request = Request::parse(head.clone()).unwrap();
    assert!(std::ptr::eq(request.clone().head(), &*head));
    assert!(!format!("{request:?}").contains("secret"));
}

/// The engine's view of it opens a WebSocket by hand, over a stream that was taken over.
#[test]
fn the_hooks_request_answers_its_own_handshake() {
    in_virtual_time(async {
        let mut peer = asking(|request| {
            let accept = request.as_engine().upgrade().unwrap().accept_value().to_owned();
            Answer::accept().header("X-Accept", accept).unwrap()
        });
        peer.send(request().text()).await;
        let response = peer.upgraded().await;
        assert_eq!(response.header("X-Accept"), response.header("Sec-WebSocket-Accept"));
    });
}
