//! The minimum: what an echo over WebSocket costs when it is written by hand for nothing else.
//!
//! It unmasks payload and shortens headers where they were read, and sends pieces of a message as
//! they come. It answers no ping, checks no text and has no limit: it tells what a listener could
//! save at most.

mod frames;
mod upgrade;

use std::io;

use frames::Frames;
use tokio::net::TcpStream;
use websocket_listener_bench::{InPlace, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(stream: TcpStream) -> io::Result<()> {
    let mut connection = InPlace::new(stream);
    let mut upgraded = false;
    while !upgraded {
        let answering = connection.exchange(|bytes| {
            let answered = upgrade::answer(bytes)?;
            upgraded = answered.answer > 0;
            Ok(answered)
        });
        if !answering.await? {
            return Ok(());
        }
    }
    let mut frames = Frames::new();
    while connection.exchange(|bytes| frames.answer(bytes)).await? {}
    Ok(())
}
