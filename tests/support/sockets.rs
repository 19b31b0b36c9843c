//! Connections over rings in memory, ready to use.

use websocket_listener_core::io::{Message, WebSocket};
use websocket_listener_core::{Config, MessageKind};

use crate::{RawPeer, RingReader, RingWriter, Side, VirtualClock, duplex};

/// A connection over rings, under the test's clock.
pub type RingSocket = WebSocket<RingReader, RingWriter, VirtualClock>;

/// A message of its own.
pub type OwnedMessage = (MessageKind, Vec<u8>);

/// A server and its client, joined by a ring of that many bytes each way.
#[must_use]
pub fn sockets(capacity: usize, config: Config, clock: &VirtualClock) -> (RingSocket, RingSocket) {
    let (here, there) = duplex(capacity);
    (socket(Side::Server, here, config, clock), socket(Side::Client, there, config, clock))
}

/// A connection of that side, and whatever the test makes of its peer.
#[must_use]
pub fn socket_and_peer(
    side: Side,
    capacity: usize,
    config: Config,
    clock: &VirtualClock,
) -> (RingSocket, RawPeer) {
    let (here, there) = duplex(capacity);
    (socket(side, here, config, clock), RawPeer::of(side, there))
}

fn socket(
    side: Side,
    (reader, writer): (RingReader, RingWriter),
    config: Config,
    clock: &VirtualClock,
) -> RingSocket {
    WebSocket::new(reader, writer, clock.clone(), side.role(), config)
}

/// The message, out of its buffer.
#[must_use]
pub fn owned(message: Message<'_>) -> OwnedMessage {
    (message.kind(), message.as_bytes().to_vec())
}

/// Bytes that look like no others near them.
#[must_use]
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length as u32).map(|i| (i.wrapping_mul(0x9e37_79b1) >> 24) as u8).collect()
}
