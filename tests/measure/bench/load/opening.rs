//! A connection on its way to being upgraded, on an event loop.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::server::Protocol;
use crate::upgrade::{self, REQUEST};

pub(crate) struct Opening {
    socket: TcpStream,
    /// Whether the request has gone.
    asked: bool,
    answer: Vec<u8>,
}

impl Opening {
    /// Over a socket that connects.
    pub(crate) fn new(
        mut socket: TcpStream,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { socket, asked: false, answer: Vec::new() })
    }

    /// Goes on as far as the socket allows; whether the connection is upgraded.
    pub(crate) fn advance(&mut self, protocol: Protocol) -> io::Result<bool> {
        if !self.asked {
            match self.socket.write(REQUEST) {
                Ok(count) if count == REQUEST.len() => self.asked = true,
                Ok(_) => return Err(io::Error::other("a new socket takes no whole request")),
                Err(error) if is_early(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        let mut buffer = [0; 1024];
        match self.socket.read(&mut buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                self.answer.extend_from_slice(&buffer[..count]);
                upgrade::is_answered(protocol, &self.answer)
            }
            Err(error) if is_early(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The socket, upgraded.
    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }
}

/// Whether the socket is not connected yet, or has nothing to read.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected)
}
