//! One connection sends a message, all get it, repeat.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::TcpStream;
use mio::{Interest, Token};

use crate::event_loop::{EventLoop, READ_BYTES};
use crate::frames::{Batch, Shape};
use crate::server::Server;
use crate::upgrade;

/// A connection in the room.
struct Guest {
    socket: TcpStream,
    /// How much of the message at hand has come.
    received: usize,
}

impl Guest {
    /// Receives until the socket has no more; whether the message is complete now.
    fn receive(&mut self, message: &[u8], buffer: &mut [u8]) -> io::Result<bool> {
        let before = self.received;
        while self.received < message.len() {
            let missing = &message[self.received..];
            match self.socket.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) if missing.starts_with(&buffer[..count]) => self.received += count,
                Ok(_) => return Err(io::Error::other("the message differs from what was sent")),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(self.received > before && self.received == message.len())
    }
}

/// Goes on while `more`, which is told how many messages have been received in all, returns true.
pub(crate) fn run(
    server: Server,
    connections: usize,
    bytes: usize,
    mut more: impl FnMut(u64) -> io::Result<bool>,
) -> io::Result<()> {
    let mut events = EventLoop::new()?;
    let mut guests = Vec::with_capacity(connections);
    for number in 0..connections {
        let mut socket = TcpStream::from_std(upgrade::connect(server.address, server.protocol)?);
        events.registry().register(&mut socket, Token(number), Interest::READABLE)?;
        guests.push(Guest { socket, received: 0 });
    }
    let mut batch = Batch::new(Shape { protocol: server.protocol, bytes, depth: 1 });
    let mut buffer = vec![0; READ_BYTES];
    loop {
        for guest in &mut guests {
            guest.received = 0;
        }
        guests[0].socket.write_all(&batch.outgoing)?;
        let mut missing = connections;
        while missing > 0 {
            let mut complete = 0;
            for token in events.wait()? {
                let guest = &mut guests[token.0];
                complete += usize::from(guest.receive(&batch.expected, &mut buffer)?);
            }
            missing -= complete;
            if !more(complete as u64)? {
                return Ok(());
            }
        }
        batch.renew();
    }
}
