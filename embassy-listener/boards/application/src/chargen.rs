//! The character generator of RFC 864, in messages.

use embassy_futures::select::select;
use websocket_listener_embassy::{
    MessageKind, RecvError, SendError, WebSocket, WebSocketReader, WebSocketWriter,
};

use crate::traffic::Traffic;

/// The printing characters of ASCII.
const FIRST: u8 = b' ';
const COUNT: u8 = 95;

/// As RFC 864 has it: 72 characters, and the line's end.
const LINE: usize = 74;

/// Runs until the peer closes, or is gone.
pub(crate) async fn run(socket: &mut WebSocket, traffic: &Traffic) {
    let (reader, writer) = socket.split();
    // Who receives also answers pings and finds out that the peer is gone.
    select(drain(reader), generate(writer, traffic)).await;
}

/// Receives until the connection is over. What comes is thrown away.
pub(crate) async fn drain(mut reader: WebSocketReader<'_>) -> Result<(), RecvError> {
    while reader.next_message().await?.is_some() {}
    Ok(())
}

/// Each message is one turn of the pattern, 95 lines.
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

/// The line that begins with that character.
fn line(first: u8) -> [u8; LINE] {
    let mut line = [0; LINE];
    for (character, number) in line.iter_mut().zip(first..) {
        *character = FIRST + number % COUNT;
    }
    line[LINE - 2..].copy_from_slice(b"\r\n");
    line
}
