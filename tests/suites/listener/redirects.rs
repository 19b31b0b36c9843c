//! Redirects (RFC 9110 section 15.4).

use websocket_listener::WebSocketListener;
use websocket_listener::client::{Client, ConnectError};
use websocket_listener::http::Response;
use websocket_listener::http::{InvalidHeaderError, Status};
use websocket_listener_tests::request::request;

use crate::support::{asking, in_virtual_time};

#[test]
fn a_redirect_has_its_status_and_location() {
    in_virtual_time(async {
        for status in [301, 302, 303, 307, 308] {
            let to = Status::new(status).unwrap();
            let mut peer = asking(move |_| Response::redirect(to, "/chat?a=b").into());
            peer.send(request().text()).await;
            let response = peer.response().await;
            assert_eq!((response.status, response.header("Location")), (status, Some("/chat?a=b")));
            peer.ended().await;
        }
    });
}

/// A target that was copied out of a request must not split the response.
#[test]
fn a_location_cannot_inject_a_header() {
    in_virtual_time(async {
        let split = || Response::redirect(Status::FOUND, "/\r\nSet-Cookie: evil=1");
        assert_eq!(split().unwrap_err(), InvalidHeaderError::Value);
        let mut peer = asking(move |_| split().into());
        peer.send(request().text()).await;
        assert!(!peer.refused(500).await.head.contains("evil"));
    });
}

#[test]
fn a_client_is_told_of_a_redirect() {
    in_virtual_time(async {
        let builder = WebSocketListener::builder().on_request(|_| async {
            Response::redirect(Status::TEMPORARY_REDIRECT, "ws://elsewhere/")
        });
        let (near, far) = tokio::io::duplex(4096);
        let client = Client::new();
        let (_, refused) = tokio::join!(
            builder.acceptor().accept(far),
            client.connect_over(near, "ws://localhost/")
        );
        let Err(ConnectError::Refused { response, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(response.status(), 307);
        assert_eq!(response.header_str("Location"), Some("ws://elsewhere/"));
    });
}
