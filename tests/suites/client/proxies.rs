//! Through an HTTP proxy, by CONNECT.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use websocket_listener::client::{Client, ConnectError, ConnectStep, ProxyError, UrlError};
use websocket_listener::{Message, WebSocketListener};

use crate::support::{Server, header, in_real_time, listen, read_head, refusing_address};

/// Connects one client to wherever the host leads; returns the request.
async fn proxy_once(listener: TcpListener, to: std::net::SocketAddr) -> String {
    let (mut client, _) = listener.accept().await.unwrap();
    let head = read_head(&mut client).await.unwrap();
    let mut server = TcpStream::connect(to).await.unwrap();
    client.write_all(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
    head
}

async fn failure(answer: &str) -> ProxyError {
    let answer = answer.to_owned();
    let proxy = Server::answering(move |_| answer.clone()).await;
    let client = Client::new().proxy(format!("http://{}", proxy.address));
    match client.connect("ws://server.invalid/").await {
        Err(ConnectError::Proxy(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_proxy_opens_the_way_to_the_server() {
    in_real_time(async {
        let server = WebSocketListener::bind("127.0.0.1:0").await.unwrap();
        let (listener, address) = listen().await;
        let proxying = tokio::spawn(proxy_once(listener, server.local_addr().unwrap()));
        let client = Client::new().proxy(format!("http://user:p%40ss@{address}"));
        // Only the proxy has to know the host.
        let connecting = client.connect("ws://server.invalid:8006/chat");
        let (socket, accepted) = tokio::join!(connecting, server.accept());
        let (mut socket, mut accepted) = (socket.unwrap(), accepted.unwrap());
        assert_eq!(socket.peer_addr(), Some(address));
        socket.send_text("hello").await.unwrap();
        assert_eq!(accepted.recv().await.unwrap(), Some(Message::text("hello")));
        let request = accepted.request().unwrap();
        assert_eq!(request.header_str("Host"), Some("server.invalid:8006"));
        assert_eq!(request.header_str("Proxy-Authorization"), None);
        drop((socket, accepted));
        let head = proxying.await.unwrap();
        assert!(head.starts_with("CONNECT server.invalid:8006 HTTP/1.1\r\n"));
        assert_eq!(header(&head, "Host"), Some("server.invalid:8006"));
        assert_eq!(header(&head, "Proxy-Authorization"), Some("Basic dXNlcjpwQHNz"));
    });
}

#[test]
fn a_proxy_that_refuses_is_quoted() {
    in_real_time(async {
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 3\r\n\r\nwho";
        let ProxyError::Refused { response, body } = failure(answer).await else { panic!() };
        assert_eq!((response.status(), &body[..]), (407, &b"who"[..]));
    });
}

#[test]
fn a_proxy_that_makes_no_sense_is_reported() {
    in_real_time(async {
        assert!(matches!(failure("SSH-2.0-x\n").await, ProxyError::Malformed));
        let early = "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n";
        assert!(
            matches!(failure(early).await, ProxyError::Malformed),
            "an answer before the request"
        );
        let endless = "HTTP/1.1 200 OK\r\n".to_owned() + &"X: y\r\n".repeat(10_000);
        assert!(matches!(failure(&endless).await, ProxyError::Malformed));
    });
}

#[test]
fn a_dead_proxy_is_distinguished_from_a_dead_server() {
    in_real_time(async {
        let (_socket, address) = refusing_address();
        let client = Client::new().proxy(format!("http://{address}"));
        let connected = client.connect("ws://server.invalid/").await;
        assert!(matches!(connected, Err(ConnectError::Proxy(ProxyError::Connect(_)))));

        let client = Client::new().resolve("proxy", []).proxy("http://proxy");
        let connected = client.connect("ws://server.invalid/").await;
        assert!(matches!(connected, Err(ConnectError::Proxy(ProxyError::Resolve(_)))));

        let (listener, address) = listen().await;
        let client = Client::new().proxy(format!("http://{address}"));
        let hanging_up = async { drop(listener.accept().await) };
        let (connected, ()) = tokio::join!(client.connect("ws://server.invalid/"), hanging_up);
        assert!(matches!(connected, Err(ConnectError::Proxy(ProxyError::Disconnected))));
    });
}

#[test]
fn a_silent_proxy_is_given_up_at_the_deadline() {
    in_real_time(async {
        let (_listener, address) = listen().await;
        let client = Client::new()
            .proxy(format!("http://{address}"))
            .connect_timeout(Duration::from_millis(300));
        let connected = client.connect("ws://server.invalid/").await;
        assert!(matches!(connected, Err(ConnectError::TimedOut(ConnectStep::Proxy))));
    });
}

#[test]
fn a_bad_proxy_url_is_reported() {
    in_real_time(async {
        for (proxy, expected) in [
            ("socks5://localhost", UrlError::Scheme),
            ("localhost:3128", UrlError::Scheme),
            ("http://localhost:port", UrlError::Port),
        ] {
            let connected = Client::new().proxy(proxy).connect("ws://localhost/").await;
            let Err(ConnectError::Proxy(ProxyError::Url(error))) = connected else { panic!() };
            assert_eq!(error, expected);
        }
    });
}
