//! An echo listener that compresses its messages (permessage-deflate, RFC 7692).
//!
//! ```text
//! cargo run --release --features deflate --example deflate -- [--bind ADDRESS] [--port PORT] [--level LEVEL] [--no-takeover] [--limit BYTES] [--threads N]
//! ```
//!
//! With context takeover, unless `--no-takeover` is given. `RUST_LOG=debug` shows what happens.

mod failure;

use std::time::Duration;

use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{Error, Options, WebSocket, WebSocketListener};

use failure::Failure;

const HELP: &str = "\
Usage: deflate [OPTION]...

An echo that compresses its messages (permessage-deflate).

  --bind ADDRESS  127.0.0.1 by default
  --port PORT     8006 by default, 0 for a free one
  --level LEVEL   of compression, 0 to 9; 1 by default
  --no-takeover   begins anew with each message
  --limit BYTES   of a message, inflated; 64 MiB by default
  --threads N     1 by default";

struct Arguments {
    bind: String,
    port: u16,
    level: u8,
    takeover: bool,
    limit: u64,
    threads: usize,
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
    let deflate = PermessageDeflate::new()
        .level(arguments.level)
        .server_context_takeover(arguments.takeover)
        .client_context_takeover(arguments.takeover);
    let listener = WebSocketListener::builder()
        .message_extension(deflate)
        .options(Options::new().max_message_bytes(arguments.limit))
        .bind((arguments.bind, arguments.port))
        .await?;
    println!("listening on ws://{}/", listener.local_addr()?);

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(async move {
                if let Err(error) = echo(socket).await {
                    tracing::info!(%error, "connection ended");
                }
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}

fn parse_arguments() -> Result<Arguments, lexopt::Error> {
    use lexopt::prelude::*;

    let mut arguments = Arguments {
        bind: "127.0.0.1".to_owned(),
        port: 8006,
        level: 1,
        takeover: true,
        limit: 64 << 20,
        threads: 1,
    };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bind") => arguments.bind = parser.value()?.string()?,
            Long("port") => arguments.port = parser.value()?.parse()?,
            Long("level") => arguments.level = parser.value()?.parse()?,
            Long("no-takeover") => arguments.takeover = false,
            Long("limit") => arguments.limit = parser.value()?.parse()?,
            Long("threads") => arguments.threads = parser.value()?.parse()?,
            Short('h') | Long("help") => {
                println!("{HELP}");
                std::process::exit(0);
            }
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(arguments)
}
