//! The output of a connection, read back without its help.

use websocket_listener_core::{Connection, Instant, MAX_CONTROL_FRAME};

/// A frame as it was found on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireFrame {
    /// Whether FIN is set.
    pub fin: bool,
    /// The reserved bits, RSV1 highest.
    pub rsv: u8,
    /// The opcode's four bits.
    pub opcode: u8,
    /// The masking key, if the frame is masked.
    pub mask: Option<[u8; 4]>,
    /// The payload, unmasked.
    pub payload: Vec<u8>,
}

/// The frames that `bytes` consist of.
///
/// # Panics
/// If they end inside a frame, or a length is not in its shortest form.
#[must_use]
pub fn wire_frames(mut bytes: &[u8]) -> Vec<WireFrame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        frames.push(wire_frame(&mut bytes));
    }
    frames
}

fn wire_frame(bytes: &mut &[u8]) -> WireFrame {
    let [first, second] = take(bytes);
    let length = match second & 0x7f {
        126 => u64::from(u16::from_be_bytes(take(bytes))),
        127 => u64::from_be_bytes(take(bytes)),
        short => u64::from(short),
    };
    let shortest = match length {
        0..=125 => length as u8,
        126..=0xffff => 126,
        _ => 127,
    };
    assert_eq!(second & 0x7f, shortest, "length {length} not in its shortest form");
    let mask: Option<[u8; 4]> = (second & 0x80 != 0).then(|| take(bytes));
    let length = usize::try_from(length).expect("a frame that fits into memory");
    let (payload, rest) = bytes.split_at_checked(length).expect("a whole payload");
    *bytes = rest;
    let key = mask.unwrap_or_default();
    WireFrame {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 7,
        opcode: first & 0x0f,
        mask,
        payload: payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect(),
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (taken, rest) = bytes.split_first_chunk().expect("a whole header");
    *bytes = rest;
    *taken
}

/// All control frames that wait, written at `now`.
///
/// # Panics
/// If there are more than a pong, a ping and a Close frame, or one does not leave.
pub fn transmit(connection: &mut Connection, now: Instant) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut room = [0; MAX_CONTROL_FRAME];
    for _ in 0..3 {
        let wanted = connection.wants_transmit();
        let written = connection.transmit(&mut room, now);
        assert_eq!(written > 0, wanted, "what waits is written");
        bytes.extend_from_slice(&room[..written]);
    }
    assert!(!connection.wants_transmit(), "control frames without end");
    bytes
}

/// All control frames that wait, written at `now` and flushed.
pub fn transmit_all(connection: &mut Connection, now: Instant) -> Vec<u8> {
    let bytes = transmit(connection, now);
    connection.flushed(now);
    bytes
}
