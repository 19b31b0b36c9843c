//! Messages encoded once and sent to many.

use std::any::TypeId;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use websocket_listener_core::{FrameHeader, OpCode, ReservedBits};

use crate::{Message, MessageKind};

/// A message encoded once, whose bytes every connection it is sent to shares.
///
/// A server's frames are not masked, so the same bytes serve all; the way to broadcast.
/// (A client can send one too, but has to mask a copy.)
///
/// Where a [message extension](crate::MessageExtension) is in use that encodes each message by
/// itself, as permessage-deflate does without context takeover, it encodes this one once for all
/// such connections: whole, by who sends it first, and without a turn for other tasks meanwhile.
/// Where encodings depend on what was sent before, it is encoded for each.
///
/// ```
/// use websocket_listener::PreparedMessage;
///
/// let greeting = PreparedMessage::new("hello, all");
/// // websocket_listener::broadcast(&greeting, &mut writers), or writer.send_prepared(&greeting).await?
/// assert_eq!(greeting.payload(), b"hello, all");
/// ```
#[derive(Clone, Debug)]
pub struct PreparedMessage {
    kind: MessageKind,
    as_it_is: Encoded,
    /// What extensions have made of it, by the codec's type and settings. Few.
    by_extensions: Arc<Mutex<Vec<(Key, Encoded)>>>,
}

pub(crate) type Key = (TypeId, u64);

/// A whole frame as a server sends it.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) frame: Bytes,
    pub(crate) reserved: ReservedBits,
    header_length: u8,
}

impl PreparedMessage {
    /// Encodes `message`.
    #[must_use]
    pub fn new(message: impl Into<Message>) -> Self {
        let message = message.into();
        let as_it_is = Encoded::new(message.kind(), ReservedBits::NONE, message.as_bytes());
        Self { kind: message.kind(), as_it_is, by_extensions: Arc::default() }
    }

    /// What the message holds.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The message's payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.as_it_is.payload()
    }

    /// The frame without an extension.
    pub(crate) const fn as_it_is(&self) -> &Encoded {
        &self.as_it_is
    }

    /// What an extension has made of it.
    pub(crate) fn by_extension(&self, key: Key) -> Option<Encoded> {
        let known = self.by_extensions.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(of, _)| *of == key).map(|(_, encoded)| encoded.clone())
    }

    /// Keeps what an extension has made of it, unless another connection was faster.
    pub(crate) fn keep(&self, key: Key, encoded: &Encoded) {
        let mut known = self.by_extensions.lock().unwrap_or_else(PoisonError::into_inner);
        if known.iter().all(|(of, _)| *of != key) {
            known.push((key, encoded.clone()));
        }
    }
}

impl Encoded {
    pub(crate) fn new(kind: MessageKind, reserved: ReservedBits, payload: &[u8]) -> Self {
        let opcode = match kind {
            MessageKind::Text => OpCode::Text,
            MessageKind::Binary => OpCode::Binary,
        };
        let length = payload.len() as u64;
        let header = FrameHeader { fin: true, reserved, opcode, mask: None, length }.encode();
        let header = header.as_bytes();
        let mut frame = BytesMut::with_capacity(header.len() + payload.len());
        frame.extend_from_slice(header);
        frame.extend_from_slice(payload);
        Self { frame: frame.freeze(), reserved, header_length: header.len() as u8 }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.frame[usize::from(self.header_length)..]
    }
}
