//! Pages and WebSockets over HTTP/2 (RFC 8441), and over HTTP/1.1, on one port.
//!
//! ```text
//! cargo run --features h2,tls --example http2 -- [--bind ENDPOINT]... [--certificate FILE --key FILE]
//! ```
//!
//! With a certificate and its key in PEM files (the example `tls` says how to make them) it listens
//! at `wss://localhost:8443`. Open that in a browser, as `https://…`: the page comes over HTTP/2,
//! and Chromium opens its WebSockets on the same connection. Without a certificate it listens at
//! `ws://127.0.0.1:8006`, where clients that know that HTTP/2 is spoken may begin with it. Each
//! WebSocket is greeted with the version of HTTP that it came by, then everything is echoed.

mod failure;

use std::path::PathBuf;
use std::time::Duration;

use websocket_listener::endpoint::Transport;
use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Http2Options, Request, Response};
use websocket_listener::tls::ServerTls;
use websocket_listener::{Error, WebSocket, WebSocketListener};

use failure::Failure;

const PAGE: &str = include_str!("http2.html");

const HELP: &str = "\
Usage: http2 [--bind ENDPOINT]... [--certificate FILE --key FILE]

Pages and WebSockets over HTTP/2: at wss://localhost:8443 with a certificate, else at
ws://127.0.0.1:8006.";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (endpoints, files) = parse_arguments()?;
    let mut builder = WebSocketListener::builder()
        .http2(Http2Options::new())
        .subprotocols(["greeting"])
        .on_request(answer);
    if let Some((certificate, key)) = files {
        builder = builder.tls(ServerTls::from_pem_files(certificate, key)?);
    }
    let listener = builder.bind(endpoints).await?;
    for endpoint in listener.local_endpoints() {
        println!("listening on {endpoint}");
    }

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(greet_and_echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// Over HTTP/2, an application responds. It may not take over.
async fn answer(request: Request) -> Answer {
    match (request.is_upgrade(), request.path()) {
        (true, "/") => Answer::accept(),
        (false, "/") => Response::html(PAGE).into(),
        _ => Response::new(Status::NOT_FOUND).body("not found\n").into(),
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

type Files = (PathBuf, PathBuf);

fn parse_arguments() -> Result<(Vec<String>, Option<Files>), lexopt::Error> {
    use lexopt::prelude::*;

    let (mut endpoints, mut certificate, mut key) = (Vec::new(), None, None);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bind") => endpoints.push(parser.value()?.string()?),
            Long("certificate") => certificate = Some(parser.value()?.into()),
            Long("key") => key = Some(parser.value()?.into()),
            Short('h') | Long("help") => {
                println!("{HELP}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    let files = match (certificate, key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err("--certificate and --key need each other".into()),
    };
    if endpoints.is_empty() {
        let default = if files.is_some() { "wss://localhost:8443" } else { "ws://127.0.0.1:8006" };
        endpoints.push(default.to_owned());
    }
    Ok((endpoints, files))
}
