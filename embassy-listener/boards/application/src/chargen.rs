//! The character generator of RFC 864, in messages.

use websocket_listener_embassy::{MessageKind, SendError, WebSocket, WebSocketWriter};

use crate::sending::until_end;
use crate::traffic::Traffic;

/// The printing characters of ASCII.
const FIRST: u8 = b' ';
const COUNT: u8 = 95;

/// 72 characters and the line's end (RFC 864).
const LINE: usize = 74;

/// Sends messages until the connection ends.
pub(crate) async fn run(socket: &mut WebSocket, traffic: &Traffic) {
    let (reader, writer) = socket.split();
    until_end(reader, generate(writer, traffic)).await;
}

/// Sends messages of 95 lines each, one round of the pattern.
async fn generate(mut writer: WebSocketWriter<'_>, traffic: &Traffic) -> Result<(), SendError> {
    loop {
        let mut message = writer.message_writer(MessageKind::Text);
        for first in 0..COUNT {
            let line = line(first);
            let mut rest = &line[..];
            while !rest.is_empty() {
                let written = message.write(rest).await?;
                rest = &rest[written..];
            }
            traffic.bytes(line.len());
        }
        message.finish().await?;
        traffic.message();
    }
}

/// Returns the line that begins with this character.
fn line(first: u8) -> [u8; LINE] {
    let mut line = [0; LINE];
    for (character, number) in line.iter_mut().zip(first..) {
        *character = FIRST + number % COUNT;
    }
    line[LINE - 2..].copy_from_slice(b"\r\n");
    line
}
