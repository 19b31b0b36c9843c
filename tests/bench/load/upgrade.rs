//! The opening handshake, seen from the client.

use std::io;
use std::str;

use crate::server::Protocol;

/// What is sent. A raw server sends it back.
pub(crate) const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
      Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// What the server must have made of the key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Whether the answer is complete; an error if it is not the one hoped for.
pub(crate) fn is_answered(protocol: Protocol, answer: &[u8]) -> io::Result<bool> {
    if !answer.ends_with(b"\r\n\r\n") {
        return Ok(false);
    }
    let good = match protocol {
        Protocol::Raw => answer == REQUEST,
        Protocol::WebSocket => {
            answer.starts_with(b"HTTP/1.1 101 ")
                && str::from_utf8(answer).is_ok_and(|text| text.contains(ACCEPT))
        }
    };
    if good { Ok(true) } else { Err(io::Error::other("the opening handshake failed")) }
}
