//! The echo, piece by piece.

use websocket_listener_core::io::{Clock, Error, ReadHalf, WebSocket, WriteHalf};

/// The size of the buffer for a piece of a message, in bytes.
const PIECE: usize = 4 * 1024;

/// Echoes messages until the connection has been closed.
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
            // The next read may block while the peer waits for this piece.
            outgoing.flush().await?;
        }
        outgoing.finish().await?;
    }
    Ok(())
}
