//! Messages encoded once and sent to many.

use bytes::{Bytes, BytesMut};
use websocket_listener_core::{FrameHeader, OpCode, ReservedBits};

use crate::{Message, MessageKind};

/// A message encoded once, whose bytes every connection it is sent to shares.
///
/// A server's frames are not masked, so the same bytes serve all; the way to broadcast.
/// (A client can send one too, but has to mask a copy.)
///
/// ```
/// use websocket_listener::{Message, PreparedMessage};
///
/// let greeting = PreparedMessage::new(&Message::text("hello, all"));
/// // for each writer: writer.send_prepared(&greeting).await?
/// assert_eq!(greeting.payload(), b"hello, all");
/// ```
#[derive(Clone, Debug)]
pub struct PreparedMessage {
    kind: MessageKind,
    frame: Bytes,
    header_length: u8,
}

impl PreparedMessage {
    /// Encodes `message`.
    #[must_use]
    pub fn new(message: &Message) -> Self {
        let payload = message.as_bytes();
        let opcode = match message.kind() {
            MessageKind::Text => OpCode::Text,
            MessageKind::Binary => OpCode::Binary,
        };
        let length = payload.len() as u64;
        let reserved = ReservedBits::NONE;
        let header = FrameHeader { fin: true, reserved, opcode, mask: None, length }.encode();
        let header = header.as_bytes();
        let mut frame = BytesMut::with_capacity(header.len() + payload.len());
        frame.extend_from_slice(header);
        frame.extend_from_slice(payload);
        let header_length = header.len() as u8;
        Self { kind: message.kind(), frame: frame.freeze(), header_length }
    }

    /// What the message holds.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The message's payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.frame[usize::from(self.header_length)..]
    }

    /// The whole frame, as a server sends it.
    pub(crate) const fn frame(&self) -> &Bytes {
        &self.frame
    }
}
