//! The opening handshake: the one header that the answer depends on is looked for, and nothing else.

use std::io;

use base64ct::{Base64, Encoding};
use sha1_smol::Sha1;
use websocket_listener_bench::Answered;

const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Turns a request into its response, once it is complete.
pub(crate) fn answer(bytes: &mut [u8]) -> io::Result<Answered> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return Ok(Answered { consumed: 0, answer: 0 });
    }
    let request = std::str::from_utf8(bytes).map_err(io::Error::other)?;
    let key = request
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Key"))
        .map(|(_, key)| key)
        .ok_or_else(|| io::Error::other("no key"))?;

    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(GUID.as_bytes());
    let accept = Base64::encode_string(&hash.digest().bytes());
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    let place = bytes.get_mut(..response.len()).ok_or_else(|| io::Error::other("short request"))?;
    place.copy_from_slice(response.as_bytes());
    Ok(Answered { consumed: bytes.len(), answer: response.len() })
}
