//! Receives and sends frames with three libraries, checks what comes out, and prints what each took:
//! lines of `WHAT BYTES LIBRARY INSTRUCTIONS`.
//!
//! ```text
//! receive BYTES      a server has the payload of a masked binary frame that lies in a buffer
//! send BYTES         a client has such a frame in a buffer, of a payload that lies in another
//! handshake 0        a server has read a browser's request, and has its answer in a buffer
//! ```
//!
//! Buffers begin at each of four addresses in turn, for a frame may come to lie anywhere; what is
//! printed is the mean.
#![no_std]
#![no_main]

#[cfg(target_arch = "arm")]
#[path = "arm.rs"]
mod board;
#[cfg(target_arch = "riscv32")]
#[path = "riscv.rs"]
mod board;
mod contestant;
mod edge_ws;
mod embedded_websocket;
mod ours;

use core::hint::black_box;

use semihosting::{println, process};

use contestant::{Contestant, KEY};
use edge_ws::EdgeWs;
use embedded_websocket::EmbeddedWebsocket;
use ours::Ours;

/// Payloads, in bytes.
const SIZES: [usize; 4] = [32, 125, 1024, 4096];

/// The largest of them, its header, and the offset.
const ROOM: usize = 4096 + 14 + 4;

/// How often each thing is done.
const TIMES: u32 = 200;

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

/// The accept value of the key (RFC 6455 section 1.3).
const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

#[repr(align(4))]
struct Buffer([u8; ROOM]);

/// The program. What the board starts with comes here.
fn run() -> ! {
    measure::<Ours>();
    measure::<EmbeddedWebsocket>();
    measure::<EdgeWs>();
    process::exit(0)
}

#[inline(never)]
fn measure<C: Contestant>() {
    for size in SIZES {
        println!("receive {} {} {}", size, C::NAME, mean(|offset| receive::<C>(size, offset)));
        println!("send {} {} {}", size, C::NAME, mean(|offset| send::<C>(size, offset)));
    }
    if C::ACCEPTS {
        println!("handshake 0 {} {}", C::NAME, handshake::<C>());
    }
}

/// Of what a thing takes at each of four addresses.
fn mean(at: impl FnMut(usize) -> u32) -> u32 {
    (0..4).map(at).sum::<u32>() / 4
}

fn receive<C: Contestant>(size: usize, offset: usize) -> u32 {
    let mut contestant = C::new();
    let mut original = Buffer([0; ROOM]);
    let payload = fill(&mut original.0[..size]);
    let mut buffer = Buffer([0; ROOM]);
    let length = write_frame(payload, &mut buffer.0[offset..]);
    let frame = &mut buffer.0[offset..offset + length];
    let mut room = Buffer([0; ROOM]);
    assert!(contestant.receive(frame, &mut room.0[offset..]) == payload, "received wrongly");
    // It is no matter that what was unmasked in place is masked the next time.
    count(|| {
        black_box(contestant.receive(black_box(frame), &mut room.0[offset..]));
    })
}

fn send<C: Contestant>(size: usize, offset: usize) -> u32 {
    let mut contestant = C::new();
    let mut original = Buffer([0; ROOM]);
    let payload = fill(&mut original.0[..size]);
    let mut expected = Buffer([0; ROOM]);
    let length = write_frame(payload, &mut expected.0);
    let mut room = Buffer([0; ROOM]);
    let sent = contestant.send(payload, &mut room.0[offset..]);
    assert!(sent == &expected.0[..length], "sent wrongly");
    count(|| {
        black_box(contestant.send(black_box(payload), &mut room.0[offset..]));
    })
}

fn handshake<C: Contestant>() -> u32 {
    let mut room = [0; 512];
    let answer = C::accept(REQUEST, &mut room);
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "not accepted");
    assert!(answer.windows(ACCEPT.len()).any(|part| part == ACCEPT), "accepted wrongly");
    count(|| {
        black_box(C::accept(black_box(REQUEST), &mut room));
    })
}

/// The instructions that a thing takes, each time it is done.
fn count(mut once: impl FnMut()) -> u32 {
    board::instructions(|| (0..TIMES).for_each(|_| once())) / TIMES
}

/// Bytes of which no two neighbours are alike.
fn fill(payload: &mut [u8]) -> &[u8] {
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte = (i as u8).wrapping_mul(29) ^ (i >> 8) as u8;
    }
    payload
}

/// By the definition (RFC 6455 sections 5.2 and 5.3), with none of the libraries; gives the length.
fn write_frame(payload: &[u8], room: &mut [u8]) -> usize {
    let length = payload.len() as u16;
    let [high, low] = length.to_be_bytes();
    let start = if length <= 125 { 2 } else { 4 };
    room[..start].copy_from_slice(&[0x82, 0x80 | low, high, low][..start]);
    if start == 4 {
        room[1] = 0x80 | 126;
    }
    room[start..start + 4].copy_from_slice(&KEY);
    for (i, byte) in payload.iter().enumerate() {
        room[start + 4 + i] = byte ^ KEY[i % 4];
    }
    start + 4 + payload.len()
}
