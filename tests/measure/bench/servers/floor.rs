//! The floor: Tokio and TCP, every byte sent back as it came.

use std::io;

use tokio::net::TcpStream;
use websocket_listener_bench::{Answered, InPlace, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(stream: TcpStream) -> io::Result<()> {
    let mut connection = InPlace::new(stream);
    let everything = |bytes: &mut [u8]| Ok(Answered { consumed: bytes.len(), answer: bytes.len() });
    while connection.exchange(everything).await? {}
    Ok(())
}
