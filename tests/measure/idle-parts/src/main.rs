//! What an idle connection's memory is made of: opens connections to an echo as the README shows it,
//! and prints what is alive for each, by who asked for it. Built without optimisations, so that those
//! who asked have names.

mod allocations;

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use allocations::{Allocation, Remembering};
use websocket_listener::WebSocketListener;

#[global_allocator]
static ALLOCATOR: Remembering = Remembering;

/// Connections that are not looked at, because with them things are set up once; and those that are.
/// Together a power of two, by which tables grow.
const FIRST: usize = 6;
const CONNECTIONS: usize = 250;

/// Parts of functions' names, and what they ask for. The innermost function that is among them names
/// an allocation.
const PARTS: &[(&str, &str)] = &[
    ("ScheduledIo", "the socket, as Tokio knows it"),
    ("runtime::io::registration_set", "the socket, as Tokio knows it"),
    ("wheel::Wheel", "its place in the registry, with its deadline"),
    ("registry::Registry", "the signal to its task"),
    ("connection::Connection<", "the connection: stream, protocol, queues, options"),
    ("listener::head", "the bytes of the request"),
    ("runtime::task", "the task with the application's future"),
    ("listener::", "other parts of the listener"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (_sockets, alive) = runtime.block_on(open_connections())?;

    let mut parts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for allocation in &alive {
        let (bytes, held) = parts.entry(what(allocation)).or_default();
        *bytes += allocation.bytes;
        *held += held_by_glibc(allocation.bytes);
    }
    let mut parts: Vec<_> = parts.into_iter().collect();
    parts.sort_unstable_by_key(|(_, (bytes, _))| std::cmp::Reverse(*bytes));
    println!("bytes of a connection, and with what glibc adds:");
    let (mut bytes_of_all, mut held_of_all) = (0, 0);
    for (what, (bytes, held)) in parts {
        (bytes_of_all, held_of_all) = (bytes_of_all + bytes, held_of_all + held);
        if bytes / CONNECTIONS > 0 {
            println!("{:>6}{:>6}  {what}", bytes / CONNECTIONS, held / CONNECTIONS);
        }
    }
    println!("{:>6}{:>6}  in all", bytes_of_all / CONNECTIONS, held_of_all / CONNECTIONS);
    Ok(())
}

/// Gives the peers' ends of idle connections, and what is alive for them.
async fn open_connections() -> Result<(Vec<TcpStream>, Vec<Allocation>), Box<dyn Error>> {
    let listener = WebSocketListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Some(mut socket) = listener.accept().await {
            tokio::spawn(async move {
                while let Some(message) = socket.recv().await? {
                    socket.feed(message).await?;
                }
                Ok::<_, websocket_listener::Error>(())
            });
        }
    });
    let open = |count| {
        tokio::task::spawn_blocking(move || {
            (0..count).map(|_| converse(address)).collect::<io::Result<Vec<_>>>()
        })
    };
    let first = open(FIRST).await??;
    allocations::watch(true);
    let opened = open(CONNECTIONS).await;
    allocations::watch(false);
    Ok((first.into_iter().chain(opened??).collect(), allocations::alive()))
}

/// Opens a connection, and has a message echoed on it.
fn converse(address: SocketAddr) -> io::Result<TcpStream> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    socket.write_all(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )?;
    let mut response = Vec::new();
    while !response.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        response.extend(byte);
    }
    socket.write_all(b"\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")?;
    let mut echo = [0; 7];
    socket.read_exact(&mut echo)?;
    let is_right = response.starts_with(b"HTTP/1.1 101 ") && echo == *b"\x82\x05Hello";
    if is_right { Ok(socket) } else { Err(io::Error::other("that is no echo over WebSocket")) }
}

fn what(allocation: &Allocation) -> &'static str {
    let trace = allocation.trace.to_string();
    let mut names = trace.lines().filter_map(|line| line.trim().split_once(": "));
    let part = names.find_map(|(_, name)| PARTS.iter().find(|(part, _)| name.contains(part)));
    part.map_or("others", |(_, what)| what)
}

/// Eight bytes more, in steps of 16, at least 32.
const fn held_by_glibc(bytes: usize) -> usize {
    let held = (bytes + 8).next_multiple_of(16);
    if held < 32 { 32 } else { held }
}
