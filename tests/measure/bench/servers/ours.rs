//! This library, as its README shows it.

use std::io;

use websocket_listener::{Error, WebSocketListener};
use websocket_listener_bench::run;

fn main() -> io::Result<()> {
    run(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await?;
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
