//! This library, as its README shows it for messages of any size: passed on while they come in.

use std::io;

use websocket_listener::{Error, WebSocketListener};
use websocket_listener_bench::run;

fn main() -> io::Result<()> {
    run(async {
        let listener = WebSocketListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        while let Some(socket) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = socket.split();
                while let Some(mut incoming) = reader.next_message().await? {
                    let mut outgoing = writer.message_writer(incoming.kind());
                    while let Some(chunk) = incoming.chunk().await? {
                        outgoing.write_chunk(chunk).await?;
                    }
                    outgoing.finish().await?;
                }
                Ok::<_, Error>(())
            });
        }
        Ok(())
    })
}
