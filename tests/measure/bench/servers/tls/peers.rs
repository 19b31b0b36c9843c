//! The peers that take any stream, set up as their programs without TLS are.

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use websocket_listener_bench::echo_bursts;

pub(crate) async fn sockudo_ws(mut stream: TlsStream<TcpStream>) -> Result<(), sockudo_ws::Error> {
    use sockudo_ws::{Config, Message, WebSocketStream};

    sockudo_ws::handshake::server_handshake(&mut stream).await?;
    let socket = WebSocketStream::server(stream, Config::default());
    echo_bursts(socket, |message| matches!(message, Message::Text(_) | Message::Binary(_))).await
}

pub(crate) async fn tokio_tungstenite(
    stream: TlsStream<TcpStream>,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    use tokio_tungstenite::tungstenite::Message;

    let socket = tokio_tungstenite::accept_async(stream).await?;
    echo_bursts(socket, |message: &Message| message.is_text() || message.is_binary()).await
}

pub(crate) async fn tokio_websockets(
    stream: TlsStream<TcpStream>,
) -> Result<(), tokio_websockets::Error> {
    use tokio_websockets::{Message, ServerBuilder};

    let (_request, socket) = ServerBuilder::new().accept(stream).await?;
    echo_bursts(socket, |message: &Message| message.is_text() || message.is_binary()).await
}
