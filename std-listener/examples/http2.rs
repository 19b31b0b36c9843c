//! Pages and WebSockets over HTTP/2 (RFC 8441), and over HTTP/1.1, on one port.
//!
//! ```text
//! cargo run --features h2,tls --example http2 -- [ENDPOINT [CERTIFICATE KEY]]
//! ```
//!
//! With `wss://127.0.0.1:8006`, a certificate and its key in PEM files, open it in a browser: the page
//! comes over HTTP/2, and Chromium opens its WebSockets on the connection that it came by. Without, it
//! listens at `ws://127.0.0.1:8006`, where clients begin with HTTP/2 if they know that it is spoken.
//! Each WebSocket is greeted with the HTTP that it came by, then everything is echoed.

use std::error::Error as StdError;
use std::time::Duration;

use websocket_listener::{
    Answer, Error, Http2Options, Request, Response, ServerTls, Transport, WebSocket,
    WebSocketListener,
};

const PAGE: &str = include_str!("http2.html");

#[tokio::main]
async fn main() -> Result<(), Box<dyn StdError>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().unwrap_or_else(|| "ws://127.0.0.1:8006".to_owned());
    let mut builder = WebSocketListener::builder()
        .http2(Http2Options::new())
        .subprotocols(["greeting"])
        .on_request(answer);
    if let (Some(certificate), Some(key)) = (arguments.next(), arguments.next()) {
        builder = builder.tls(ServerTls::from_pem_files(certificate, key)?);
    }
    let listener = builder.bind(endpoint.as_str()).await?;
    println!("listening on {endpoint}");

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(greet_and_echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = tokio::signal::ctrl_c() => {
            println!("{:?}", listener.shutdown(Duration::from_secs(5)).await);
        }
    }
    Ok(())
}

/// Over HTTP/2, an application responds. It may not take over.
async fn answer(request: Request) -> Answer {
    match (request.is_upgrade(), request.path()) {
        (true, "/") => Answer::accept(),
        (false, "/") => {
            Response::new(200).header("Content-Type", "text/html; charset=utf-8").body(PAGE).into()
        }
        _ => Response::new(404).body("not found\n").into(),
    }
}

async fn greet_and_echo(mut socket: WebSocket) -> Result<(), Error> {
    let http = if matches!(socket.stream(), Transport::Http2(_)) { "HTTP/2" } else { "HTTP/1.1" };
    socket.send_text(&format!("over {http}")).await?;
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
