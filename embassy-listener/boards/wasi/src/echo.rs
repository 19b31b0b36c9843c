//! Every message sent back, piece by piece.

use websocket_listener_core::io::{Clock, Error, ReadHalf, WebSocket, WriteHalf};

/// How many bytes of a message are held at a time.
const PIECE: usize = 4 * 1024;

/// Echoes until the connection has been closed.
pub(crate) async fn run<R: ReadHalf, W: WriteHalf, C: Clock>(
    socket: &mut WebSocket<R, W, C>,
) -> Result<(), Error> {
    let (mut reader, mut writer) = socket.split();
    let mut piece = [0; PIECE];
    while let Some(mut incoming) = reader.next_message().await? {
        let mut outgoing = writer.message_writer(incoming.kind());
        loop {
            let length = incoming.read(&mut piece).await?;
            let mut rest = &piece[..length];
            if rest.is_empty() {
                break;
            }
            while !rest.is_empty() {
                let written = outgoing.write(rest).await?;
                rest = &rest[written..];
            }
            // Flushed, because the next read may block while the peer waits for this.
            outgoing.flush().await?;
        }
        outgoing.finish().await?;
    }
    Ok(())
}
