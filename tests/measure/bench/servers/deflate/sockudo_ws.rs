//! sockudo-ws, compressing at level 1, after the handshake of its own server for the Autobahn TestSuite.

use std::error::Error;
use std::io;

use sockudo_ws::deflate::{DeflateConfig, negotiate_server_deflate};
use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request};
use sockudo_ws::{CompressedWebSocketStream, Config, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use websocket_listener_bench::{echo_bursts, run, serve};

fn main() -> io::Result<()> {
    run(serve(echo))
}

async fn echo(mut stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
    let policy = DeflateConfig { compression_level: 1, ..DeflateConfig::default() };
    let mut request = Vec::new();
    let (response, agreed) = loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        if let Some((request, _)) = parse_request(&request)? {
            let offers = request.extensions.ok_or("nothing is offered")?;
            let agreed = negotiate_server_deflate(offers, &policy).ok_or("an offer not known")?;
            let key = generate_accept_key(request.key);
            break (build_response(&key, None, Some(&agreed.to_response_header())), agreed.config);
        }
    };
    stream.write_all(&response).await?;
    let socket = CompressedWebSocketStream::server(stream, Config::default(), agreed);
    let is_data = |message: &Message| matches!(message, Message::Text(_) | Message::Binary(_));
    Ok(echo_bursts(socket, is_data).await?)
}
