//! sockudo-ws, as the echo server of its README, after the handshake that the library has.

use std::io;

use sockudo_ws::handshake::server_handshake;
use sockudo_ws::{Config, Error, Message, WebSocketStream};
use tokio::net::TcpStream;
use websocket_listener_bench::{echo_bursts, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(mut stream: TcpStream) -> Result<(), Error> {
    server_handshake(&mut stream).await?;
    let socket = WebSocketStream::server(stream, Config::default());
    echo_bursts(socket, |message| matches!(message, Message::Text(_) | Message::Binary(_))).await
}
