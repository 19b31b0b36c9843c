//! A server that refuses is quoted, with status, headers and body.

use std::time::{Duration, Instant};

use bytes::Bytes;
use websocket_listener::WebSocketListener;
use websocket_listener::client::{Client, ConnectError, connect};
use websocket_listener::engine::handshake::VerifyError;
use websocket_listener::http::Response;
use websocket_listener::http::Status;

use crate::support::{Server, in_real_time};

async fn refused_body(answer: impl Into<String>) -> Bytes {
    let answer = answer.into();
    let server = Server::answering(move |_| answer.clone()).await;
    let refused = connect(&server.url("/")).await;
    let Err(ConnectError::Refused { body, .. }) = refused else { panic!("{refused:?}") };
    body
}

#[test]
fn status_headers_and_body_are_kept() {
    in_real_time(async {
        let builder = WebSocketListener::builder().on_request(|_| async {
            let refusal = Response::new(Status::FORBIDDEN).body("members only\n");
            refusal.header("X-Why", "members")
        });
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let refused = connect(&format!("ws://{}/", listener.local_addr().unwrap())).await;
        let Err(ConnectError::Refused { reason, response, body }) = refused else { panic!() };
        assert_eq!(reason, VerifyError::Status(403));
        assert_eq!((response.status(), response.reason()), (403, "Forbidden"));
        assert_eq!(response.header_str("X-Why"), Some("members"));
        assert_eq!(&body[..], b"members only\n");
    });
}

#[test]
fn a_chunked_body_is_kept() {
    in_real_time(async {
        let head = "HTTP/1.1 500 Internal Server Error\r\n";
        let body =
            format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nlost\r\n1\r\n!\r\n0\r\n\r\n");
        assert_eq!(&refused_body(body).await[..], b"lost!");
    });
}

#[test]
fn the_beginning_of_a_large_body_is_kept() {
    in_real_time(async {
        let body = "x".repeat(100_000);
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{body}");
        assert_eq!(refused_body(answer).await.len(), 64 * 1024);
    });
}

/// The server here never ends the connection.
#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    in_real_time(async {
        let begun = Instant::now();
        let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nno such";
        assert_eq!(&refused_body(answer).await[..], b"no such");
        assert!((1..10).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        // Nor beyond the deadline of the whole; what came is kept all the same.
        let server = Server::answering(move |_| answer.to_owned()).await;
        let client = Client::new().connect_timeout(Duration::from_millis(500));
        let refused = client.connect(&server.url("/")).await;
        let Err(ConnectError::Refused { reason, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(reason, VerifyError::Status(404));
    });
}

#[test]
fn a_missing_subprotocol_is_an_error_if_one_is_required() {
    in_real_time(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let client = Client::new().subprotocols(["chat"]);
        assert_eq!(client.connect(&url).await.unwrap().subprotocol(), None);
        let refused = client.require_subprotocol(true).connect(&url).await;
        assert!(matches!(refused, Err(ConnectError::NoSubprotocol)));
    });
}
