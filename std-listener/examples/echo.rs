//! An echo listener, with a page on the same port to try it from a browser.
//!
//! ```text
//! cargo run --release --example echo -- [--bind ADDRESS] [--port PORT] [--threads N] [--limit BYTES] [--fragments N] [--no-ping] [--stream]
//! ```
//!
//! `--stream` echoes messages of any size as streams, without holding one in memory.
//! `RUST_LOG=debug` shows what happens.

mod failure;

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use websocket_listener::{
    Answer, Error, HttpConnection, Options, PingMode, Request, Response, WebSocket,
    WebSocketListener,
};

use failure::Failure;

/// The test page.
const PAGE: &str = include_str!("echo.html");

const HELP: &str = "\
Usage: echo [OPTION]...

An echo, with a page to try it from a browser.

  --bind ADDRESS  127.0.0.1 by default
  --port PORT     8006 by default, 0 for a free one
  --threads N     1 by default
  --limit BYTES   of a message; 64 MiB by default
  --fragments N   of a message; 1,048,576 by default
  --no-ping       sends no pings
  --stream        echoes messages as they come, without holding one in memory";

struct Arguments {
    bind: String,
    port: u16,
    threads: usize,
    limit: u64,
    fragments: u32,
    ping: PingMode,
    stream: bool,
}

fn main() -> Result<(), Failure> {
    let arguments = parse_arguments()?;
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let mut runtime = match arguments.threads {
        1 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.worker_threads(arguments.threads).enable_all().build()?.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let options = Options::new()
        .max_message_bytes(arguments.limit)
        .max_fragments(arguments.fragments)
        .ping_mode(arguments.ping);
    let listener = WebSocketListener::builder()
        .options(options)
        .on_request(answer)
        .bind((arguments.bind, arguments.port))
        .await?;
    let address = listener.local_addr()?;
    println!("to try it from a browser: http://{address}/");
    println!("listening on ws://{address}/");

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            if arguments.stream {
                tokio::spawn(async move { report(echo_streaming(socket).await) });
            } else {
                tokio::spawn(async move { report(echo(socket).await) });
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = tokio::signal::ctrl_c() => {
            let counts = listener.shutdown(Duration::from_secs(5)).await;
            println!("closed {}, aborted {}", counts.closed, counts.aborted);
        }
    }
    Ok(())
}

/// Sends every message back. Replies to messages that came in one read leave in one write.
async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}

/// Sends every message back as it comes, a piece at a time.
async fn echo_streaming(socket: WebSocket) -> Result<(), Error> {
    let (mut reader, mut writer) = socket.split();
    while let Some(mut incoming) = reader.next_message().await? {
        let mut outgoing = writer.message_writer(incoming.kind());
        while let Some(chunk) = incoming.chunk().await? {
            if outgoing.write_all(&chunk).await.is_err() {
                return Ok(());
            }
        }
        outgoing.finish().await?;
    }
    Ok(())
}

fn report(ended: Result<(), Error>) {
    if let Err(error) = ended {
        tracing::info!(%error, "connection ended");
    }
}

/// WebSockets are accepted on every path, and the page is served at `/`.
async fn answer(request: Request) -> Answer {
    if request.is_upgrade() { Answer::accept() } else { Answer::take_over(serve_page) }
}

async fn serve_page(http: HttpConnection) {
    let response = match (http.request().method(), http.request().path()) {
        ("GET" | "HEAD", "/") => {
            Response::new(200).header("Content-Type", "text/html; charset=utf-8").body(PAGE)
        }
        ("GET" | "HEAD", _) => Response::new(404).body("not found\n"),
        _ => Response::new(405).header("Allow", "GET, HEAD").body("GET or HEAD only\n"),
    };
    if let Err(error) = http.respond(response).await {
        tracing::info!(%error, "page not delivered");
    }
}

fn parse_arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::*;

    let mut arguments = Arguments {
        bind: "127.0.0.1".to_owned(),
        port: 8006,
        threads: 1,
        limit: 64 << 20,
        fragments: 1 << 20,
        ping: PingMode::BandwidthSaving,
        stream: false,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bind") => arguments.bind = parser.value()?.string()?,
            Long("port") => arguments.port = parser.value()?.parse()?,
            Long("threads") => arguments.threads = parser.value()?.parse()?,
            Long("limit") => arguments.limit = parser.value()?.parse()?,
            Long("fragments") => arguments.fragments = parser.value()?.parse()?,
            Long("no-ping") => arguments.ping = PingMode::Manual,
            Long("stream") => arguments.stream = true,
            Short('h') | Long("help") => {
                println!("{HELP}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(arguments)
}
