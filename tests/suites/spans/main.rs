//! The events of `tracing` for connections: in a span for each, from its opening handshake to its
//! end.

mod http2;
mod log;

use std::time::Duration;

use log::Log;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tracing::{Instrument, Level};
use websocket_listener::client::Client;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Request, Response};
use websocket_listener::{CloseCode, Message, WebSocket, WebSocketListener};
use websocket_listener_tests::request::request;

/// Runs a test with a subscriber of its own, and passes it what the subscriber gets.
fn told_at<T: Future<Output = ()>>(level: Level, test: impl FnOnce(Log) -> T) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .without_time()
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let limit = Duration::from_secs(60);
        let ended = runtime.block_on(async { tokio::time::timeout(limit, test(log)).await });
        ended.expect("the test ends in time");
    });
}

async fn connect(listener: &WebSocketListener, path: &str) -> (WebSocket, WebSocket<TcpStream>) {
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let client = Client::new().subprotocols(["chat"]);
    let url = format!("ws://localhost{path}");
    let (server, client) = tokio::join!(listener.accept(), client.connect_over(stream, &url));
    (server.unwrap(), client.unwrap())
}

async fn listener() -> WebSocketListener {
    let builder = WebSocketListener::builder().subprotocols(["chat"]);
    builder.bind("127.0.0.1:0").await.unwrap()
}

/// The fields of the span that a line is in.
fn span_of(line: &str) -> &str {
    let span = line.split_once("websocket{").and_then(|(_, span)| span.split_once('}'));
    span.map_or("", |(fields, _)| fields)
}

/// A handler, as an application has it.
async fn handle(mut server: WebSocket) {
    while let Some(message) = server.recv().await.unwrap() {
        tracing::info!(text = message.as_text(), "handled");
    }
}

#[test]
fn handlers_of_two_connections_are_distinguished_by_their_spans() {
    told_at(Level::INFO, async |log| {
        let listener = listener().await;
        let (first, mut one) = connect(&listener, "/first").await;
        let (second, mut other) = connect(&listener, "/second?x").await;
        let (first_id, second_id) = (first.id(), second.id());
        let (first_span, second_span) = (first.span(), second.span());
        tokio::spawn(handle(first).instrument(first_span));
        tokio::spawn(handle(second).instrument(second_span));
        one.send_text("a").await.unwrap();
        log.until("text=\"a\"").await;
        other.send_text("b").await.unwrap();
        log.until("text=\"b\"").await;
        one.send_text("c").await.unwrap();
        log.until("text=\"c\"").await;
        let handled = log.lines("handled");
        assert_eq!(handled.len(), 3);
        for (line, (id, path, client)) in handled.iter().zip([
            (first_id, "/first", &one),
            (second_id, "/second", &other),
            (first_id, "/first", &one),
        ]) {
            let peer_addr = client.stream().local_addr().unwrap();
            assert_eq!(line.matches("websocket{").count(), 1, "{line}");
            for field in [
                format!("id={id}"),
                format!("peer_addr={peer_addr}"),
                format!("client_addr={peer_addr}"),
                format!("path=\"{path}\""),
                "subprotocol=\"chat\"".to_owned(),
            ] {
                assert!(line.contains(&field), "no {field}: {line}");
            }
        }
    });
}

#[test]
fn logs_of_the_connection_itself_are_in_its_span() {
    told_at(Level::TRACE, async |log| {
        let listener = listener().await;
        let (server, mut client) = connect(&listener, "/").await;
        let id = server.id();
        // Its task is in no span.
        let handler = tokio::spawn(handle(server));
        client.ping(b"").await.unwrap();
        client.close(CloseCode::NORMAL, "").await.unwrap();
        handler.await.unwrap();
        let id = format!(" id={id} ");
        for event in ["open", "ping received", "ended"] {
            let lines = log.lines(event);
            let of_it = lines.iter().filter(|line| span_of(line).contains(&id)).count();
            assert_eq!(of_it, 1, "{event}: {lines:?}");
        }
        assert!(!log.lines("handled").iter().any(|line| line.contains("websocket{")));
    });
}

#[test]
fn a_connection_that_is_dropped_says_so_in_its_span() {
    told_at(Level::DEBUG, async |log| {
        let listener = listener().await;
        let (server, _client) = connect(&listener, "/dropped").await;
        drop(server);
        let lines = log.lines("dropped");
        assert!(lines.iter().any(|line| span_of(line).contains("path=\"/dropped\"")), "{lines:?}");
    });
}

/// RFC 6455 section 7.1.7: a server "SHOULD log the problem".
#[test]
fn a_failed_connection_is_logged_with_its_fault() {
    told_at(Level::DEBUG, async |log| {
        let listener = listener().await;
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        peer.write_all(request().text().as_bytes()).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        let unmasked = b"\x81\x00";
        peer.write_all(unmasked).await.unwrap();
        peer.shutdown().await.unwrap();
        server.recv().await.unwrap_err();
        let lines = log.lines("ended");
        assert!(lines.iter().any(|line| line.contains("UnmaskedFrame")), "{lines:?}");
    });
}

#[test]
fn the_negotiation_and_the_hook_are_in_the_span() {
    told_at(Level::DEBUG, async |log| {
        let listener = WebSocketListener::builder()
            .on_request(|request: Request| async move {
                tracing::info!("asked");
                match request.path() {
                    "/yes" => Answer::accept(),
                    _ => Answer::respond(Response::new(Status::FORBIDDEN)),
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let (server, client) = connect(&listener, "/yes").await;
        let peer_addr = client.stream().local_addr().unwrap();
        let asked = log.lines("asked");
        assert!(asked[0].contains(&format!("websocket{{peer_addr={peer_addr}}}")), "{asked:?}");
        let opened = log.lines("open");
        let span = format!("peer_addr={peer_addr} id={}", server.id());
        assert!(opened.iter().any(|line| line.contains(&span)), "no {span}: {opened:?}");

        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let peer_addr = stream.local_addr().unwrap();
        assert!(Client::new().connect_over(stream, "ws://localhost/no").await.is_err());
        let refused = log.lines("refused");
        let span = format!("websocket{{peer_addr={peer_addr}}}");
        assert!(refused.iter().any(|line| line.contains(&span)), "no {span}: {refused:?}");
    });
}

#[test]
fn both_halves_and_the_client_know_their_span() {
    told_at(Level::INFO, async |log| {
        let listener = listener().await;
        let (server, client) = connect(&listener, "/").await;
        let (id, span) = (server.id(), server.span());
        let (reader, writer) = server.split();
        assert_eq!((reader.span().id(), writer.span().id()), (span.id(), span.id()));
        assert_ne!(client.span().id(), span.id());
        client.span().in_scope(|| tracing::info!("of the client"));
        let line = &log.lines("of the client")[0];
        assert!(line.contains(&format!("id={} ", client.id())), "{line}");
        assert!(!line.contains(&format!("id={id} ")) && !line.contains("path="), "{line}");
    });
}

/// From the look-up of the name, over redirects, to the end.
#[test]
fn all_work_of_a_client_is_in_one_span() {
    told_at(Level::DEBUG, async |log| {
        let listener = WebSocketListener::builder()
            .subprotocols(["chat"])
            .on_request(|request: Request| async move {
                match request.path() {
                    "/there" => Answer::accept(),
                    _ => Response::redirect(Status::TEMPORARY_REDIRECT, "/there").into(),
                }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let address = listener.local_addr().unwrap();
        let connecting = async {
            let client = Client::new().subprotocols(["chat"]).max_redirects(1);
            let mine = tracing::info_span!("mine");
            client.connect(&format!("ws://{address}/")).instrument(mine).await.unwrap()
        };
        let (server, client) = tokio::join!(listener.accept(), connecting);
        let id = client.id();
        drop((server, client));

        for event in ["connecting", "redirected"] {
            let lines = log.lines(event);
            let of_it = lines.iter().filter(|line| line.contains("mine:websocket:")).count();
            assert!(of_it > 0, "{event}: {lines:?}");
        }
        let fields = format!("mine:websocket{{id={id} peer_addr={address} subprotocol=\"chat\"}}");
        for event in ["open", "dropped"] {
            let lines = log.lines(event);
            assert!(lines.iter().any(|line| line.contains(&fields)), "{event}: {lines:?}");
        }

        let refused = Client::new().connect(&format!("ws://{address}/elsewhere")).await;
        assert!(refused.is_err());
        let lines = log.lines("refused by the server");
        assert!(lines[0].contains(" websocket:"), "{lines:?}");
    });
}

#[test]
fn streams_without_a_listener_have_spans_within_the_span_of_their_task() {
    told_at(Level::INFO, async |log| {
        let (near, far) = tokio::io::duplex(4096);
        let builder = WebSocketListener::builder();
        let accepting = builder.acceptor().accept(far).instrument(tracing::info_span!("mine"));
        let client = Client::new();
        let (server, client) = tokio::join!(accepting, client.connect_over(near, "ws://a/pipe"));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        let span = server.span();
        client.send_text("hello").await.unwrap();
        let receiving = async {
            assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
            tracing::info!("received");
        };
        receiving.instrument(span).await;
        let line = &log.lines("received")[0];
        assert!(line.contains("mine:websocket{") && line.contains("path=\"/pipe\""), "{line}");
    });
}

#[test]
fn an_unwanted_span_is_disabled() {
    told_at(Level::WARN, async |log| {
        let listener = listener().await;
        let (server, client) = connect(&listener, "/").await;
        assert!(server.span().is_disabled() && client.span().is_disabled());
        assert!(log.lines("").is_empty());
    });
}
