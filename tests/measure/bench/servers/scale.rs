//! As many connections as the machine holds: each has a task that receives, and a writer in one list,
//! to which every message goes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use websocket_listener::{
    Error, Options, PingMode, PreparedMessage, WebSocketListener, WebSocketReader, WebSocketWriter,
    broadcast,
};
use websocket_listener_bench::run;

type Room = Arc<Mutex<Vec<WebSocketWriter>>>;

fn main() -> io::Result<()> {
    run(async {
        // The load asks for pongs, all at once; a million keepalive pings meanwhile would be measured.
        let options = Options::new().ping_mode(PingMode::Manual);
        let listener = WebSocketListener::builder().options(options).bind("127.0.0.1:0");
        let listener = listener.await.map_err(io::Error::other)?;
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
