//! Does one thing to the engine, so many times: what `cargo xtask instructions` counts.
//!
//! ```text
//! instructions decode BYTES TIMES       a server receives masked binary frames
//! instructions encode BYTES TIMES       a client begins such frames and masks their payload
//! instructions handshake 0 TIMES        a server reads a browser's request and accepts it
//! ```

use std::error::Error;
use std::hint::black_box;

use websocket_listener_core::handshake::{Accept, HeadLimits, HeadScanner, Request};
use websocket_listener_core::{Config, Connection, DataFrame, Event, Instant, MessageKind, Role};

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The request that Chromium sends.
const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: example.com\r\n\
    Connection: Upgrade\r\n\
    Pragma: no-cache\r\n\
    Cache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/140.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\n\
    Origin: https://example.com\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-GB,en;q=0.9\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, bytes, times] = arguments.as_slice() else {
        return Err("say what, with how many bytes, and how many times".into());
    };
    let (bytes, times) = (bytes.parse()?, times.parse()?);
    match what.as_str() {
        "decode" => decode(bytes, times),
        "encode" => encode(bytes, times),
        "handshake" => handshake(times),
        _ => Err(format!("no such thing: {what}").into()),
    }
}

/// Unmasking is masking: the frame that was decoded is the next one to decode.
fn decode(bytes: usize, times: u64) -> Result<(), Box<dyn Error>> {
    let now = Instant::from_micros(0);
    let mut server = Connection::new(Role::Server, Config::new(), now);
    let mut client = client(now);
    let whole = DataFrame::whole(MessageKind::Binary, bytes as u64);
    let header = client.begin_frame(whole)?;
    let mut frame = [header.as_bytes(), &vec![0x5a; bytes]].concat();
    for _ in 0..times {
        let received = server.receive(black_box(&mut frame), now)?;
        let length = match &received.event {
            Some(Event::Data(data)) if data.last => data.payload.len(),
            _ => 0,
        };
        if length != bytes {
            return Err("the frame was not decoded".into());
        }
        black_box(received);
    }
    Ok(())
}

fn encode(bytes: usize, times: u64) -> Result<(), Box<dyn Error>> {
    let mut client = client(Instant::from_micros(0));
    let mut payload = vec![0x5a; bytes];
    for _ in 0..times {
        let frame = DataFrame::whole(MessageKind::Binary, payload.len() as u64);
        let header = client.begin_frame(black_box(frame))?;
        black_box(header.as_bytes());
        header.mask().ok_or("no mask")?.apply(black_box(&mut payload));
    }
    // Masked twice, it is what it was.
    if times.is_multiple_of(2) != (payload == vec![0x5a; bytes]) {
        return Err("the payload was not masked each time".into());
    }
    Ok(())
}

fn handshake(times: u64) -> Result<(), Box<dyn Error>> {
    let mut out = [0; 256];
    for _ in 0..times {
        let received = black_box(REQUEST);
        let mut scanner = HeadScanner::new(HeadLimits::DEFAULT);
        let end = scanner.scan(received)?.ok_or("the head is cut off")?;
        let request = Request::parse(&received[..end])?;
        let length = Accept::new(&request.upgrade()?).write(&mut out)?;
        if !out[..length].starts_with(b"HTTP/1.1 101 ") {
            return Err("not accepted".into());
        }
        black_box(&out);
    }
    Ok(())
}

fn client(now: Instant) -> Connection {
    Connection::new(Role::Client { masks: || black_box(MASK) }, Config::new(), now)
}
