//! The parts of a URL, and their place in the request. The whole table of bad URLs is
//! beside the parser.

use websocket_listener::client::{Client, ConnectError, UrlError, connect};

use crate::support::{Server, established, header, in_real_time};

#[test]
fn a_bad_url_is_reported_before_any_connection_is_tried() {
    in_real_time(async {
        for (url, expected) in [
            ("localhost:8006", UrlError::Scheme),
            ("http://localhost/", UrlError::Scheme),
            ("ws://", UrlError::Host),
            ("ws://local host/", UrlError::Host),
            ("ws://localhost:99999/", UrlError::Port),
            ("ws://localhost/#fragment", UrlError::Fragment),
            ("ws://localhost/a b", UrlError::Target),
            ("ws://user%0A@localhost/", UrlError::Credentials),
        ] {
            let Err(ConnectError::Url(error)) = connect(url).await else { panic!("{url}") };
            assert_eq!(error, expected, "{url}");
            assert!(!error.to_string().is_empty());
        }
    });
}

#[test]
fn host_and_target_come_from_the_url() {
    in_real_time(async {
        let server = Server::answering(established).await;
        let socket = connect(&server.url("/chat?room=1")).await.unwrap();
        assert_eq!(socket.peer_addr(), Some(server.address));
        drop(socket);
        let url = format!("ws://LocalHost:{}", server.address.port());
        drop(Client::new().resolve("localhost", [server.address]).connect(&url).await.unwrap());
        let [first, second] = &server.requests()[..] else { panic!() };
        assert!(first.starts_with("GET /chat?room=1 HTTP/1.1\r\n"));
        assert_eq!(header(first, "Host"), Some(server.address.to_string().as_str()));
        assert!(second.starts_with("GET / HTTP/1.1\r\n"));
        let host = format!("localhost:{}", server.address.port());
        assert_eq!(header(second, "Host"), Some(host.as_str()));
    });
}

#[test]
fn a_user_name_becomes_basic_authentication() {
    in_real_time(async {
        let server = Server::answering(established).await;
        let url = format!("ws://Aladdin:open%20sesame@{}/", server.address);
        drop(connect(&url).await.unwrap());
        // What the application says itself comes first.
        let client = Client::new().header("authorization", "Bearer token").unwrap();
        drop(client.connect(&url).await.unwrap());
        let [first, second] = &server.requests()[..] else { panic!() };
        assert_eq!(header(first, "Authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(header(second, "Authorization"), Some("Bearer token"));
    });
}

/// Section 5.4 of RFC 6265: one header.
#[test]
fn cookies_share_a_header() {
    in_real_time(async {
        let server = Server::answering(established).await;
        let client = Client::new().header("Cookie", "a=1").unwrap();
        let client = client.cookie("b", "2").unwrap().cookie("c", "3").unwrap();
        drop(client.connect(&server.url("/")).await.unwrap());
        assert_eq!(header(&server.requests()[0], "Cookie"), Some("a=1; b=2; c=3"));
    });
}
