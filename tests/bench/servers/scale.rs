//! As many connections as the machine holds: each has a task that receives, and a writer in one list,
//! to which everything that somebody says goes.

use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use websocket_listener::{
    Error, Options, PingMode, PreparedMessage, WebSocketListener, WebSocketReader, WebSocketWriter,
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
        // Tokio lets a task write only so often before it has to wait; this one waits for nobody.
        tokio::task::unconstrained(async { tell(&room, &message) }).await;
    }
    Ok(())
}

/// Who takes no message of a few bytes misses it.
fn tell(room: &Room, message: &PreparedMessage) {
    let mut nobody = Context::from_waker(Waker::noop());
    for writer in &mut *room.lock().unwrap_or_else(PoisonError::into_inner) {
        let sending = pin!(writer.send_prepared(message));
        let _ = sending.poll(&mut nobody);
    }
}
