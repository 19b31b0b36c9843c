//! Connections that are opened, upgraded and closed, again and again.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::event_loop::EventLoop;
use crate::server::Server;
use crate::upgrade::{self, REQUEST};

/// A connection on its way to being upgraded.
struct Opening {
    socket: TcpStream,
    /// Whether the request has gone.
    asked: bool,
    answer: Vec<u8>,
}

impl Opening {
    fn start(server: Server, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut socket = TcpStream::connect(server.address)?;
        registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self { socket, asked: false, answer: Vec::new() })
    }

    /// Goes on as far as the socket allows; whether the connection is upgraded.
    fn advance(&mut self, server: Server) -> io::Result<bool> {
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
                upgrade::is_answered(server.protocol, &self.answer)
            }
            Err(error) if is_early(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether the socket is not connected yet, or has nothing to read.
fn is_early(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected)
}

/// Keeps so many on their way while `more`, which is told of every few that are done.
pub(crate) fn run(
    server: Server,
    connections: usize,
    mut more: impl FnMut(u64) -> io::Result<bool>,
) -> io::Result<()> {
    let mut events = EventLoop::new()?;
    let mut openings = (0..connections)
        .map(|number| Opening::start(server, events.registry(), Token(number)))
        .collect::<io::Result<Vec<_>>>()?;
    let mut ready = Vec::new();
    loop {
        ready.clear();
        ready.extend(events.wait()?);
        let mut done = 0;
        for &token in &ready {
            let opening = &mut openings[token.0];
            if opening.advance(server)? {
                // The old socket is closed as it is replaced.
                *opening = Opening::start(server, events.registry(), token)?;
                done += 1;
            }
        }
        if !more(done)? {
            return Ok(());
        }
    }
}
