//! wtx, compressing at level 1, as its example `web-socket-server`. It has no way to hold back a reply,
//! and no context takeover.

use std::io;

use tokio::net::TcpStream;
use websocket_listener_bench::{run, serve};
use wtx::collection::Vector;
use wtx::web_socket::compression::{Flate2, WindowBits};
use wtx::web_socket::{
    CompressionLevel, DeflateConfig, OpCode, WebSocketAcceptor, WebSocketPayloadOrigin,
};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(stream: TcpStream) -> wtx::Result<()> {
    let compression = Flate2::from(DeflateConfig {
        client_max_window_bits: WindowBits::Fifteen,
        compression_level: CompressionLevel::One,
        server_max_window_bits: WindowBits::Fifteen,
    });
    let mut socket = WebSocketAcceptor::default().compression(compression).accept(stream).await?;
    let (mut common, mut reader, mut writer) = socket.split_mut();
    let mut buffer = Vector::new();
    loop {
        let origin = WebSocketPayloadOrigin::Adaptive;
        let mut frame = reader.read_frame(&mut buffer, &mut common, origin).await?;
        match frame.op_code() {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => writer.write_frame(&mut common, &mut frame).await?,
            _ => {}
        }
    }
}
