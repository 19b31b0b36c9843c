//! As many connections as the machine holds, all alive at once: each is opened, each is pinged and
//! must answer, and one says something that all must hear.
//!
//! Between the three it waits for a line on standard input.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use mio::Token;
use mio::net::TcpStream;
use socket2::{Domain, Socket, Type};

use crate::event_loop::{EventLoop, READ_BYTES};
use crate::frames::{Batch, Shape};
use crate::opening::Opening;
use crate::server::{Protocol, Server};

/// Connections that are opened, or pinged, at the same time; fewer than a listener negotiates.
const AT_ONCE: usize = 512;

/// Connections from one address. It has more ports, but the last are hard to find.
const PER_ADDRESS: usize = 10_000;

/// A masked Ping frame with the payload `beat`, and its answer.
const PING: &[u8] = b"\x89\x84\x01\x02\x03\x04cgbp";
const PONG: &[u8] = b"\x8a\x04beat";

/// The length of the message that one connection sends and all receive.
const SAID_BYTES: usize = 128;

/// A silence of the server that ends the measurement.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(server: Server, connections: usize) -> Result<String, Box<dyn Error>> {
    let before = server.resident()?;
    let mut crowd = Crowd {
        events: EventLoop::patient(PATIENCE)?,
        connections: (0..connections).map(|_| None).collect(),
        buffer: vec![0; READ_BYTES],
    };
    let start = Instant::now();
    crowd.open(server)?;
    let opening = start.elapsed();
    let idle = server.resident()?;

    wait_for_the_others("open")?;
    let start = Instant::now();
    crowd.ping()?;
    let pinging = start.elapsed();

    wait_for_the_others("pinged")?;
    let start = Instant::now();
    crowd.broadcast()?;
    let broadcast = start.elapsed();
    let after = server.resident()?;

    wait_for_the_others("told")?;
    let each = |bytes: u64| bytes.saturating_sub(before) / connections as u64;
    Ok(format!(
        "idle_bytes_each={} after_broadcast_bytes_each={} opening_s={:.3} pinging_s={:.3} \
         broadcast_s={:.3}",
        each(idle),
        each(after),
        opening.as_secs_f64(),
        pinging.as_secs_f64(),
        broadcast.as_secs_f64(),
    ))
}

/// Where a process may open few files only, several loads share the work, and none goes on before
/// all have come as far: each says how far it is, and is told to go on by a line.
fn wait_for_the_others(here: &str) -> io::Result<()> {
    println!("{here}");
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

struct Connection {
    socket: TcpStream,
    /// How much of what it waits for has come.
    received: u32,
}

struct Crowd {
    events: EventLoop,
    /// Each in the place of its token.
    connections: Vec<Option<Connection>>,
    buffer: Vec<u8>,
}

impl Crowd {
    fn open(&mut self, server: Server) -> io::Result<()> {
        let mut openings = HashMap::new();
        // Not where a load before this one has left its ports waiting.
        let first = Ipv4Addr::new(127, rand::random(), rand::random(), 1);
        let (mut started, mut open) = (0, 0);
        while open < self.connections.len() {
            while started < self.connections.len() && openings.len() < AT_ONCE {
                let token = Token(started);
                let socket = connect(server, first, started)?;
                openings.insert(token, Opening::new(socket, self.events.registry(), token)?);
                started += 1;
            }
            for token in self.events.wait()? {
                let opening = openings.get_mut(&token).map(|one| one.advance(server.protocol));
                if opening.transpose()? == Some(true)
                    && let Some(opening) = openings.remove(&token)
                {
                    let connection = Connection { socket: opening.into_socket(), received: 0 };
                    self.connections[token.0] = Some(connection);
                    open += 1;
                }
            }
        }
        Ok(())
    }

    fn ping(&mut self) -> io::Result<()> {
        let (mut pinged, mut answered) = (0, 0);
        while answered < self.connections.len() {
            while pinged < self.connections.len() && pinged - answered < AT_ONCE {
                self.write(pinged, PING)?;
                pinged += 1;
            }
            answered += self.hear(PONG)?;
        }
        self.connections.iter_mut().flatten().for_each(|connection| connection.received = 0);
        Ok(())
    }

    fn broadcast(&mut self) -> io::Result<()> {
        let shape = Shape { protocol: Protocol::WebSocket, bytes: SAID_BYTES, depth: 1 };
        let said = Batch::new(shape);
        self.write(0, &said.outgoing)?;
        let mut heard = 0;
        while heard < self.connections.len() {
            heard += self.hear(&said.expected)?;
        }
        Ok(())
    }

    /// Little enough for any socket that has nothing else to send.
    fn write(&mut self, number: usize, bytes: &[u8]) -> io::Result<()> {
        match &mut self.connections[number] {
            Some(connection) => connection.socket.write_all(bytes),
            None => Ok(()),
        }
    }

    /// Receives once from those who have something; gives how many have heard it all now.
    fn hear(&mut self, expected: &[u8]) -> io::Result<usize> {
        let mut complete = 0;
        for token in self.events.wait()? {
            let Some(connection) = &mut self.connections[token.0] else { continue };
            while (connection.received as usize) < expected.len() {
                let missing = &expected[connection.received as usize..];
                match connection.socket.read(&mut self.buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(count) if missing.starts_with(&self.buffer[..count]) => {
                        connection.received += count as u32;
                        complete += usize::from(count == missing.len());
                    }
                    Ok(_) => return Err(io::Error::other("not what was to come")),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(complete)
    }
}

/// Starts to connect, from an address of its own for every so many.
fn connect(server: Server, first: Ipv4Addr, number: usize) -> io::Result<TcpStream> {
    let from = Ipv4Addr::from(u32::from(first) + (number / PER_ADDRESS) as u32);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    match socket.connect(&server.address.into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}
