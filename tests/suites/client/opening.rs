//! The client's opening handshake over a stream, request and answer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use websocket_listener::WebSocket;
use websocket_listener::client::{Client, ConnectError, ConnectStep};
use websocket_listener::engine::handshake::{ClientRequestError, HeadError, Request, VerifyError};
use websocket_listener::http::{InvalidCookieError, InvalidHeaderError};

use crate::fitful::Fitful;
use crate::support::{established, header, in_virtual_time, read_head};

const URL: &str = "ws://example.com:8006/chat?room=1";

/// Reads the request, and answers with what `answer` makes of the accept value.
async fn serve(
    mut stream: DuplexStream,
    answer: impl Fn(&str) -> String,
) -> (String, DuplexStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let request = Request::parse(&head[..]).unwrap();
    let accept = request.upgrade().expect("a good request").accept_value().to_owned();
    stream.write_all(answer(&accept).as_bytes()).await.unwrap();
    (String::from_utf8(head).unwrap(), stream)
}

async fn connect(
    client: &Client,
    answer: impl Fn(&str) -> String,
) -> (Result<WebSocket<DuplexStream>, ConnectError>, String, DuplexStream) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (connected, (request, stream)) =
        tokio::join!(client.connect_over(near, URL), serve(far, answer));
    (connected, request, stream)
}

fn good(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
}

#[test]
fn the_request_carries_all_that_the_client_was_given() {
    in_virtual_time(async {
        let client = Client::new()
            .subprotocols(["a", "b"])
            .header("Origin", "http://example.com")
            .and_then(|client| client.header("Cookie", "id=1"))
            .unwrap();
        let (connected, request, _stream) = connect(&client, good).await;
        let socket = connected.unwrap();
        assert_eq!(socket.subprotocol(), None);
        assert_eq!(socket.response().unwrap().header_str("Upgrade"), Some("websocket"));
        assert!(request.starts_with("GET /chat?room=1 HTTP/1.1\r\nHost: example.com:8006\r\n"));
        for line in ["Sec-WebSocket-Protocol: a, b", "Origin: http://example.com", "Cookie: id=1"] {
            assert!(request.contains(&format!("{line}\r\n")), "{request}");
        }
    });
}

/// RFC 6455 section 4.1: "The nonce MUST be selected randomly for each connection."
#[test]
fn each_request_has_a_key_of_its_own() {
    in_virtual_time(async {
        let client = Client::new();
        let (_, one, _stream) = connect(&client, good).await;
        let (_, other, _stream) = connect(&client, good).await;
        assert_ne!(header(&one, "Sec-WebSocket-Key"), header(&other, "Sec-WebSocket-Key"));
    });
}

/// RFC 6455 section 4.1: "the client MUST wait for a response from the server before sending any
/// further data".
#[test]
fn nothing_follows_the_request_before_its_response() {
    in_virtual_time(async {
        let (near, mut far) = tokio::io::duplex(64 * 1024);
        let client = Client::new();
        let serving = async {
            let head = read_head(&mut far).await.unwrap();
            let more = tokio::time::timeout(Duration::from_secs(1), far.read_u8()).await;
            assert!(more.is_err(), "it sent {more:?}");
            far.write_all(established(&head).as_bytes()).await.unwrap();
            far
        };
        let (connected, _far) = tokio::join!(client.connect_over(near, URL), serving);
        connected.unwrap();
    });
}

#[test]
fn frames_after_the_answer_are_read() {
    in_virtual_time(async {
        let with_frames = |accept: &str| good(accept) + "\x01\x03abc\u{0}\x03def";
        let (connected, _, mut stream) =
            connect(&Client::new(), |accept| with_frames(accept)).await;
        let mut socket = connected.unwrap();
        stream.write_all(&[0x80, 0]).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap().as_text(), Some("abcdef"));
    });
}

#[test]
fn a_server_that_refuses_is_quoted() {
    in_virtual_time(async {
        let answer = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        let (connected, _, mut stream) = connect(&Client::new(), |_| answer.to_owned()).await;
        let Err(ConnectError::Refused { reason, response, .. }) = connected else { panic!() };
        assert_eq!(reason, VerifyError::Status(302));
        assert_eq!(response.header_str("Location"), Some("/elsewhere"));
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "the stream was dropped");
    });
}

#[test]
fn an_answer_that_breaks_a_rule_fails_the_connection() {
    in_virtual_time(async {
        let edits: [(&str, &str, VerifyError); 7] = [
            ("Upgrade: websocket\r\n", "", VerifyError::Upgrade),
            ("Upgrade: websocket", "Upgrade: h2c", VerifyError::Upgrade),
            ("Connection: Upgrade", "Connection: close", VerifyError::Connection),
            ("Sec-WebSocket-Accept: ", "Sec-WebSocket-Accept: x", VerifyError::Accept),
            ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n", VerifyError::Subprotocol),
            ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n", VerifyError::Extension),
            ("HTTP/1.1", "HTTP/1.0", VerifyError::HttpVersion),
        ];
        for (from, to, expected) in edits {
            let client = Client::new().subprotocols(["other"]);
            let (connected, _, _stream) =
                connect(&client, |accept| good(accept).replacen(from, to, 1)).await;
            let Err(ConnectError::Refused { reason, .. }) = connected else { panic!("{to}") };
            assert_eq!(reason, expected);
        }
    });
}

#[test]
fn an_answer_that_is_not_http_is_malformed() {
    in_virtual_time(async {
        let endless = "HTTP/1.1 101 Switching Protocols\r\nX: ".to_owned() + &"x".repeat(9000);
        let many = "HTTP/1.1 200 OK\r\n".to_owned() + &"X: y\r\n".repeat(65);
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
        let cases = [
            ("\x16\x03\x01", HeadError::NotHttp),
            ("SSH-2.0-OpenSSH\n", HeadError::BareLineFeed),
            ("HTTP/1.1 abc\r\n\r\n", HeadError::StartLine),
            ("HTTP/2 200\r\n\r\n", HeadError::Version),
            ("\0", HeadError::NotHttp),
            ("HTTP/1.1 200 OK\r\nX: \0", HeadError::ControlByte),
            (&endless, HeadError::TooLarge),
            (&many, HeadError::TooManyHeaders),
            (&interim, HeadError::TooManyInterim),
        ];
        for (answer, expected) in cases {
            let (connected, _, _stream) = connect(&Client::new(), |_| answer.to_owned()).await;
            let Err(ConnectError::Malformed(error)) = connected else { panic!("{answer:?}") };
            assert_eq!(error, expected, "{answer:?}");
        }
    });
}

/// RFC 9110 section 15.2: a client takes interim responses, even unexpected ones.
#[test]
fn interim_responses_are_passed_over() {
    in_virtual_time(async {
        let late = |accept: &str| {
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_owned()
                + &good(accept)
        };
        let (connected, _, _stream) = connect(&Client::new(), late).await;
        assert!(connected.is_ok());
    });
}

#[test]
fn a_server_that_says_nothing_is_given_up_at_the_deadline() {
    in_virtual_time(async {
        let (near, _far) = tokio::io::duplex(4096);
        let start = tokio::time::Instant::now();
        let client = Client::new().connect_timeout(Duration::from_secs(7));
        assert!(matches!(
            client.connect_over(near, URL).await,
            Err(ConnectError::TimedOut(ConnectStep::Handshake))
        ));
        assert_eq!(start.elapsed().as_secs(), 7);
        // One that takes nothing, too.
        let (near, _far) = tokio::io::duplex(10);
        assert!(matches!(
            client.connect_over(near, URL).await,
            Err(ConnectError::TimedOut(ConnectStep::Handshake))
        ));
    });
}

#[test]
fn a_server_that_is_gone_gives_disconnected() {
    in_virtual_time(async {
        let client = Client::new();
        let (near, far) = tokio::io::duplex(4096);
        drop(far);
        assert!(matches!(client.connect_over(near, URL).await, Err(ConnectError::Disconnected)));
        let (near, far) = tokio::io::duplex(4096);
        let serving = async {
            let (_, stream) = serve(far, |_| "HTTP/1.1 101".to_owned()).await;
            drop(stream);
        };
        let (connected, ()) = tokio::join!(client.connect_over(near, URL), serving);
        assert!(matches!(connected, Err(ConnectError::Disconnected)));
    });
}

#[test]
fn a_request_that_cannot_be_sent_is_not_sent() {
    in_virtual_time(async {
        let client = Client::new;
        let cases = [
            (client().subprotocols(["a b"]), ClientRequestError::InvalidSubprotocol),
            (client().subprotocols(["a", "a"]), ClientRequestError::InvalidSubprotocol),
        ];
        for (client, expected) in cases {
            let (near, mut far) = tokio::io::duplex(4096);
            let Err(ConnectError::Request(error)) = client.connect_over(near, URL).await else {
                panic!()
            };
            assert_eq!(error, expected);
            assert_eq!(far.read(&mut [0]).await.unwrap(), 0, "nothing was sent");
        }
        // A long one is.
        let long = client().header("X-Long", "x".repeat(4000)).unwrap();
        let (connected, request, _stream) = connect(&long, good).await;
        assert!(connected.is_ok() && request.len() > 4000);
    });
}

#[test]
fn adding_a_header_or_cookie_that_would_inject_others_is_an_error() {
    use InvalidHeaderError::{Name, Reserved, Value};
    for (name, value, expected) in [
        ("X", "a\r\nY: b", Value),
        ("X", "a\0", Value),
        ("X:", "a", Name),
        ("", "a", Name),
        ("upgrade", "x", Reserved),
        ("Host", "x", Reserved),
        ("Connection", "close", Reserved),
        ("Content-Length", "1", Reserved),
        ("Sec-WebSocket-Key", "x", Reserved),
    ] {
        assert_eq!(Client::new().header(name, value).unwrap_err(), expected, "{name}: {value}");
    }
    for (name, value, expected) in [
        ("a", "1\r\nY: b", InvalidCookieError::Value),
        ("a", "1; b=2", InvalidCookieError::Value),
        ("a\r\nY: b", "1", InvalidCookieError::Name),
        ("a=1; b", "2", InvalidCookieError::Name),
        ("", "1", InvalidCookieError::Name),
    ] {
        assert_eq!(Client::new().cookie(name, value).unwrap_err(), expected, "{name}={value}");
    }
    assert!(Client::new().cookie("a", "\"1, 2\"").is_ok(), "as servers set them");
}

#[test]
fn a_handshake_dropped_midway_drops_its_stream() {
    in_virtual_time(async {
        for polls in 0..30 {
            let (near, mut far) = tokio::io::duplex(4096);
            let client = Client::new();
            let connecting = client.connect_over(Fitful::new(near, 9), URL);
            let connected = websocket_listener_tests::polled(polls, connecting).await;
            assert!(!matches!(connected, Some(Ok(_))));
            drop(connected);
            let mut request = Vec::new();
            far.read_to_end(&mut request).await.unwrap();
            assert!(
                b"GET /chat?room=1 HTTP/1.1\r\n".starts_with(&request[..request.len().min(16)])
            );
        }
    });
}
