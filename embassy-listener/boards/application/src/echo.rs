//! The echo, piece by piece.

use websocket_listener_embassy::{Error, MessageReader, MessageWriter, WebSocket};

use crate::traffic::Traffic;

/// The size of the buffer between the two rings, in bytes.
const PIECE: usize = 1024;

/// Echoes messages until the connection ends, in whatever way.
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

/// Echoes a message of any length through a small buffer, which is filled before it is sent: a
/// message in tiny fragments does not return in tiny fragments. A piece of text may end inside a
/// character.
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
