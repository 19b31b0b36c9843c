//! hyper, and so axum, on the listener's port: its pages, and its upgraded streams.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request as HttpRequest, Response as HttpResponse};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use websocket_listener::http::{AllowedOrigins, Answer, Request};
use websocket_listener::{
    CloseCode, ListenerBuilder, Message, MessageKind, WebSocket, WebSocketAcceptor,
    WebSocketListener,
};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Side, text};

use crate::support::{accept, connect, in_real_time, until};

/// A listener that leaves everything to hyper, but WebSockets at `/ours`.
async fn listener(agreeing: ListenerBuilder) -> WebSocketListener {
    let agreeing = agreeing.acceptor();
    WebSocketListener::builder()
        .on_request(move |request: Request| {
            let agreeing = agreeing.clone();
            async move {
                if request.is_upgrade() && request.path() == "/ours" {
                    return Answer::accept();
                }
                Answer::serve(service_fn(move |request| page_or_echo(agreeing.clone(), request)))
            }
        })
        .bind("127.0.0.1:0")
        .await
        .unwrap()
}

async fn page_or_echo(
    acceptor: WebSocketAcceptor,
    mut request: HttpRequest<Incoming>,
) -> Result<HttpResponse<Full<Bytes>>, Infallible> {
    if !request.uri().path().starts_with("/theirs") {
        let body = request.body_mut().collect().await.unwrap().to_bytes();
        let page = format!("{} {}: {body:?}", request.method(), request.uri());
        return Ok(HttpResponse::new(Full::from(page)));
    }
    let agreed = match acceptor.upgrade(&request) {
        Ok(agreed) => agreed,
        Err(refusal) => return Ok(refusal.into_http().map(Full::new)),
    };
    let response = agreed.response();
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        assert_eq!(agreed.request().path(), "/theirs");
        let mut socket = WebSocket::from_upgraded(TokioIo::new(upgraded.await.unwrap()), agreed);
        while let Ok(Some(message)) = socket.recv().await {
            let subprotocol = socket.subprotocol().unwrap_or("none").to_owned();
            let echo = format!("{} over {subprotocol}", message.as_text().unwrap());
            socket.send(Message::text(echo)).await.unwrap();
        }
    });
    Ok(response)
}

/// The body came with the head, or later, or in two parts.
#[test]
fn hyper_gets_every_byte_and_keeps_the_connection() {
    in_real_time(async {
        let listener = listener(WebSocketListener::builder()).await;
        let mut peer = connect(&listener).await;
        let post = "POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
        peer.send(format!("{post}some")).await;
        peer.send(" more").await;
        assert_eq!(peer.response().await.body, "POST /page: b\"some more\"");
        peer.send(format!("{post}the next!")).await;
        assert_eq!(peer.response().await.body, "POST /page: b\"the next!\"");
        peer.send(format!("{post}1")).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        peer.send("23456789").await;
        assert_eq!(peer.response().await.body, "POST /page: b\"123456789\"");
        assert_eq!(listener.counters().taken_over, 1);
    });
}

#[test]
fn websockets_are_accepted_beside_hyper() {
    in_real_time(async {
        let builder = WebSocketListener::builder().on_request(|request: Request| async move {
            if request.is_upgrade() {
                return Answer::accept();
            }
            Answer::serve(service_fn(|_| async {
                Ok::<_, Infallible>(HttpResponse::new(Full::<Bytes>::from("page")))
            }))
        });
        let listener = builder.bind("127.0.0.1:0").await.unwrap();
        let mut peer = connect(&listener).await;
        peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.body, "page");
        let (mut server, mut client) = accept(&listener).await;
        client.send_text("beside").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("beside")));
    });
}

/// RFC 6455 section 4.2.2: 101 with the accept value and the subprotocol. The first frame comes with
/// the request.
#[test]
fn a_stream_that_hyper_has_upgraded_becomes_a_websocket() {
    in_real_time(async {
        let listener = listener(WebSocketListener::builder().subprotocols(["v2", "v1"])).await;
        let mut peer = connect(&listener).await;
        let asked = request().line("GET /theirs HTTP/1.1").and("Sec-WebSocket-Protocol", "v1, v2");
        let frame = text("early").to(Side::Server).bytes();
        peer.send([asked.text().as_bytes(), &frame].concat()).await;
        let response = peer.response().await;
        assert_eq!(response.status, 101);
        let header = |name| response.header(name);
        let lower = |name| header(name).map(str::to_ascii_lowercase);
        assert_eq!(lower("upgrade").as_deref(), Some("websocket"));
        assert_eq!(lower("connection").as_deref(), Some("upgrade"));
        let accept = websocket_listener_tests::request::ACCEPT;
        assert_eq!(header("sec-websocket-accept"), Some(accept));
        assert_eq!(header("sec-websocket-protocol"), Some("v2"));
        peer.echoed(MessageKind::Text, b"early over v2").await;
        peer.send_frame(text("later")).await;
        peer.echoed(MessageKind::Text, b"later over v2").await;
        peer.send_frame(websocket_listener_tests::close(CloseCode::NORMAL, "")).await;
        assert_eq!(peer.close_frame().await.0, CloseCode::NORMAL);
    });
}

#[test]
fn a_faulty_opening_handshake_gets_the_listeners_refusal() {
    in_real_time(async {
        let agreeing = WebSocketListener::builder()
            .allowed_origins(AllowedOrigins::same_origin().or_none())
            .subprotocols(["v1"])
            .require_subprotocol(true);
        let listener = listener(agreeing).await;
        let good = || request().line("GET /theirs HTTP/1.1").and("Sec-WebSocket-Protocol", "v1");
        for (asked, status) in [
            (good().with("Sec-WebSocket-Version", "8"), 426),
            (good().with("Sec-WebSocket-Key", "short"), 400),
            (good().with("Sec-WebSocket-Protocol", "v3"), 400),
            (good().and("Origin", "https://evil.org"), 403),
            (request().line("GET /theirs HTTP/1.1").without("Upgrade"), 400),
            (good(), 101),
        ] {
            let mut peer = connect(&listener).await;
            // A faulty one would be refused by the listener itself, before hyper sees it.
            peer.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
            assert_eq!(peer.response().await.status, 200);
            peer.send(asked.text()).await;
            let response = peer.response().await;
            assert_eq!(response.status, status, "{asked:?}");
            if status == 426 {
                assert_eq!(response.header("sec-websocket-version"), Some("13"));
            }
        }
    });
}

#[test]
fn a_shutdown_closes_connections_that_are_kept_alive() {
    in_real_time(async {
        let listener = listener(WebSocketListener::builder()).await;
        let mut peer = connect(&listener).await;
        peer.send("GET /page HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert_eq!(peer.response().await.status, 200);
        until(|| listener.counters().taken_over == 1).await;
        let ended = listener.shutdown(Duration::from_secs(30)).await;
        assert_eq!((ended.http_closed, ended.http_aborted), (1, 0));
        peer.ended().await;
    });
}
