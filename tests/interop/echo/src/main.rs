//! An echo on a free port of this machine, with the limits that a suite needs: larger messages and
//! more fragments than the example `echo` accepts, no pings, or messages as streams.
//!
//! ```text
//! echo-listener [--limit BYTES] [--no-ping] [--stream]
//! ```

use lexopt::prelude::*;
use websocket_listener::{Error, Options, PingMode, WebSocket, WebSocketListener};

struct Arguments {
    options: Options,
    stream: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = parse_arguments()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let listener =
        WebSocketListener::builder().options(arguments.options).bind("127.0.0.1:0").await?;
    println!("listening on ws://{}/", listener.local_addr()?);
    while let Some(socket) = listener.accept().await {
        if arguments.stream {
            tokio::spawn(echo_streaming(socket));
        } else {
            tokio::spawn(echo(socket));
        }
    }
    Ok(())
}

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
            outgoing.write_chunk(chunk).await?;
        }
        outgoing.finish().await?;
    }
    Ok(())
}

fn parse_arguments() -> Result<Arguments, lexopt::Error> {
    let mut options = Options::new().max_message_bytes(64 << 20).max_fragments(1 << 20);
    let mut stream = false;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("limit") => options = options.max_message_bytes(parser.value()?.parse()?),
            Long("no-ping") => options = options.ping_mode(PingMode::Manual),
            Long("stream") => stream = true,
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Arguments { options, stream })
}
