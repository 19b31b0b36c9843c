//! This library, compressing at level 1.

use std::io;

use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{Error, WebSocketListener};
use websocket_listener_bench::run;

fn main() -> io::Result<()> {
    run(async {
        // Takeover as the client wants it.
        let deflate = PermessageDeflate::new()
            .level(1)
            .server_context_takeover(true)
            .client_context_takeover(true);
        let listener = WebSocketListener::builder().message_extension(deflate);
        let listener = listener.bind("127.0.0.1:0").await.map_err(io::Error::other)?;
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
