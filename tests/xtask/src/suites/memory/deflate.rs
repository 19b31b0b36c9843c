//! What connections that agreed on permessage-deflate cost while idle, before and after they carried
//! messages.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::{MASK, available_memory, connection_count, header, report, resident};
use crate::listener::Listener;
use crate::outcome::{Failure, while_doing};
use crate::workspace::Workspace;

/// What each may cost more than without compression: 0.1 KiB.
const MORE_BYTES: u64 = 102;

/// What its documentation says that context takeover costs at most, with window bits 15: to send and
/// to receive.
const CONTEXTS_BYTES: u64 = (372 + 47) * 1024;

/// What a connection carries before it is measured with context takeover: more than a window.
const MESSAGES: usize = 8;
const MESSAGE_BYTES: usize = 8_000;

/// Agreed to, and one of the same length that is not: the listener keeps requests.
const OFFERED: &str = "permessage-deflate";
const UNKNOWN: &str = "permessage-nothing";

/// The first byte of a compressed binary message in one frame.
const COMPRESSED: u8 = 0xc2;

/// The first byte of a ping, which a connection gets that has waited for long.
const PING: u8 = 0x89;

/// How long memory may take to be given back.
const SETTLING: Duration = Duration::from_secs(2);

/// Measures the connections of listeners that differ in what their clients offer, and in whether
/// contexts are taken over.
pub(super) fn idle(workspace: &Workspace, faults: &mut Vec<Failure>) -> Result<(), Failure> {
    let count = connection_count()?;
    let without = unused_bytes_each(workspace, count, &["--no-takeover"], UNKNOWN)?;
    for (takeover, arguments) in [("without", &["--no-takeover"][..]), ("with", &[])] {
        let what = format!("compressing {takeover} takeover, {count} unused, each");
        let bytes = unused_bytes_each(workspace, count, arguments, OFFERED)?;
        report(faults, &what, bytes, without + MORE_BYTES);
    }
    taken_over(workspace, count, without, faults)
}

fn unused_bytes_each(
    workspace: &Workspace,
    count: usize,
    arguments: &[&str],
    offer: &str,
) -> Result<u64, Failure> {
    let listener = Listener::start_deflate(workspace, arguments)?;
    drop(open(&listener, offer)?);
    let start = resident(&listener)?;
    let sockets = (0..count).map(|_| open(&listener, offer)).collect::<Result<Vec<_>, _>>()?;
    thread::sleep(SETTLING);
    let each = resident(&listener)?.saturating_sub(start) / count as u64;
    drop(sockets);
    Ok(each)
}

/// Connections that have taken contexts over, in both directions, as many as half of the memory that
/// is available holds.
fn taken_over(
    workspace: &Workspace,
    count: usize,
    without: u64,
    faults: &mut Vec<Failure>,
) -> Result<(), Failure> {
    let count = count.min((available_memory()? / 2 / (CONTEXTS_BYTES + without)) as usize);
    let listener = Listener::start_deflate(workspace, &[])?;
    let message = stored_message();
    echo(&mut open(&listener, OFFERED)?, &message)?;
    let start = resident(&listener)?;
    let mut sockets =
        (0..count).map(|_| open(&listener, OFFERED)).collect::<Result<Vec<_>, _>>()?;
    for socket in &mut sockets {
        for _ in 0..MESSAGES {
            echo(socket, &message)?;
        }
    }
    thread::sleep(SETTLING);
    let each = resident(&listener)?.saturating_sub(start) / count as u64;
    let what = format!("{count} that have taken contexts over, each");
    report(faults, &what, each, without + CONTEXTS_BYTES);
    Ok(())
}

/// A frame of rows of JSON in a block without compression (RFC 7692 section 7.2.3.3).
fn stored_message() -> Vec<u8> {
    let mut state = 1_u32;
    let mut text = String::new();
    while text.len() < MESSAGE_BYTES {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str(&format!(r#"{{"id":{state},"price":{}}},"#, state >> 20));
    }
    let length = text.len() as u16;
    let mut payload = vec![0];
    payload.extend(length.to_le_bytes());
    payload.extend((!length).to_le_bytes());
    payload.extend(text.as_bytes());
    payload.push(0);
    let mut frame = header(COMPRESSED, payload.len() as u64);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Sends the frame, and skips what comes back, compressed, and any ping before it.
fn echo(socket: &mut TcpStream, frame: &[u8]) -> Result<(), Failure> {
    let mut echoed = || {
        socket.write_all(frame)?;
        let mut start = [0; 2];
        socket.read_exact(&mut start)?;
        while start[0] == PING {
            socket.read_exact(&mut vec![0; start[1].into()])?;
            socket.read_exact(&mut start)?;
        }
        let [first, 126] = start else { return Ok(false) };
        let mut length = [0; 2];
        socket.read_exact(&mut length)?;
        let mut payload = vec![0; u16::from_be_bytes(length).into()];
        socket.read_exact(&mut payload)?;
        Ok(first == COMPRESSED && payload.len() < frame.len())
    };
    match echoed().map_err(while_doing("an echo"))? {
        true => Ok(()),
        false => Err(Failure::failed("the echo is not compressed, or not in one frame")),
    }
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
