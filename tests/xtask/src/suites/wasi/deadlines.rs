//! Peers that stop: the program gives each of them up in time, by itself.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread;

use crate::outcome::{Failure, while_doing};

/// Longer than any of the program's deadlines, on a machine that has much else to do.
const LIMIT: Duration = Duration::from_secs(120);

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: wasi\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A binary message of 125 bytes, masked with zeros (RFC 6455 section 5.2).
const HEADER: [u8; 6] = [0x82, 0x80 | 125, 0, 0, 0, 0];
const MESSAGE: usize = HEADER.len() + 125;

/// The first byte of a ping.
const PING: u8 = 0x89;

/// Gives whether it ended as it should.
type Check = fn(TcpStream) -> io::Result<bool>;

/// Runs all of them at once.
pub(super) fn run(address: SocketAddr) -> Result<(), Failure> {
    let checks: [(&str, Check); 3] = [
        ("a peer that never sends a request gets 408", says_nothing),
        ("a peer that answers no ping is given up", vanishes),
        ("a peer that reads nothing is given up", reads_nothing),
    ];
    let failures = thread::scope(|scope| {
        let running =
            checks.map(|(name, check)| (name, scope.spawn(move || check(connect(address)?))));
        let ended = running.map(|(name, check)| (name, check.join().expect("it does not panic")));
        ended
            .into_iter()
            .filter_map(|(name, outcome)| check(name, outcome).err())
            .collect::<Vec<_>>()
    });
    Failure::all(&failures)
}

fn check(name: &str, outcome: io::Result<bool>) -> Result<(), Failure> {
    if outcome.map_err(while_doing(name))? {
        println!("ok: {name}");
        return Ok(());
    }
    Err(Failure::failed(format!("not so: {name}")))
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    Ok(stream)
}

fn says_nothing(mut stream: TcpStream) -> io::Result<bool> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 408 "))
}

fn vanishes(mut stream: TcpStream) -> io::Result<bool> {
    stream.write_all(REQUEST)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n");
    Ok(head.is_some_and(|end| answer.get(end + 4) == Some(&PING)))
}

fn reads_nothing(mut stream: TcpStream) -> io::Result<bool> {
    stream.write_all(REQUEST)?;
    let mut message = [0; MESSAGE];
    message[..HEADER.len()].copy_from_slice(&HEADER);
    // As many as it takes to fill every buffer on the way: then a write waits, and fails in the end.
    loop {
        if let Err(error) = stream.write_all(&message) {
            return Ok(error.kind() != io::ErrorKind::WouldBlock);
        }
    }
}
