//! Messages that are compressed in both directions (RFC 7692): JSON-like text, no two alike, every byte
//! that comes back inflated and compared.

use std::fmt::Write as _;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::str;
use std::time::Duration;

use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush};

use crate::server::Server;

/// A server that is silent for this long has failed.
const SILENCE: Duration = Duration::from_secs(5);

/// The level that all servers use, too.
const LEVEL: i32 = 1;

const WINDOW_BITS: u8 = 15;

/// The final frame of a compressed text message.
const COMPRESSED_TEXT: u8 = 0xc1;

/// What a compressed message leaves out of its end.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Different messages that a connection sends before it begins again.
const MESSAGES: usize = 64;

/// Has every connection send a message, waits for all echoes, repeats, while `more`, which is told of
/// the messages echoed. Gives the mean number of bytes of an echo on the wire.
pub(crate) fn run(
    server: Server,
    connections: usize,
    bytes: usize,
    takeover: bool,
    mut more: impl FnMut(u64) -> io::Result<bool>,
) -> io::Result<u64> {
    let messages: Vec<String> = (0..MESSAGES as u64).map(|seed| json(seed, bytes)).collect();
    let mut conversations = (0..connections)
        .map(|_| Conversation::open(server, takeover))
        .collect::<io::Result<Vec<_>>>()?;
    let (mut echoed, mut wire_bytes) = (0_u64, 0);
    loop {
        for message in &messages {
            for conversation in &mut conversations {
                conversation.send(message.as_bytes())?;
            }
            for conversation in &mut conversations {
                wire_bytes += conversation.receive(message.as_bytes())?;
            }
            echoed += connections as u64;
            if !more(connections as u64)? {
                return Ok(wire_bytes / echoed);
            }
        }
    }
}

struct Conversation {
    socket: BufReader<TcpStream>,
    takeover: bool,
    deflate: Deflate,
    inflate: Inflate,
    buffer: Vec<u8>,
    frame: Vec<u8>,
}

impl Conversation {
    fn open(server: Server, takeover: bool) -> io::Result<Self> {
        let socket = TcpStream::connect(server.address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(SILENCE))?;
        let mut socket = BufReader::new(socket);
        upgrade(&mut socket, takeover)?;
        Ok(Self {
            socket,
            takeover,
            deflate: Deflate::new(LEVEL, false, WINDOW_BITS),
            inflate: Inflate::new(false, WINDOW_BITS),
            buffer: Vec::new(),
            frame: Vec::new(),
        })
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        if !self.takeover {
            self.deflate.reset();
        }
        self.buffer.resize(message.len() + 1024, 0);
        let before = self.deflate.total_out();
        self.deflate
            .compress(message, &mut self.buffer, DeflateFlush::SyncFlush)
            .map_err(|_| io::Error::other("the compressor failed"))?;
        let length = (self.deflate.total_out() - before) as usize - TAIL.len();

        let mask: [u8; 4] = rand::random();
        self.frame.clear();
        self.frame.push(COMPRESSED_TEXT);
        match length {
            0..=125 => self.frame.push(0x80 | length as u8),
            _ => {
                self.frame.push(0x80 | 126);
                self.frame.extend((length as u16).to_be_bytes());
            }
        }
        self.frame.extend(mask);
        let masked = self.buffer[..length].iter().zip(mask.iter().cycle());
        self.frame.extend(masked.map(|(byte, mask)| byte ^ mask));
        self.socket.get_mut().write_all(&self.frame)
    }

    /// Gives the bytes on the wire.
    fn receive(&mut self, expected: &[u8]) -> io::Result<u64> {
        let mut start = [0; 2];
        self.socket.read_exact(&mut start)?;
        if start[0] != COMPRESSED_TEXT {
            return Err(io::Error::other("the echo is no compressed text in one frame"));
        }
        let (header, length) = match start[1] {
            126 => {
                let mut length = [0; 2];
                self.socket.read_exact(&mut length)?;
                (4, usize::from(u16::from_be_bytes(length)))
            }
            127.. => return Err(io::Error::other("the echo is masked, or longer than can be")),
            length => (2, usize::from(length)),
        };
        self.frame.resize(length, 0);
        self.socket.read_exact(&mut self.frame)?;
        self.frame.extend(TAIL);
        if !self.takeover {
            self.inflate.reset(false);
        }
        // One more, or what is too long would not be seen.
        self.buffer.resize(expected.len() + 1, 0);
        let before = self.inflate.total_out();
        self.inflate
            .decompress(&self.frame, &mut self.buffer, InflateFlush::SyncFlush)
            .map_err(|_| io::Error::other("the echo cannot be inflated"))?;
        let inflated = (self.inflate.total_out() - before) as usize;
        if self.buffer[..inflated] != *expected {
            return Err(io::Error::other("the echo differs from what was sent"));
        }
        Ok((header + length) as u64)
    }
}

fn upgrade(socket: &mut BufReader<TcpStream>, takeover: bool) -> io::Result<()> {
    let parameters =
        if takeover { "" } else { "; server_no_context_takeover; client_no_context_takeover" };
    let request = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate{parameters}\r\n\r\n"
    );
    // In one write: wtx refuses a request whose parts come one by one.
    socket.get_mut().write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let answer = str::from_utf8(&answer).map_err(|_| ErrorKind::InvalidData)?;
    let is_alone = answer.contains("server_no_context_takeover");
    if !answer.starts_with("HTTP/1.1 101 ") || !answer.contains("permessage-deflate") {
        return Err(io::Error::other("the server does not compress"));
    }
    if is_alone == takeover {
        return Err(io::Error::other(
            "the server does not agree to the context takeover asked for",
        ));
    }
    Ok(())
}

/// Rows as an API returns them, cut to this many bytes; always the same for the same seed.
fn json(seed: u64, bytes: usize) -> String {
    let mut state = seed;
    let mut random = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut text = String::from("[");
    while text.len() < bytes {
        let symbol = ["ACME", "GLOBEX", "INITECH", "UMBRELLA", "HOOLI"][random(5) as usize];
        let side = ["buy", "sell"][random(2) as usize];
        let _ = write!(
            text,
            r#"{{"id":{},"symbol":"{symbol}","side":"{side}","price":{}.{:02},"quantity":{},"time":17{:011}}},"#,
            random(1 << 31),
            random(1_000),
            random(100),
            random(500),
            random(100_000_000_000),
        );
    }
    text.truncate(bytes);
    text
}
