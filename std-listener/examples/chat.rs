//! One chat room. A message is encoded once and its bytes are shared by all who get it.
//!
//! ```text
//! cargo run --release --example chat -- [--bind ADDRESS] [--port PORT]
//! ```
//!
//! Try it with the echo example's page, opened twice, or any WebSocket client.

mod address;
mod failure;

use std::time::Duration;

use tokio::sync::broadcast::{self, error::RecvError};
use websocket_listener::{
    CloseCode, Error, PreparedMessage, WebSocketListener, WebSocketReader, WebSocketWriter,
};

use failure::Failure;

const HELP: &str = "\
Usage: chat [--bind ADDRESS] [--port PORT]

One chat room, at 127.0.0.1:8007 unless told otherwise.";

/// How many messages a guest may lag behind before being asked to come again later.
const BACKLOG: usize = 64;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (bind, port) = address::from_arguments(HELP, 8007)?;
    let listener = WebSocketListener::bind((bind, port)).await?;
    println!("listening on ws://{}/", listener.local_addr()?);

    let (room, _) = broadcast::channel(BACKLOG);
    let mut guests = 0u64;
    let accepting = async {
        while let Some(socket) = listener.accept().await {
            guests += 1;
            let (reader, writer) = socket.split();
            tokio::spawn(hear(writer, room.subscribe()));
            tokio::spawn(speak(reader, room.clone(), format!("guest {guests}")));
        }
    };
    tokio::select! {
        () = accepting => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    listener.shutdown(Duration::from_secs(5)).await;
    Ok(())
}

/// Passes what one guest says to the room.
async fn speak(
    mut reader: WebSocketReader,
    room: broadcast::Sender<PreparedMessage>,
    name: String,
) {
    let tell = |text: String| {
        // It is not an error if nobody listens.
        let _ = room.send(PreparedMessage::new(text));
    };
    tell(format!("{name} came in"));
    while let Ok(Some(message)) = reader.recv().await {
        if let Some(text) = message.as_text() {
            tell(format!("{name}: {text}"));
        }
    }
    tell(format!("{name} left"));
}

/// Passes what the room says to one guest.
async fn hear(
    mut writer: WebSocketWriter,
    mut room: broadcast::Receiver<PreparedMessage>,
) -> Result<(), Error> {
    loop {
        match room.recv().await {
            Ok(message) => writer.send(&message).await?,
            Err(RecvError::Lagged(_)) => {
                return writer.close(CloseCode::TRY_AGAIN_LATER, "too slow").await;
            }
            Err(RecvError::Closed) => return writer.close(CloseCode::GOING_AWAY, "").await,
        }
    }
}
