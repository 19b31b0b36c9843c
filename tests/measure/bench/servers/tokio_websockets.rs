//! tokio-websockets, as the echo server of its README.

use std::io;

use tokio::net::TcpStream;
use tokio_websockets::{Error, Message, ServerBuilder};
use websocket_listener_bench::{echo_bursts, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    let (_request, socket) = ServerBuilder::new().accept(stream).await?;
    echo_bursts(socket, |message: &Message| message.is_text() || message.is_binary()).await
}
