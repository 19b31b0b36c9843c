//! Redirects are followed only if allowed, no more than allowed, and do not carry secrets to
//! strangers.

use websocket_listener::WebSocketListener;
use websocket_listener::client::{Client, ConnectError, RedirectError, UrlError};
use websocket_listener::engine::handshake::VerifyError;

use crate::support::{Server, established, header, in_real_time};

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

/// A server that redirects from `/` to `location`, and accepts elsewhere.
async fn redirecting(location: &str) -> Server {
    let location = location.to_owned();
    Server::answering(move |head| {
        if head.starts_with("GET / ") { redirect(307, &location) } else { established(head) }
    })
    .await
}

async fn refused(location: &str) -> RedirectError {
    let server = redirecting(location).await;
    let connected = Client::new().max_redirects(3).connect(&server.url("/")).await;
    let Err(ConnectError::Redirect { reason, response }) = connected else { panic!("{location}") };
    assert_eq!(response.status(), 307);
    reason
}

#[test]
fn by_default_a_redirect_is_a_refusal() {
    in_real_time(async {
        let server = redirecting("/chat").await;
        let connected = Client::new().connect(&server.url("/")).await;
        let Err(ConnectError::Refused { reason, response, .. }) = connected else { panic!() };
        assert_eq!(reason, VerifyError::Status(307));
        assert_eq!(response.header_str("Location"), Some("/chat"));
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn every_kind_of_redirect_is_followed() {
    in_real_time(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let http = format!("http://{}/chat", listener.local_addr().unwrap());
        for status in [301, 302, 303, 307, 308] {
            let http = http.clone();
            let server = Server::answering(move |_| redirect(status, &http)).await;
            let client = Client::new().max_redirects(1);
            let socket = client.connect(&server.url("/")).await.unwrap();
            assert_eq!(socket.peer_addr(), Some(listener.local_addr().unwrap()));
            let accepted = listener.accept().await.unwrap();
            assert_eq!(accepted.request().unwrap().path(), "/chat");
        }
        for status in [300, 304, 305] {
            let http = http.clone();
            let server = Server::answering(move |_| redirect(status, &http)).await;
            let connected = Client::new().max_redirects(1).connect(&server.url("/")).await;
            assert!(matches!(connected, Err(ConnectError::Refused { .. })), "{status}");
        }
    });
}

#[test]
fn a_location_is_resolved_against_the_url() {
    in_real_time(async {
        for (location, target) in [("chat?x", "/chat?x"), ("./a/../b", "/b"), ("?q", "/?q")] {
            let server = redirecting(location).await;
            Client::new().max_redirects(1).connect(&server.url("/")).await.unwrap();
            let last = server.requests().pop().unwrap();
            assert!(last.starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{last}");
        }
    });
}

#[test]
fn an_endless_redirect_ends() {
    in_real_time(async {
        let server = Server::answering(|_| redirect(302, "/")).await;
        let connected = Client::new().max_redirects(4).connect(&server.url("/")).await;
        let Err(ConnectError::Redirect { reason, .. }) = connected else { panic!() };
        assert_eq!(reason, RedirectError::TooMany);
        assert_eq!(server.requests().len(), 5);
    });
}

#[test]
fn a_location_that_leads_nowhere_is_reported() {
    in_real_time(async {
        for (location, expected) in [
            ("ftp://localhost/", UrlError::Scheme),
            ("ws://local host/", UrlError::Host),
            ("http://localhost:0/", UrlError::Port),
            ("/a b", UrlError::Target),
        ] {
            assert_eq!(refused(location).await, RedirectError::Location(expected), "{location}");
        }
        let server = Server::answering(|_| "HTTP/1.1 302 Found\r\n\r\n".to_owned()).await;
        let connected = Client::new().max_redirects(1).connect(&server.url("/")).await;
        let Err(ConnectError::Redirect { reason, .. }) = connected else { panic!() };
        assert_eq!(reason, RedirectError::NoLocation);
    });
}

#[test]
fn a_redirect_to_the_same_host_repeats_every_header() {
    in_real_time(async {
        let server = Server::answering(|head| {
            if head.starts_with("GET / ") {
                redirect(302, "/chat").replacen(
                    "\r\n",
                    "\r\nSet-Cookie: session=1; HttpOnly\r\nSet-Cookie: id=; Max-Age=0\r\n\
                     Set-Cookie: elsewhere=1; Path=/other\r\n",
                    1,
                )
            } else {
                established(head)
            }
        })
        .await;
        let client = Client::new().max_redirects(1).cookie("id", "7").unwrap();
        let client = client.header("X-Mine", "yes").unwrap();
        let url = format!("ws://user:secret@{}/", server.address);
        client.connect(&url).await.unwrap();
        let [first, second] = &server.requests()[..] else { panic!() };
        assert_eq!(header(first, "Cookie"), Some("id=7"));
        assert_eq!(header(second, "Cookie"), Some("session=1"));
        assert!(header(first, "Authorization").is_some());
        assert_eq!(header(first, "Authorization"), header(second, "Authorization"));
        assert_eq!(header(second, "X-Mine"), Some("yes"));
        let key = "Sec-WebSocket-Key";
        assert_ne!(header(first, key), header(second, key), "section 4.1: new for each request");
    });
}

#[test]
fn a_redirect_to_another_host_sends_no_secrets() {
    in_real_time(async {
        let stranger = Server::answering(established).await;
        let location = stranger.url("/");
        let server = Server::answering(move |_| {
            redirect(302, &location).replacen("\r\n", "\r\nSet-Cookie: session=1\r\n", 1)
        })
        .await;
        let mut client = Client::new().max_redirects(1).cookie("id", "7").unwrap();
        for (name, value) in [
            ("cookie", "a=1"),
            ("authorization", "Bearer token"),
            ("Proxy-Authorization", "Basic dTpw"),
            ("Origin", "http://localhost"),
        ] {
            client = client.header(name, value).unwrap();
        }
        client.connect(&server.url("/")).await.unwrap();
        let request = &stranger.requests()[0];
        assert_eq!(header(request, "Cookie"), None);
        assert_eq!(header(request, "Authorization"), None);
        assert_eq!(header(request, "Proxy-Authorization"), None);
        assert_eq!(header(request, "Origin"), Some("http://localhost"));
        let url = format!("ws://user:secret@{}/", server.address);
        Client::new().max_redirects(1).connect(&url).await.unwrap();
        assert_eq!(header(&stranger.requests()[1], "Authorization"), None);
    });
}
