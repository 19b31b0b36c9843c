//! A listener that ends politely: Ctrl-C closes every connection with 1001, waits at most ten
//! seconds, and says how many ended.
//!
//! ```text
//! cargo run --release --example graceful -- [--bind ADDRESS] [--port PORT]
//! ```

mod address;
mod failure;

use std::time::Duration;

use websocket_listener::{Error, WebSocket, WebSocketListener};

use failure::Failure;

const HELP: &str = "\
Usage: graceful [--bind ADDRESS] [--port PORT]

An echo that ends politely on Ctrl-C; at 127.0.0.1:8006 unless told otherwise.";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (bind, port) = address::from_arguments(HELP, 8006)?;
    let listener = WebSocketListener::bind((bind, port)).await?;
    println!("listening on ws://{}/, Ctrl-C to end", listener.local_addr()?);

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    let ended = listener.shutdown(Duration::from_secs(10)).await;
    println!("{} closed, {} aborted", ended.closed, ended.aborted);
    println!("{:#?}", listener.counters());
    Ok(())
}

/// Gets `None` when the listener shuts down, once the client has been told.
async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
