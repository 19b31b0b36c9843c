//! Every message comes back, piece by piece.

use websocket_listener_embassy::{Error, MessageReader, MessageWriter, WebSocket};

use crate::traffic::Traffic;

/// What is on its way from one ring to the other.
const PIECE: usize = 1024;

/// Runs until the connection is over; nobody here needs to know how it ended.
pub(crate) async fn run(socket: &mut WebSocket, traffic: &Traffic) {
    let _ = echo(socket, traffic).await;
}

async fn echo(socket: &mut WebSocket, traffic: &Traffic) -> Result<(), Error> {
    let (mut reader, mut writer) = socket.split();
    while let Some(incoming) = reader.next_message().await? {
        let outgoing = writer.message_writer(incoming.kind());
        copy(incoming, outgoing, traffic).await?;
    }
    Ok(())
}

/// Echoes a message of any length through a small buffer. Pieces are collected until the buffer is
/// full, so that a message in tiny fragments does not go back in tiny fragments. Text may be cut
/// inside a character, as frames may be.
async fn copy(
    mut incoming: MessageReader<'_>,
    mut outgoing: MessageWriter<'_>,
    traffic: &Traffic,
) -> Result<(), Error> {
    let mut buffer = [0; PIECE];
    let mut filled = 0;
    loop {
        let count = incoming.read(&mut buffer[filled..]).await?;
        filled += count;
        if count == 0 || filled == buffer.len() {
            let mut piece = &buffer[..filled];
            while !piece.is_empty() {
                let written = outgoing.write(piece).await?;
                piece = &piece[written..];
            }
            traffic.bytes(filled);
            filled = 0;
        }
        if count == 0 {
            break;
        }
    }
    outgoing.finish().await?;
    traffic.message();
    Ok(())
}
