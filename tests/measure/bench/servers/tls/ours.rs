//! This library over TLS, as its README shows it.

use std::io;

use websocket_listener::tls::ServerTls;
use websocket_listener::{Error, WebSocketListener};

use crate::identity;

pub(crate) fn run() -> io::Result<()> {
    websocket_listener_bench::run(async {
        let tls = ServerTls::from_config(identity::server_config()?);
        let listener = WebSocketListener::builder().tls(tls).bind("wss://127.0.0.1:0").await;
        let listener = listener.map_err(io::Error::other)?;
        println!("listening on {}", listener.local_addr()?);
        while let Some(mut socket) = listener.accept().await {
            tokio::spawn(async move {
                while let Some(message) = socket.recv().await? {
                    socket.feed(message).await?;
                }
                Ok::<_, Error>(())
            });
        }
        Ok(())
    })
}
