//! WebSockets over HTTP/2: each has a span of its own, in that of the connection they share.

use bytes::Bytes;
use h2::client::SendRequest;
use h2::ext::Protocol;
use h2::{RecvStream, SendStream};
use http::{Method, Request, StatusCode, Version};
use tokio::net::TcpStream;
use tracing::Level;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Http2Options, Response};
use websocket_listener::{WebSocket, WebSocketListener};
use websocket_listener_tests::{Side, close, text};

use crate::{handle, told_at};

/// Asks for a WebSocket (RFC 8441 section 5).
async fn open(
    requests: &mut SendRequest<Bytes>,
    path: &str,
) -> (StatusCode, SendStream<Bytes>, RecvStream) {
    let request = Request::builder()
        .method(Method::CONNECT)
        .version(Version::HTTP_2)
        .uri(format!("http://server.example.com{path}"))
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "chat")
        .extension(Protocol::from_static("websocket"));
    let (response, sending) = requests.send_request(request.body(()).unwrap(), false).unwrap();
    let response = response.await.unwrap();
    (response.status(), sending, response.into_body())
}

fn send(sending: &mut SendStream<Bytes>, frame: websocket_listener_tests::Frame) {
    sending.send_data(frame.to(Side::Server).bytes().into(), false).unwrap();
}

#[test]
fn each_websocket_has_a_span_within_the_span_of_its_connection() {
    told_at(Level::DEBUG, async |log| {
        let listener = WebSocketListener::builder()
            .subprotocols(["chat"])
            .http2(Http2Options::new())
            .on_request(|request: websocket_listener::http::Request| async move {
                match request.path() {
                    "/refused" => Response::new(Status::FORBIDDEN).into(),
                    _ => Answer::accept(),
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let peer_addr = stream.local_addr().unwrap();
        let (mut requests, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        // The settings, which allow it, come with the first answer.
        let ask = Request::builder().uri("http://server.example.com/refused").body(()).unwrap();
        let _ = requests.send_request(ask, true).unwrap().0.await;
        let of_connection = format!("websocket{{peer_addr={peer_addr}}}:");

        let mut opened = Vec::new();
        for path in ["/one", "/two"] {
            let (status, sending, receiving) = open(&mut requests, path).await;
            assert_eq!(status, 200);
            let socket: WebSocket = listener.accept().await.unwrap();
            let id = socket.id();
            let span = socket.span();
            let handler = tokio::spawn(tracing::Instrument::instrument(handle(socket), span));
            opened.push((path, id, handler, sending, receiving));
        }
        for (path, id, handler, mut sending, _receiving) in opened.into_iter().rev() {
            send(&mut sending, text(path));
            send(&mut sending, close(websocket_listener::CloseCode::NORMAL, ""));
            sending.send_data(Bytes::new(), true).unwrap();
            handler.await.unwrap();
            let fields = format!(
                "{of_connection}websocket{{peer_addr={peer_addr} id={id} path=\"{path}\" \
                 client_addr={peer_addr} subprotocol=\"chat\"}}"
            );
            for event in ["open", "handled", "ended"] {
                let lines = log.lines(event);
                let of_it = lines.iter().filter(|line| line.contains(&fields)).count();
                assert_eq!(of_it, 1, "{event}, {fields}: {lines:?}");
            }
        }

        let (status, ..) = open(&mut requests, "/refused").await;
        assert_eq!(status, 403);
        let span = format!("{of_connection}websocket{{peer_addr={peer_addr}}}:");
        let refused = log.lines("refused");
        assert!(refused.iter().all(|line| line.contains(&span)), "no {span}: {refused:?}");
        assert_eq!(refused.len(), 2);
    });
}
