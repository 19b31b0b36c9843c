//! Row 17: `wss`, and the servers that a client does not trust.

use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio_rustls::rustls::{CertificateError, Error};
use websocket_listener::client::{Client, ConnectError, ConnectStep, RedirectError, connect};
use websocket_listener::tls::{ServerTls, TlsError};
use websocket_listener::{CloseCode, Message, WebSocketListener};
use websocket_listener_tests::Authority;

use crate::support::{Server, in_real_time, listen, read_head};
use crate::tls_support::{SecureEcho, client_of, server_config};

async fn distrust(client: &Client, server: &SecureEcho, host: &str) -> Error {
    let client = client.clone().resolve(host, [server.address]);
    match client.connect(&server.url(host)).await {
        Err(ConnectError::Tls(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_is_vouched_for_is_connected_to() {
    in_real_time(async {
        let authority = Authority::new();
        let server = SecureEcho::new(&authority.identity("server.test")).await;
        let client = client_of(&authority).resolve("server.test", [server.address]);
        let mut socket = client.connect(&server.url("server.test")).await.unwrap();
        assert_eq!(socket.peer_addr(), Some(server.address));
        let greeting = Message::text("server.test by http/1.1");
        assert_eq!(socket.recv().await.unwrap(), Some(greeting));
        let large = vec![7; 1 << 20];
        socket.send_binary(&large).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap().as_bytes(), large);
        socket.close(CloseCode::NORMAL, "").await.unwrap();
        assert!(socket.close_reason().unwrap().is_clean());
    });
}

#[test]
fn a_client_connects_to_our_own_listener_over_tls() {
    in_real_time(async {
        let authority = Authority::new();
        let listener = WebSocketListener::builder()
            .tls(ServerTls::from_config(server_config(&authority.identity("localhost"))))
            .bind("wss://127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let client = client_of(&authority).resolve("localhost", [address]);
        let url = format!("wss://localhost:{}/chat", address.port());
        let (socket, accepted) = tokio::join!(client.connect(&url), listener.accept());
        let (mut socket, mut accepted) = (socket.unwrap(), accepted.unwrap());
        assert_eq!(socket.peer_addr(), Some(address));
        accepted.send_text("hello").await.unwrap();
        assert_eq!(socket.recv().await.unwrap(), Some(Message::text("hello")));
        let closing = socket.close(CloseCode::NORMAL, "");
        let (closed, received) = tokio::join!(closing, accepted.recv());
        closed.unwrap();
        assert_eq!(received.unwrap(), None);
        assert!(accepted.close_reason().unwrap().is_clean());
    });
}

#[test]
fn a_certificate_vouches_for_an_ip_address() {
    in_real_time(async {
        let authority = Authority::new();
        let server = SecureEcho::new(&authority.identity("127.0.0.1")).await;
        let mut socket = client_of(&authority).connect(&server.url("127.0.0.1")).await.unwrap();
        // RFC 6066 section 3: an address is not a server name.
        let greeting = Message::text("no name by http/1.1");
        assert_eq!(socket.recv().await.unwrap(), Some(greeting));
    });
}

#[test]
fn a_certificate_that_does_not_fit_is_refused() {
    in_real_time(async {
        let authority = Authority::new();
        let client = client_of(&authority);
        let server = SecureEcho::new(&authority.identity("server.test")).await;
        let invalid = |error, expected: fn(&CertificateError) -> bool| match error {
            Error::InvalidCertificate(error) => assert!(expected(&error), "{error:?}"),
            other => panic!("{other:?}"),
        };
        invalid(distrust(&client, &server, "other.test").await, |error| {
            matches!(error, CertificateError::NotValidForNameContext { .. })
        });
        let unknown = |error: &CertificateError| matches!(error, CertificateError::UnknownIssuer);
        invalid(distrust(&Client::new(), &server, "server.test").await, unknown);
        // Of the same name, and with another key.
        invalid(distrust(&client_of(&Authority::new()), &server, "server.test").await, |error| {
            matches!(error, CertificateError::BadSignature)
        });
        let expired = SecureEcho::new(&authority.expired_identity("server.test")).await;
        invalid(distrust(&client, &expired, "server.test").await, |error| {
            matches!(error, CertificateError::ExpiredContext { .. } | CertificateError::Expired)
        });
    });
}

#[test]
fn a_server_without_tls_is_distinguished_from_a_bad_certificate() {
    in_real_time(async {
        let server = Server::answering(|_| "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned()).await;
        let (listener, address) = listen().await;
        let plain = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await
                .unwrap();
            stream
        });
        let connected = connect(&format!("wss://{address}/")).await;
        let Err(ConnectError::Tls(error)) = connected else { panic!("{connected:?}") };
        assert!(matches!(error, Error::InvalidMessage(_)), "{error:?}");
        drop(plain.await.unwrap());
        // The other way round.
        let authority = Authority::new();
        let secure = SecureEcho::new(&authority.identity("127.0.0.1")).await;
        let connected = connect(&format!("ws://{}/", secure.address)).await;
        assert!(matches!(connected, Err(ConnectError::Malformed(_) | ConnectError::Disconnected)));
        drop(server);
    });
}

#[test]
fn the_deadline_covers_the_tls_handshake() {
    in_real_time(async {
        let (listener, address) = listen().await;
        let url = format!("wss://{address}/");
        let client = Client::new().connect_timeout(Duration::from_millis(300));
        let connected = client.connect(&url).await;
        assert!(matches!(connected, Err(ConnectError::TimedOut(ConnectStep::Tls))));
        drop(listener.accept().await.unwrap());
        let hanging_up = async { drop(listener.accept().await.unwrap()) };
        let (connected, ()) = tokio::join!(connect(&url), hanging_up);
        assert!(matches!(connected, Err(ConnectError::Disconnected)), "{connected:?}");
    });
}

#[test]
fn a_redirect_may_lead_to_tls_but_not_away_from_tls() {
    in_real_time(async {
        let authority = Authority::new();
        let secure = SecureEcho::new(&authority.identity("127.0.0.1")).await;
        let location = secure.url("127.0.0.1");
        let redirect =
            |location: &str| format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
        let answer = redirect(&location);
        let plain = Server::answering(move |_| answer.clone()).await;
        let client = client_of(&authority).max_redirects(2);
        let mut socket = client.connect(&plain.url("/")).await.unwrap();
        assert!(socket.recv().await.unwrap().is_some());

        let (listener, address) = listen().await;
        let config = std::sync::Arc::new(server_config(&authority.identity("127.0.0.1")));
        let answer = redirect(&plain.url("/"));
        let redirecting = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = tokio_rustls::TlsAcceptor::from(config);
            let mut stream = acceptor.accept(stream).await.unwrap();
            crate::support::answer(&mut stream, |_| answer).await;
            stream
        });
        let connected = client.connect(&format!("wss://{address}/")).await;
        let Err(ConnectError::Redirect { reason, .. }) = connected else { panic!("{connected:?}") };
        assert_eq!(reason, RedirectError::Insecure);
        drop(redirecting.await.unwrap());
        assert_eq!(plain.requests().len(), 1, "a request without TLS");
    });
}

#[test]
fn tls_goes_through_a_proxy() {
    in_real_time(async {
        let authority = Authority::new();
        let server = SecureEcho::new(&authority.identity("server.test")).await;
        let (listener, address) = listen().await;
        let to = server.address;
        let proxying = tokio::spawn(async move {
            let (mut client, _) = listener.accept().await.unwrap();
            let head = read_head(&mut client).await.unwrap();
            let mut server = TcpStream::connect(to).await.unwrap();
            let answer = b"HTTP/1.1 200 OK\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut client, answer).await.unwrap();
            let _ = copy_bidirectional(&mut client, &mut server).await;
            head
        });
        let client = client_of(&authority).proxy(format!("http://{address}"));
        let mut socket = client.connect("wss://server.test/").await.unwrap();
        let greeting = Message::text("server.test by http/1.1");
        assert_eq!(socket.recv().await.unwrap(), Some(greeting));
        drop(socket);
        let head = proxying.await.unwrap();
        assert!(head.starts_with("CONNECT server.test:443 HTTP/1.1\r\n"), "{head}");
    });
}

#[cfg(unix)]
#[test]
fn tls_goes_over_a_unix_socket() {
    in_real_time(async {
        let authority = Authority::new();
        let name = format!("websocket-listener-{}-tls", std::process::id());
        let path = std::env::temp_dir().join(name);
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let config = std::sync::Arc::new(server_config(&authority.identity("server.test")));
        let serving = async {
            let (stream, _) = listener.accept().await.unwrap();
            let stream = tokio_rustls::TlsAcceptor::from(config).accept(stream).await.unwrap();
            WebSocketListener::builder().acceptor().accept(stream).await.unwrap()
        };
        let client = client_of(&authority);
        let connecting = client.connect_unix(&path, "wss://server.test/");
        let (socket, mut accepted) = tokio::join!(connecting, serving);
        socket.unwrap().send_text("hello").await.unwrap();
        assert_eq!(accepted.recv().await.unwrap(), Some(Message::text("hello")));
        std::fs::remove_file(&path).unwrap();
    });
}

#[test]
fn root_certificates_that_are_not_certificates_are_reported() {
    let refused = |pem: &[u8]| Client::new().root_certificates(pem).unwrap_err();
    assert!(matches!(refused(b""), TlsError::NoCertificate));
    assert!(matches!(refused(b"no certificate"), TlsError::NoCertificate));
    let framed = |text: &str| {
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
    };
    assert!(matches!(refused(&framed("!")), TlsError::InvalidCertificate));
    assert!(matches!(refused(&framed("AAAA")), TlsError::InvalidCertificate));
    let cut = &framed("AAAA")[..30];
    assert!(matches!(refused(cut), TlsError::InvalidCertificate));
}
