//! The opening handshake, seen from the client.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::str;

use crate::server::Protocol;

/// The request. A raw server sends it back.
pub(crate) const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
      Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The accept value that the server must have computed from the key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Connects and upgrades, or has the request sent back; waits for it.
pub(crate) fn connect(address: SocketAddr, protocol: Protocol) -> io::Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    upgrade(&mut socket, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Upgrades a connection that blocks, or has the request sent back; waits for it.
pub(crate) fn upgrade(socket: &mut (impl Read + Write), protocol: Protocol) -> io::Result<()> {
    socket.write_all(REQUEST)?;
    let mut answer = Vec::new();
    while !is_answered(protocol, &answer)? {
        let mut buffer = [0; 1024];
        match socket.read(&mut buffer)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(())
}

/// Whether the answer is complete; an error if it is not the one hoped for.
pub(crate) fn is_answered(protocol: Protocol, answer: &[u8]) -> io::Result<bool> {
    if !answer.ends_with(b"\r\n\r\n") {
        return Ok(false);
    }
    let good = match protocol {
        Protocol::Raw => answer == REQUEST,
        Protocol::WebSocket | Protocol::Fragments => {
            answer.starts_with(b"HTTP/1.1 101 ")
                && str::from_utf8(answer).is_ok_and(|text| text.contains(ACCEPT))
        }
    };
    if good { Ok(true) } else { Err(io::Error::other("the opening handshake failed")) }
}
