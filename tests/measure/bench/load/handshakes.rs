//! Connections that are opened, upgraded and closed, again and again.

use std::io;

use mio::net::TcpStream;
use mio::{Registry, Token};

use crate::event_loop::EventLoop;
use crate::opening::Opening;
use crate::server::Server;

/// Keeps so many on their way while `more`, which is told of every few that are done.
pub(crate) fn run(
    server: Server,
    connections: usize,
    mut more: impl FnMut(u64) -> io::Result<bool>,
) -> io::Result<()> {
    let mut events = EventLoop::new()?;
    let mut openings = (0..connections)
        .map(|number| start(server, events.registry(), Token(number)))
        .collect::<io::Result<Vec<_>>>()?;
    let mut ready = Vec::new();
    loop {
        ready.clear();
        ready.extend(events.wait()?);
        let mut done = 0;
        for &token in &ready {
            let opening = &mut openings[token.0];
            if opening.advance(server.protocol)? {
                // The old socket is closed as it is replaced.
                *opening = start(server, events.registry(), token)?;
                done += 1;
            }
        }
        if !more(done)? {
            return Ok(());
        }
    }
}

fn start(server: Server, registry: &Registry, token: Token) -> io::Result<Opening> {
    Opening::new(TcpStream::connect(server.address)?, registry, token)
}
