//! What connections that agreed on permessage-deflate cost while idle.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::{connection_count, resident};
use crate::listener::Listener;
use crate::outcome::{Failure, while_doing};
use crate::workspace::Workspace;

/// What each may cost more than without compression: 0.1 KiB.
const MORE_BYTES: u64 = 102;

/// Agreed to, and one of the same length that is not: the listener keeps requests.
const OFFERED: &str = "permessage-deflate";
const UNKNOWN: &str = "permessage-nothing";

/// How long memory may take to be given back.
const SETTLING: Duration = Duration::from_secs(2);

/// Measures the connections of two listeners that differ in what their clients offer.
pub(super) fn idle(workspace: &Workspace, faults: &mut Vec<Failure>) -> Result<(), Failure> {
    let count = connection_count()?;
    let without = idle_bytes_each(workspace, count, UNKNOWN)?;
    let with = idle_bytes_each(workspace, count, OFFERED)?;
    println!("{count} idle connections: {without} bytes each, {with} with permessage-deflate");
    if with > without + MORE_BYTES {
        faults.push(Failure::failed(format!(
            "permessage-deflate: {} bytes more for an idle connection, at most {MORE_BYTES}",
            with - without
        )));
    }
    Ok(())
}

fn idle_bytes_each(workspace: &Workspace, count: usize, offer: &str) -> Result<u64, Failure> {
    let listener = Listener::start_deflate(workspace, &["--no-takeover"])?;
    drop(open(&listener, offer)?);
    let start = resident(&listener)?;
    let sockets = (0..count).map(|_| open(&listener, offer)).collect::<Result<Vec<_>, _>>()?;
    thread::sleep(SETTLING);
    let each = resident(&listener)?.saturating_sub(start) / count as u64;
    drop(sockets);
    Ok(each)
}

fn open(listener: &Listener, offer: &str) -> Result<TcpStream, Failure> {
    let opened = || {
        let mut socket = TcpStream::connect(listener.socket_address())?;
        socket.set_read_timeout(Some(Duration::from_secs(30)))?;
        let request = format!(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Extensions: {offer}\r\n\r\n"
        );
        socket.write_all(request.as_bytes())?;
        let mut response = Vec::new();
        let mut buffer = [0; 1024];
        while !response.ends_with(b"\r\n\r\n") {
            match socket.read(&mut buffer)? {
                0 => break,
                count => response.extend_from_slice(&buffer[..count]),
            }
        }
        Ok((socket, String::from_utf8_lossy(&response).into_owned()))
    };
    let (socket, response) = opened().map_err(while_doing("opening a connection"))?;
    let agreed = response.contains(OFFERED) == (offer == OFFERED);
    if response.starts_with("HTTP/1.1 101 ") && agreed {
        Ok(socket)
    } else {
        Err(Failure::failed(format!("{offer} was answered with {response}")))
    }
}
