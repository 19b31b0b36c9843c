//! The load of the benchmark: one thread, one event loop, every byte that comes back compared.
//!
//! ```text
//! bench-load --address IP:PORT --process ID [--raw | --fragments] [--tls] [--warm-up S] [--window S] WORKLOAD
//!   echo CONNECTIONS BYTES DEPTH    each sends DEPTH messages in one write, waits for all echoes, repeats
//!   handshakes CONNECTIONS          each connects, upgrades, closes, repeats
//!   broadcast CONNECTIONS BYTES     one sends a message, all get it, repeat
//!   deflate CONNECTIONS BYTES TAKEOVER
//!                                   each sends a compressed message, waits for the echo, repeats; TAKEOVER is 0 or 1
//!   memory CONNECTIONS              opens, uses some of them for 1 MiB, closes
//!   scale CONNECTIONS               opens, pings each, has one say something to all
//! ```
//!
//! Prints one line: `name=value` about the server's process, or `failed: ` and why. `--raw` is for a
//! server that sends back what it gets, without WebSocket; `--fragments` for one that sends messages
//! back in fragments, which is for `echo` with a DEPTH of 1.

mod arguments;
mod broadcast;
mod conversation;
mod crowd;
mod deflate;
mod event_loop;
mod fragments;
mod frames;
mod handshakes;
mod memory;
mod meter;
mod opening;
mod scale;
mod server;
mod stream;
mod upgrade;

use std::error::Error;

use arguments::{Arguments, Workload};
use crowd::Crowd;
use frames::Shape;
use meter::Meter;

fn main() {
    match Arguments::parse().and_then(|arguments| run(&arguments)) {
        Ok(line) => println!("{line}"),
        Err(error) => println!("failed: {error}"),
    }
}

fn run(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let server = arguments.server;
    match arguments.workload {
        Workload::Echo { connections, bytes, depth } => {
            let shape = Shape { protocol: server.protocol, bytes, depth };
            let mut crowd = Crowd::open(server, connections, shape, u64::MAX)?;
            let mut meter = Meter::new(server, arguments.warm_up, arguments.window);
            crowd.run(|echoed| meter.count(echoed))?;
            Ok(meter.line())
        }
        Workload::Handshakes { connections } => {
            let mut meter = Meter::new(server, arguments.warm_up, arguments.window);
            handshakes::run(server, connections, |done| meter.count(done))?;
            Ok(meter.line())
        }
        Workload::Broadcast { connections, bytes } => {
            let mut meter = Meter::new(server, arguments.warm_up, arguments.window);
            broadcast::run(server, connections, bytes, |received| meter.count(received))?;
            Ok(meter.line())
        }
        Workload::Deflate { connections, bytes, takeover } => {
            let mut meter = Meter::new(server, arguments.warm_up, arguments.window);
            let counted = |echoed| meter.count(echoed);
            let wire = deflate::run(server, connections, bytes, takeover, counted)?;
            Ok(format!("{} wire_bytes_each={wire}", meter.line()))
        }
        Workload::Memory { connections } => memory::run(server, connections),
        Workload::Scale { connections } => scale::run(server, connections),
    }
}
