//! What WebSockets over HTTP/2 cost while idle: many on each connection, as browsers have them.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{KIB, report, resident, settle};
use crate::listener::Listener;
use crate::outcome::{Failure, while_doing};
use crate::workspace::Workspace;

const CONNECTIONS: u32 = 100;
const WEBSOCKETS_OF_EACH: u32 = 100;

/// What each WebSocket may cost while idle, with its share of the connection.
const IDLE_BYTES: u64 = 5 * KIB / 2;

/// Types of frames (RFC 9113 section 6), and their flags.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// What the example `http2` says first, in a frame of RFC 6455.
const GREETING: &[u8] = b"\x81\x0bover HTTP/2";

/// An extended CONNECT (RFC 8441 section 5).
const REQUEST: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "localhost"),
    ("sec-websocket-version", "13"),
];

/// Measures the example `http2`.
pub(super) fn idle(workspace: &Workspace, faults: &mut Vec<Failure>) -> Result<(), Failure> {
    let listener = Listener::start_http2(workspace)?;
    // One connection, used and closed, so that what the program sets up once is not counted.
    drop(Http2::connect(&listener).map_err(while_doing("HTTP/2"))?);
    let start = resident(&listener)?;
    let mut connections = (0..CONNECTIONS)
        .map(|_| Http2::connect(&listener))
        .collect::<Result<Vec<_>, _>>()
        .map_err(while_doing("opening WebSockets over HTTP/2"))?;
    let count = u64::from(CONNECTIONS * WEBSOCKETS_OF_EACH);
    let each = |resident: u64| resident.saturating_sub(start) / count;
    let idle = settle(&listener, |resident| each(resident) <= IDLE_BYTES)?;
    report(faults, &format!("{count} idle WebSockets over HTTP/2, each"), each(idle), IDLE_BYTES);
    // None of them was given up meanwhile.
    connections
        .iter_mut()
        .try_for_each(Http2::ping)
        .map_err(while_doing("asking the connections of HTTP/2 whether they live"))
}

/// A client's connection, with its WebSockets.
struct Http2(TcpStream);

impl Http2 {
    /// Opens all WebSockets, and waits until each was greeted.
    fn connect(listener: &Listener) -> io::Result<Self> {
        let stream = TcpStream::connect(listener.socket_address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut client = Self(stream);
        client.0.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
        client.send(SETTINGS, 0, 0, b"")?;
        client.await_frame(|kind, flags, _, _| (kind, flags) == (SETTINGS, 0))?;
        client.send(SETTINGS, ACK, 0, b"")?;
        for stream in (0..WEBSOCKETS_OF_EACH).map(|number| 2 * number + 1) {
            client.send(HEADERS, END_HEADERS, stream, &request())?;
            // `:status: 200` is the eighth of HPACK's static table (RFC 7541 appendix A).
            client.await_frame(|kind, _, of, payload| {
                (kind, of) == (HEADERS, stream) && payload.first() == Some(&0x88)
            })?;
            client.await_frame(|kind, _, of, payload| {
                (kind, of, payload) == (DATA, stream, GREETING)
            })?;
        }
        Ok(client)
    }

    fn ping(&mut self) -> io::Result<()> {
        self.send(PING, 0, 0, b"are you?")?;
        self.await_frame(|kind, flags, _, payload| {
            (kind, flags, payload) == (PING, ACK, b"are you?")
        })
    }

    fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
        let head = [&length[..], &[kind, flags], &stream.to_be_bytes()].concat();
        self.0.write_all(&[&head, payload].concat())
    }

    /// Passes over frames until one is as it should be.
    fn await_frame(&mut self, good: impl Fn(u8, u8, u32, &[u8]) -> bool) -> io::Result<()> {
        loop {
            let mut head = [0; 9];
            self.0.read_exact(&mut head)?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            self.0.read_exact(&mut payload)?;
            if good(kind, flags, u32::from_be_bytes(stream), &payload) {
                return Ok(());
            }
        }
    }
}

/// The request's fields, each a literal with a literal name (RFC 7541 section 6.2.2).
fn request() -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in REQUEST {
        block.push(0);
        for text in [name, value] {
            block.push(text.len() as u8);
            block.extend(text.as_bytes());
        }
    }
    block
}
