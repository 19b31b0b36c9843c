//! tokio-tungstenite, as its example `echo-server`, whose `forward` sends bursts in the same way.

use std::io;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use websocket_listener_bench::{echo_bursts, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    let socket = tokio_tungstenite::accept_async(stream).await?;
    echo_bursts(socket, |message: &Message| message.is_text() || message.is_binary()).await
}
