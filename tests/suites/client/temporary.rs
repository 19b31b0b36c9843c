//! Which errors may pass, and for how long a server asks to be left alone.

use std::io;
use std::time::Duration;

use websocket_listener::client::{Client, ConnectError, ConnectStep, connect};

use crate::support::{Server, in_real_time, listen, refusing_address};

async fn refused_with(answer: &str) -> ConnectError {
    let answer = answer.to_owned();
    let server = Server::answering(move |_| answer.clone()).await;
    connect(&server.url("/")).await.expect_err("a refusal")
}

#[test]
fn temporary_statuses_are_distinguished_from_permanent_ones() {
    in_real_time(async {
        for (status, passes) in [
            (200, false),
            (302, false),
            (400, false),
            (401, false),
            (403, false),
            (404, false),
            (408, true),
            (425, true),
            (426, false),
            (429, true),
            (500, true),
            (501, false),
            (502, true),
            (503, true),
            (504, true),
        ] {
            let answer = format!("HTTP/1.1 {status} Some Reason\r\nContent-Length: 0\r\n\r\n");
            let error = refused_with(&answer).await;
            assert_eq!(error.is_temporary(), passes, "{status}: {error}");
            assert_eq!(error.retry_after(), None);
        }
    });
}

/// RFC 9110 section 10.2.3.
#[test]
fn seconds_in_retry_after_are_reported() {
    in_real_time(async {
        for (value, seconds) in [
            ("7", Some(7)),
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("soon", None),
            ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ] {
            let head = format!("HTTP/1.1 503 Service Unavailable\r\nRetry-After: {value}\r\n");
            let error = refused_with(&format!("{head}Content-Length: 0\r\n\r\n")).await;
            assert_eq!(error.retry_after(), seconds.map(Duration::from_secs), "{value}");
        }
    });
}

#[test]
fn an_unreachable_host_is_temporary() {
    in_real_time(async {
        let (_bound, address) = refusing_address();
        let error = connect(&format!("ws://{address}/")).await.unwrap_err();
        assert!(matches!(error, ConnectError::Connect(_)) && error.is_temporary());

        let (listener, address) = listen().await;
        let silent = Client::new().connect_timeout(Duration::from_millis(100));
        let error = silent.connect(&format!("ws://{address}/")).await.unwrap_err();
        assert!(matches!(error, ConnectError::TimedOut(ConnectStep::Handshake)));
        assert!(error.is_temporary() && error.retry_after().is_none());
        drop(listener);
    });
}

#[test]
fn mistakes_of_the_client_are_permanent() {
    in_real_time(async {
        for (client, url) in [
            (Client::new(), "http://example.com/"),
            (Client::new().subprotocols(["a", "a"]), "ws://127.0.0.1:1/"),
            (Client::new().proxy("socks5://127.0.0.1:1"), "ws://127.0.0.1:1/"),
        ] {
            let error = client.connect(url).await.unwrap_err();
            assert!(!error.is_temporary(), "{error}");
        }
    });
}

/// A server that breaks the rules of the handshake (RFC 6455 section 4.1) will do so again.
#[test]
fn an_answer_that_breaks_a_rule_is_permanent() {
    in_real_time(async {
        for answer in [
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: bm90IHRoZSByaWdodCBvbmUhIQ==\r\n\r\n",
            "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        ] {
            let error = refused_with(answer).await;
            assert!(!error.is_temporary(), "{error}");
        }
    });
}

#[test]
fn errors_of_a_proxy_are_classified_as_those_of_a_server() {
    in_real_time(async {
        for (answer, passes, seconds) in [
            (
                "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                false,
                None,
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n",
                true,
                Some(3),
            ),
        ] {
            let server = Server::answering(move |_| answer.to_owned()).await;
            let client = Client::new().proxy(format!("http://{}", server.address));
            let error = client.connect("ws://example.com/").await.unwrap_err();
            assert!(matches!(error, ConnectError::Proxy(_)));
            assert_eq!(error.is_temporary(), passes, "{error}");
            assert_eq!(error.retry_after(), seconds.map(Duration::from_secs));
        }
        let (_bound, address) = refusing_address();
        let client = Client::new().proxy(format!("http://{address}"));
        assert!(client.connect("ws://example.com/").await.unwrap_err().is_temporary());
    });
}

/// In a `main` that gives `io::Result`, as those of listeners do.
#[test]
fn an_error_becomes_an_io_error_that_contains_the_original() {
    async fn connected(url: &str) -> io::Result<()> {
        connect(url).await?;
        Ok(())
    }
    in_real_time(async {
        let error = connected("http://127.0.0.1/").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let (_kept, address) = refusing_address();
        let error = connected(&format!("ws://{address}/")).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = error.downcast::<ConnectError>().unwrap();
        assert!(matches!(error, ConnectError::Connect(_)) && error.is_temporary(), "{error}");
        let error = io::Error::from(refused_with("HTTP/1.1 403 No\r\n\r\n").await);
        assert_eq!(error.to_string(), "server answered with status 403");
        assert_eq!(
            io::Error::from(ConnectError::TimedOut(ConnectStep::Tls)).kind(),
            io::ErrorKind::TimedOut
        );
    });
}
