//! What connections cost an echo in resident memory: idle, after big messages, after they
//! have gone; what a message of 1 GiB costs that is echoed as a stream; what permessage-deflate adds to
//! idle ones, before and after they used it; what idle ones cost over HTTP/2; and what an idle one is
//! made of.

mod deflate;
mod http2;
mod parts;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::listener::Listener;
use crate::outcome::{Failure, Outcome, while_doing};
use crate::workspace::Workspace;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// Connections wanted; fewer if the system allows fewer open files.
const CONNECTIONS: usize = 10_000;

/// What each may cost while idle, as promised.
const IDLE_BYTES: u64 = KIB + KIB / 2;

/// What each may cost once it has carried a message of 1 MiB.
const SETTLED_BYTES: u64 = IDLE_BYTES + KIB;

/// How much more than before may remain after all have gone, in percent.
const LEFT_PERCENT: u64 = 20;

/// The size of the streamed message, and how much memory it may cost.
const STREAMED_BYTES: u64 = 1024 * MIB;
const STREAMING_BYTES: u64 = 4 * MIB;

/// How long memory may take to be given back.
const SETTLING: Duration = Duration::from_secs(10);

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Prints every figure, and fails if one is over its bound.
pub(crate) fn run(workspace: &Workspace) -> Outcome {
    let mut faults = Vec::new();
    connections(workspace, &mut faults)?;
    streaming(workspace, &mut faults)?;
    deflate::idle(workspace, &mut faults)?;
    http2::idle(workspace, &mut faults)?;
    parts::print(workspace)?;
    Failure::all(&faults)?;
    Ok("within the bounds".to_owned())
}

fn connections(workspace: &Workspace, faults: &mut Vec<Failure>) -> Result<(), Failure> {
    let count = connection_count()?;
    let listener = Listener::start_with(workspace, &["--no-ping"])?;

    // One connection, used and closed, so that what the program sets up once is not counted.
    carry(&mut open(&listener)?, 64 * KIB)?;
    let start = resident(&listener)?;
    println!("{:<44}{:>9} KiB", "before the first connection", start / KIB);

    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        sockets.push(open(&listener)?);
    }
    let each = |resident: u64| resident.saturating_sub(start) / count as u64;
    let idle = settle(&listener, |resident| each(resident) <= IDLE_BYTES)?;
    report(faults, &format!("{count} idle connections, each"), each(idle), IDLE_BYTES);

    for socket in &mut sockets {
        carry(socket, MIB)?;
    }
    let settled = settle(&listener, |resident| each(resident) <= SETTLED_BYTES)?;
    report(faults, "after a message of 1 MiB on each, each", each(settled), SETTLED_BYTES);

    for socket in &mut sockets {
        close(socket)?;
    }
    drop(sockets);
    let bound = start + start * LEFT_PERCENT / 100;
    let left = settle(&listener, |resident| resident <= bound)?;
    report(faults, "after all have closed", left, bound);
    Ok(())
}

/// As many as wanted, if the system allows that many open files.
fn connection_count() -> Result<usize, Failure> {
    let open_files = rlimit::increase_nofile_limit(u64::MAX).map_err(while_doing("open files"))?;
    Ok(CONNECTIONS.min(usize::try_from(open_files).unwrap_or(usize::MAX) - 100))
}

/// What programs may take, as Linux estimates it.
pub(super) fn available_memory() -> Result<u64, Failure> {
    let text = fs::read_to_string("/proc/meminfo").map_err(while_doing("/proc/meminfo"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| Failure::failed("unreadable /proc/meminfo"))
}

fn streaming(workspace: &Workspace, faults: &mut Vec<Failure>) -> Result<(), Failure> {
    let listener =
        Listener::start_with(workspace, &["--stream", "--limit", &u64::MAX.to_string()])?;
    let mut socket = open(&listener)?;
    let before = resident(&listener)?;

    let mut sender = socket.try_clone().map_err(while_doing("a second handle"))?;
    let sending = thread::spawn(move || {
        sender.write_all(&header(0x82, STREAMED_BYTES))?;
        let piece = MASK.repeat(MIB as usize / MASK.len());
        (0..STREAMED_BYTES / MIB).try_for_each(|_| sender.write_all(&piece))
    });
    let mut received = 0;
    let mut peak = before;
    while received < STREAMED_BYTES {
        received += read_frame(&mut socket)?;
        peak = peak.max(resident(&listener)?);
    }
    sending
        .join()
        .map_err(|_| Failure::failed("the sender panicked"))?
        .map_err(while_doing("sending 1 GiB"))?;
    report(faults, "growth while 1 GiB is echoed as a stream", peak - before, STREAMING_BYTES);
    close(&mut socket)
}

fn report(faults: &mut Vec<Failure>, what: &str, bytes: u64, bound: u64) {
    println!("{what:<44}{:>9.2} KiB, at most {:.1}", bytes as f64 / 1024.0, bound as f64 / 1024.0);
    if bytes > bound {
        faults.push(Failure::failed(format!("{what}: {bytes} bytes, at most {bound}")));
    }
}

/// Waits until the program's memory is `good`, for a limited time; returns the last figure.
fn settle(listener: &Listener, good: impl Fn(u64) -> bool) -> Result<u64, Failure> {
    let deadline = Instant::now() + SETTLING;
    loop {
        let resident = resident(listener)?;
        if good(resident) || Instant::now() > deadline {
            return Ok(resident);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// The resident memory of the program, as Linux counts it.
fn resident(listener: &Listener) -> Result<u64, Failure> {
    let file = format!("/proc/{}/status", listener.process_id());
    let status = fs::read_to_string(&file).map_err(while_doing(&file))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok())
        .map(|kibibytes| kibibytes * KIB)
        .ok_or_else(|| Failure::failed(format!("{file} has no VmRSS")))
}

fn open(listener: &Listener) -> Result<TcpStream, Failure> {
    let doing = while_doing("opening a connection");
    let opened = || {
        let mut socket = TcpStream::connect(listener.socket_address())?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(Duration::from_secs(30)))?;
        socket.write_all(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        )?;
        let mut response = [0; 129];
        socket.read_exact(&mut response)?;
        Ok((socket, response.starts_with(b"HTTP/1.1 101 ") && response.ends_with(b"\r\n\r\n")))
    };
    match opened().map_err(doing)? {
        (socket, true) => Ok(socket),
        (_, false) => Err(Failure::failed("the opening handshake was refused")),
    }
}

/// Sends a binary message of zeros and waits for its echo.
fn carry(socket: &mut TcpStream, bytes: u64) -> Result<(), Failure> {
    // The payload is zeros, so what is sent is the mask, again and again.
    let frame = [header(0x82, bytes), MASK.repeat(bytes as usize / MASK.len())].concat();
    let mut sender = socket.try_clone().map_err(while_doing("a second handle"))?;
    let sending = thread::spawn(move || sender.write_all(&frame));
    let mut received = 0;
    while received < bytes {
        received += read_frame(socket)?;
    }
    sending
        .join()
        .map_err(|_| Failure::failed("the sender panicked"))?
        .map_err(while_doing("sending a message"))
}

fn close(socket: &mut TcpStream) -> Result<(), Failure> {
    let doing = while_doing("closing a connection");
    let mut closed = || {
        let mut frame = header(0x88, 2);
        frame.extend([0x03 ^ MASK[0], 0xe8 ^ MASK[1]]);
        socket.write_all(&frame)?;
        let mut reply = Vec::new();
        socket.read_to_end(&mut reply)?;
        Ok(reply == [0x88, 2, 0x03, 0xe8])
    };
    match closed().map_err(doing)? {
        true => Ok(()),
        false => Err(Failure::failed("the closing handshake was not as it should be")),
    }
}

/// The header of a masked frame.
fn header(first: u8, length: u64) -> Vec<u8> {
    let mut header = vec![first];
    match length {
        0..=125 => header.push(0x80 | length as u8),
        126..=0xffff => {
            header.push(0x80 | 126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(0x80 | 127);
            header.extend(length.to_be_bytes());
        }
    }
    header.extend(MASK);
    header
}

/// Reads a frame of zeros; returns the length of its payload.
fn read_frame(socket: &mut TcpStream) -> Result<u64, Failure> {
    let mut read = || {
        let mut start = [0; 2];
        socket.read_exact(&mut start)?;
        let length = match start[1] {
            126 => {
                let mut length = [0; 2];
                socket.read_exact(&mut length)?;
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                socket.read_exact(&mut length)?;
                u64::from_be_bytes(length)
            }
            length => u64::from(length),
        };
        let mut payload = vec![0; length as usize];
        socket.read_exact(&mut payload)?;
        Ok((length, payload == vec![0; payload.len()]))
    };
    match read().map_err(while_doing("reading a frame"))? {
        (length, true) => Ok(length),
        (_, false) => Err(Failure::failed("the echo differs from what was sent")),
    }
}
