//! Messages that are encoded once and sent to many connections.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use websocket_listener_core::{FrameHeader, MessageKind, OpCode, ReservedBits};

use super::Message;
use crate::buffers;
use crate::extension::codec::{MessageCodec, STEP, TURN, encode};

/// A message that is encoded once, and whose bytes all its connections share.
///
/// The frames of a server are not masked, so the same bytes serve all connections of a broadcast. A
/// client masks a copy.
///
/// A [message extension](crate::extension::MessageExtension) whose encoding does not depend on earlier
/// messages, such as permessage-deflate without context takeover, encodes the message once for all
/// such connections, at the first send. `send` and `feed` give other tasks turns meanwhile, and
/// tasks that send at the same time share the work. [`broadcast`](crate::broadcast()) and `try_send`
/// never wait, so they do the rest of the work at once: compression takes milliseconds for each MiB.
/// An encoding that depends on earlier messages is repeated for each connection.
///
/// ```
/// use websocket_listener::PreparedMessage;
///
/// let greeting = PreparedMessage::new("hello, all");
/// // websocket_listener::broadcast(&greeting, &mut writers), or writer.send(&greeting).await?
/// assert_eq!(greeting.payload(), b"hello, all");
/// ```
#[derive(Clone, Debug)]
pub struct PreparedMessage {
    kind: MessageKind,
    as_it_is: Encoded,
    /// The few encodings by extensions, by the codec's type and settings.
    by_extensions: Arc<Mutex<Vec<(Key, ByExtension)>>>,
}

type Key = (TypeId, u64);

#[derive(Debug)]
enum ByExtension {
    Encoding(Encoding),
    Encoded(Encoded),
}

/// An encoding in progress, which the next sender continues, even if the first has been dropped.
struct Encoding {
    codec: Box<dyn MessageCodec>,
    reserved: ReservedBits,
    consumed: usize,
    encoded: BytesMut,
}

/// The state of an extension's encoding.
pub(crate) enum Preparation {
    /// The extension has to encode the message for each connection.
    ForEach,
    /// Other tasks get a turn first.
    UnderWay,
    Done(Encoded),
}

/// A whole frame of a server.
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

    /// Returns the kind of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Returns the payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.as_it_is.payload()
    }

    /// Returns the frame without an extension.
    pub(crate) const fn as_it_is(&self) -> &Encoded {
        &self.as_it_is
    }

    /// Encodes the message as `codec` would, or continues, until `worked`, which counts bytes of
    /// work, amounts to a turn.
    pub(crate) fn encode(&self, codec: &dyn MessageCodec, worked: &mut u32) -> Preparation {
        let of_codec: &dyn Any = codec;
        let Some(shared) = codec.shared_encoding() else { return Preparation::ForEach };
        let key = (of_codec.type_id(), shared);
        // The lock is held for one turn at most.
        let mut known = self.by_extensions.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().position(|(of, _)| *of == key);
        let index = match found {
            Some(index) => index,
            None => {
                let Some(codec) = codec.encoder() else { return Preparation::ForEach };
                known.push((key, self.begin_encoding(codec)));
                known.len() - 1
            }
        };
        let by_extension = &mut known[index].1;
        if let ByExtension::Encoding(encoding) = by_extension {
            let Some(encoded) = encoding.go_on(self.kind, self.payload(), worked) else {
                return Preparation::UnderWay;
            };
            *by_extension = ByExtension::Encoded(encoded);
        }
        match by_extension {
            ByExtension::Encoded(encoded) => Preparation::Done(encoded.clone()),
            ByExtension::Encoding(_) => Preparation::UnderWay,
        }
    }

    fn begin_encoding(&self, mut codec: Box<dyn MessageCodec>) -> ByExtension {
        let reserved = codec.begin_encoding(self.kind, Some(self.payload().len()));
        if reserved.is_empty() {
            return ByExtension::Encoded(self.as_it_is.clone());
        }
        ByExtension::Encoding(Encoding { codec, reserved, consumed: 0, encoded: BytesMut::new() })
    }
}

impl Encoding {
    fn go_on(&mut self, kind: MessageKind, payload: &[u8], worked: &mut u32) -> Option<Encoded> {
        let mut output = buffers::lend_scratch();
        while *worked < TURN {
            let rest = &payload[self.consumed..];
            let step = &rest[..rest.len().min(STEP)];
            let last = step.len() == rest.len();
            let progress = encode(&mut *self.codec, step, last, &mut output, worked);
            self.consumed += progress.consumed;
            self.encoded.extend_from_slice(&output[..progress.produced]);
            if last && !progress.more {
                return Some(Encoded::new(kind, self.reserved, &self.encoded));
            }
        }
        None
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoding").field("consumed", &self.consumed).finish_non_exhaustive()
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
    /// Returns the payload, shared.
    pub(crate) fn payload_bytes(&self) -> Bytes {
        self.frame.slice(usize::from(self.header_length)..)
    }
}
