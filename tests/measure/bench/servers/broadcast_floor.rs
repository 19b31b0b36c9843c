//! The floor of a broadcast: bare writes of the same bytes to the same sockets, one after the other.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpStream;
use websocket_listener_bench::{run, serve};

/// More than any message of the benchmark.
const BUFFER_BYTES: usize = 16 << 10;

type Room = Arc<Mutex<Vec<Arc<TcpStream>>>>;

fn main() -> io::Result<()> {
    let room = Room::default();
    run(serve(move |stream| hear(Arc::new(stream), Arc::clone(&room))))
}

async fn hear(stream: Arc<TcpStream>, room: Room) -> io::Result<()> {
    let guests = || room.lock().unwrap_or_else(PoisonError::into_inner);
    let mut is_in = false;
    loop {
        stream.readable().await?;
        let mut buffer = [0; BUFFER_BYTES];
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) if is_in => tell(&guests(), &buffer[..count])?,
            // The first bytes stand for a handshake.
            Ok(count) => {
                is_in = true;
                guests().push(Arc::clone(&stream));
                tell(&[Arc::clone(&stream)], &buffer[..count])?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// The load sends the next message once all have this one, so every socket has room for it.
fn tell(guests: &[Arc<TcpStream>], message: &[u8]) -> io::Result<()> {
    for guest in guests {
        if guest.try_write(message)? != message.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}
