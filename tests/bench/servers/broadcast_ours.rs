//! A broadcast with this library, as its example `chat` shows it: a message is encoded once and its
//! bytes are shared.

use std::io;

use tokio::sync::broadcast;
use websocket_listener::{
    Error, PreparedMessage, WebSocketListener, WebSocketReader, WebSocketWriter,
};
use websocket_listener_bench::run;

const BACKLOG: usize = 64;

fn main() -> io::Result<()> {
    run(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        let (room, _) = broadcast::channel(BACKLOG);
        while let Some(socket) = listener.accept().await {
            let (reader, writer) = socket.split();
            tokio::spawn(hear(writer, room.subscribe()));
            tokio::spawn(speak(reader, room.clone()));
        }
        Ok(())
    })
}

async fn speak(
    mut reader: WebSocketReader,
    room: broadcast::Sender<PreparedMessage>,
) -> Result<(), Error> {
    while let Some(message) = reader.recv().await? {
        // Nobody listening is no fault.
        let _ = room.send(PreparedMessage::new(&message));
    }
    Ok(())
}

async fn hear(
    mut writer: WebSocketWriter,
    mut room: broadcast::Receiver<PreparedMessage>,
) -> Result<(), Error> {
    while let Ok(message) = room.recv().await {
        writer.send_prepared(&message).await?;
    }
    Ok(())
}
