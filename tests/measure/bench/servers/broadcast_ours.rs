//! A broadcast with this library: all writers in one list, a message encoded once, its bytes shared.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use websocket_listener::{
    Error, PreparedMessage, WebSocketListener, WebSocketReader, WebSocketWriter, broadcast,
};
use websocket_listener_bench::run;

type Room = Arc<Mutex<Vec<WebSocketWriter>>>;

fn main() -> io::Result<()> {
    run(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        let room = Room::default();
        while let Some(socket) = listener.accept().await {
            let (reader, writer) = socket.split();
            room.lock().unwrap_or_else(PoisonError::into_inner).push(writer);
            tokio::spawn(hear(reader, Arc::clone(&room)));
        }
        Ok(())
    })
}

async fn hear(mut reader: WebSocketReader, room: Room) -> Result<(), Error> {
    while let Some(message) = reader.recv().await? {
        let message = PreparedMessage::new(&message);
        broadcast(&message, &mut *room.lock().unwrap_or_else(PoisonError::into_inner));
    }
    Ok(())
}
