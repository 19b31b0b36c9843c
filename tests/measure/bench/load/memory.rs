//! The server's memory for connections that do nothing, that have done much, and that have gone.

use std::error::Error;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::frames::Shape;
use crate::server::Server;

/// The length of the message that each connection sends before it is idle.
const SMALL_BYTES: usize = 32;

/// What some of them send after that, and how many.
const BIG_BYTES: usize = 1 << 20;
const BIG_CONNECTIONS: usize = 100;

/// The time that the server has to give memory back.
const SETTLING: Duration = Duration::from_millis(1_500);
const LOOK_EVERY: Duration = Duration::from_millis(50);

pub(crate) fn run(server: Server, connections: usize) -> Result<String, Box<dyn Error>> {
    // What a server sets up once is not counted.
    let shape = Shape { protocol: server.protocol, bytes: SMALL_BYTES, depth: 1 };
    echo(Crowd::open(server, 1, shape, 1)?, 1)?;
    let start = settled(server)?;

    let crowd = echo(Crowd::open(server, connections, shape, 1)?, connections)?;
    let idle = settled(server)?;
    let used = connections.min(BIG_CONNECTIONS);
    let mut crowd = crowd;
    crowd.continue_with(used, BIG_BYTES, 1);
    let crowd = echo(crowd, used)?;
    let after_big = settled(server)?;
    drop(crowd);
    let left = settled(server)?;

    let each = |bytes: u64| bytes.saturating_sub(start) / connections as u64;
    Ok(format!(
        "idle_bytes_each={} after_big_bytes_each={} left_bytes={}",
        each(idle),
        each(after_big),
        left.saturating_sub(start)
    ))
}

/// Lets a crowd go on until this many messages have come back.
fn echo(mut crowd: Crowd, messages: usize) -> io::Result<Crowd> {
    let mut missing = messages as u64;
    crowd.run(|echoed| {
        missing -= echoed;
        Ok(missing > 0)
    })?;
    Ok(crowd)
}

/// The least memory within a while.
fn settled(server: Server) -> io::Result<u64> {
    let deadline = Instant::now() + SETTLING;
    let mut least = server.resident()?;
    while Instant::now() < deadline {
        thread::sleep(LOOK_EVERY);
        least = least.min(server.resident()?);
    }
    Ok(least)
}
