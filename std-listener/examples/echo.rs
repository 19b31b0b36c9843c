//! An echo listener, with a page on the same port to try it from a browser.
//!
//! ```text
//! cargo run --release --example echo -- [--bind ADDRESS] [--port PORT]
//! ```

mod address;
mod failure;

use std::time::Duration;

use websocket_listener::http::Status;
use websocket_listener::http::{Answer, Request, Response};
use websocket_listener::{Error, WebSocket, WebSocketListener};

use failure::Failure;

const HELP: &str = "\
Usage: echo [--bind ADDRESS] [--port PORT]

An echo, with a page to try it from a browser; at 127.0.0.1:8006 unless told otherwise.";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (bind, port) = address::from_arguments(HELP, 8006)?;
    let listener = WebSocketListener::builder().on_request(answer).bind((bind, port)).await?;
    let address = listener.local_addr()?;
    println!("to try it from a browser: http://{address}/");
    println!("listening on ws://{address}/");

    let accepting = async {
        while let Some(socket) = listener.accept().await {
            tokio::spawn(echo(socket));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// Accepts WebSockets on every path, and serves the page at `/`.
async fn answer(request: Request) -> Answer {
    match (request.is_upgrade(), request.path()) {
        (true, _) => Answer::accept(),
        (false, "/") => Response::html(include_str!("echo.html")).into(),
        (false, _) => Response::new(Status::NOT_FOUND).body("not found\n").into(),
    }
}

/// Sends every message back. Replies to messages that came in one read leave in one write.
async fn echo(mut socket: WebSocket) -> Result<(), Error> {
    while let Some(message) = socket.recv().await? {
        socket.feed(message).await?;
    }
    Ok(())
}
