//! Messages on their way through the extension that was agreed on.

use std::any::Any;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{DataFrame, ReservedBits, Utf8Validator};

use super::Connection;
use crate::error::Failure;
use crate::extension::{Agreed, MessageCodec, Progress};
use crate::prepared::Encoded;
use crate::{Error, MessageKind, PreparedMessage, ProtocolError, buffers};

/// Bytes in and out of the codec after which other tasks have their turn.
const TURN: usize = 128 * 1024;

/// The most input of one step, and what a message is encoded in at once if it is no longer.
const STEP: usize = 64 * 1024;

/// Bytes gathered before they leave as a frame of a message that is longer than a step.
const FRAGMENT: usize = 16 * 1024;

/// The extension's part of a connection. Small, for idle connections have it, too.
pub(crate) struct Extended {
    codec: Box<dyn MessageCodec>,
    max_message_bytes: u64,
    decoding: Option<Box<Decoding>>,
    encoding: Option<Box<Encoding>>,
    /// The message that is written as a stream goes through the codec.
    writing: bool,
    /// Bytes since the last turn of the others.
    worked: u32,
}

// With the codec of permessage-deflate and what the allocator adds, under 0.1 KiB.
const _: () = assert!(size_of::<Extended>() <= 48);

/// The encoded message that is being received.
struct Decoding {
    kind: MessageKind,
    text: Utf8Validator,
    bytes: u64,
    /// Payload at the front of the input that has not been through the codec.
    coded: usize,
    /// Whether the message ends behind it.
    last: bool,
    /// Whether the codec has not had, or not given, all of it.
    due: bool,
}

/// A message being sent that took more than one step.
struct Encoding {
    kind: MessageKind,
    reserved: ReservedBits,
    payload: Bytes,
    first: bool,
    gathered: BytesMut,
}

/// The start of a frame's payload at the front of the input.
pub(super) struct Coded {
    pub(super) kind: MessageKind,
    pub(super) reserved: ReservedBits,
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) length: usize,
}

/// What a step of decoding came to; the bytes lie in the input's assembly.
pub(super) struct Decoded {
    pub(super) kind: MessageKind,
    pub(super) last: bool,
}

impl Extended {
    pub(super) fn new(agreed: Agreed, max_message_bytes: u64) -> Box<Self> {
        Box::new(Self {
            codec: agreed.codec,
            max_message_bytes,
            decoding: None,
            encoding: None,
            writing: false,
            worked: 0,
        })
    }

    /// Whether there is payload that has to go through the codec before the engine goes on.
    #[inline]
    pub(super) fn must_decode(&self) -> bool {
        self.decoding.as_ref().is_some_and(|decoding| decoding.due)
    }

    /// Whether the message that is being received is encoded.
    pub(super) fn is_decoding(&self) -> bool {
        self.decoding.is_some()
    }

    pub(super) fn forget_incoming(&mut self) {
        self.decoding = None;
    }

    fn take_in(&mut self, coded: &Coded) {
        if coded.first {
            self.codec.begin_decoding(coded.kind, coded.reserved);
        }
        let decoding = self.decoding.get_or_insert_with(|| {
            Box::new(Decoding {
                kind: coded.kind,
                text: Utf8Validator::new(),
                bytes: 0,
                coded: 0,
                last: false,
                due: false,
            })
        });
        decoding.coded = coded.length;
        decoding.last = coded.last;
        decoding.due = true;
    }

    /// Lets the codec have what is there of the input, and adds what it gives to `assembly`. Gives
    /// the bytes of the input that are done with.
    fn decode(
        &mut self,
        input: &[u8],
        assembly: &mut BytesMut,
    ) -> Result<(usize, Decoded), ProtocolError> {
        let Some(decoding) = &mut self.decoding else {
            return Err(ProtocolError::InvalidExtensionData);
        };
        let mut output = buffers::lend_scratch();
        // One byte over the limit tells, and is never handed on.
        let room = (self.max_message_bytes - decoding.bytes).saturating_add(1);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(output.len());
        let coded = &input[..decoding.coded];
        let Progress { consumed, produced, more } = self
            .codec
            .decode(coded, decoding.last, &mut output[..room])
            .map_err(|_| ProtocolError::InvalidExtensionData)?;
        let decoded = &output[..produced];
        decoding.coded -= consumed;
        assert!(more || decoding.coded == 0, "a MessageCodec that leaves input behind");
        decoding.due = more;
        self.worked = self.worked.saturating_add((consumed + produced) as u32);
        decoding.bytes = decoding.bytes.saturating_add(produced as u64);
        if decoding.bytes > self.max_message_bytes {
            return Err(ProtocolError::MessageTooBig);
        }
        let last = decoding.last && !more;
        if decoding.kind == MessageKind::Text {
            decoding.text.push(decoded).map_err(|_| ProtocolError::InvalidUtf8)?;
            if last && !decoding.text.is_complete() {
                return Err(ProtocolError::InvalidUtf8);
            }
        }
        assembly.extend_from_slice(decoded);
        let decoded = Decoded { kind: decoding.kind, last };
        if last {
            self.decoding = None;
        }
        Ok((consumed, decoded))
    }

    /// Lets the codec have a part of a message that is sent.
    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Progress {
        let progress = self.codec.encode(input, last, output);
        let Progress { consumed, produced, more } = progress;
        assert!(
            if more { consumed + produced > 0 } else { consumed == input.len() },
            "a MessageCodec that makes no progress"
        );
        self.worked = self.worked.saturating_add((consumed + produced) as u32);
        progress
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Pending, once, after enough work for the other tasks to have their turn.
    #[inline]
    pub(super) fn poll_turn(&mut self, cx: &Context<'_>) -> Poll<()> {
        match &mut self.extended {
            Some(extended) if extended.worked as usize >= TURN => {
                extended.worked = 0;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }

    /// The front of the input is an encoded message's.
    pub(super) fn take_in_coded(&mut self, coded: &Coded) {
        if let Some(extended) = &mut self.extended {
            extended.take_in(coded);
        }
    }

    /// Decodes a piece; `None` if there is none, it is the others' turn, or the connection failed.
    pub(super) fn decode_piece(&mut self) -> Option<Decoded> {
        let extended = self.extended.as_deref_mut()?;
        if !extended.must_decode() || extended.worked as usize >= TURN {
            return None;
        }
        match self.input.decode_front(|input, assembly| extended.decode(input, assembly)) {
            Ok(decoded) => Some(decoded),
            Err(error) => {
                self.protocol.fail(error, self.now);
                self.begin_closing(Some(Failure::Protocol(error)));
                None
            }
        }
    }

    /// Queues a message through the codec, if that wants it; else gives it back.
    pub(super) fn start_send_encoded<P: AsRef<[u8]> + Into<Bytes>>(
        &mut self,
        kind: MessageKind,
        payload: P,
    ) -> Result<Option<P>, Error> {
        let Some(extended) = &mut self.extended else { return Ok(Some(payload)) };
        assert!(extended.encoding.is_none(), "a Sink's start_send without its poll_ready");
        let bytes = payload.as_ref();
        let reserved = extended.codec.begin_encoding(kind, Some(bytes.len()));
        if reserved.is_empty() {
            return Ok(Some(payload));
        }
        if bytes.len() > STEP {
            extended.encoding = Some(Encoding::new(kind, reserved, payload.into()));
            self.encode_more();
            return Ok(None);
        }
        let mut output = buffers::lend_scratch();
        let Progress { consumed, produced, more } = extended.encode(bytes, true, &mut output);
        let encoded = &output[..produced];
        if more {
            let mut encoding = Encoding::new(kind, reserved, payload.into().slice(consumed..));
            encoding.gathered.extend_from_slice(encoded);
            extended.encoding = Some(encoding);
            self.encode_more();
            return Ok(None);
        }
        let frame = DataFrame { reserved, ..DataFrame::whole(kind, produced as u64) };
        let header = self.protocol.begin_frame(frame)?;
        self.output.push_copied(&header, encoded);
        self.tally.messages_sent += 1;
        Ok(None)
    }

    /// Whether a message that is sent has not been through the codec to its end.
    #[inline]
    pub(super) fn is_encoding(&self) -> bool {
        self.extended.as_ref().is_some_and(|extended| extended.encoding.is_some())
    }

    /// Goes on with the message that is being sent while there is room for its frames, and it is not
    /// the others' turn.
    pub(super) fn encode_more(&mut self) {
        while self.output.has_room(self.write_queue_bytes as usize) && self.is_encoding() {
            if self.extended.as_ref().is_some_and(|extended| extended.worked as usize >= TURN) {
                return;
            }
            self.encode_step();
        }
    }

    /// Encodes the rest of the message that is being sent: something is to follow that cannot wait.
    pub(super) fn encode_rest(&mut self) {
        while self.is_encoding() {
            self.encode_step();
        }
    }

    fn encode_step(&mut self) {
        let Some(extended) = &mut self.extended else { return };
        let Some(mut encoding) = extended.encoding.take() else { return };
        let mut output = buffers::lend_scratch();
        let length = encoding.payload.len().min(STEP);
        let last = length == encoding.payload.len();
        let progress = extended.encode(&encoding.payload[..length], last, &mut output);
        encoding.payload.advance(progress.consumed);
        encoding.gathered.extend_from_slice(&output[..progress.produced]);
        let last = last && !progress.more;
        if last || encoding.gathered.len() >= FRAGMENT {
            let Encoding { kind, reserved, first, .. } = *encoding;
            let length = encoding.gathered.len() as u64;
            let frame = DataFrame { kind, reserved, first, last, length };
            // Refused, the connection is closing, and the peer takes no more messages.
            let Ok(header) = self.protocol.begin_frame(frame) else { return };
            self.output.push_copied(&header, &encoding.gathered);
            encoding.gathered.clear();
            encoding.first = false;
        }
        if last {
            self.tally.messages_sent += 1;
        } else {
            extended.encoding = Some(encoding);
        }
    }

    /// Queues a fragment of a message that is written as a stream, through the codec unless that, or
    /// the caller, does not want it; else gives it back.
    pub(super) fn start_send_encoded_fragment(
        &mut self,
        frame: DataFrame,
        as_is: bool,
        payload: Bytes,
    ) -> Result<Option<Bytes>, Error> {
        let DataFrame { kind, mut first, last, .. } = frame;
        let Some(extended) = &mut self.extended else { return Ok(Some(payload)) };
        let mut reserved = ReservedBits::NONE;
        if first {
            if !as_is {
                reserved = extended.codec.begin_encoding(kind, None);
            }
            extended.writing = !reserved.is_empty();
        }
        if !extended.writing {
            return Ok(Some(payload));
        }
        let mut output = buffers::lend_scratch();
        let mut rest = &payload[..];
        loop {
            let Progress { consumed, produced, more } = extended.encode(rest, last, &mut output);
            rest = &rest[consumed..];
            let (last, length) = (last && !more, produced as u64);
            let frame = DataFrame { kind, reserved, first, last, length };
            let header = self.protocol.begin_frame(frame)?;
            self.output.push_copied(&header, &output[..produced]);
            if !more {
                self.tally.messages_sent += u32::from(last);
                return Ok(None);
            }
            first = false;
        }
    }

    /// The message as this connection's codec encodes it, made once for all that encode alike. `None`
    /// if it has to be encoded for this connection alone, or not at all.
    pub(super) fn encoded_for_many(&mut self, message: &PreparedMessage) -> Option<Encoded> {
        let extended = self.extended.as_deref_mut()?;
        let codec: &dyn Any = &*extended.codec;
        let key = (codec.type_id(), extended.codec.shared_encoding()?);
        if let Some(encoded) = message.by_extension(key) {
            return Some(encoded);
        }
        let mut rest = message.payload();
        let reserved = extended.codec.begin_encoding(message.kind(), Some(rest.len()));
        if reserved.is_empty() {
            return Some(message.as_it_is().clone());
        }
        let mut output = buffers::lend_scratch();
        let mut payload = BytesMut::new();
        loop {
            let Progress { consumed, produced, more } = extended.encode(rest, true, &mut output);
            rest = &rest[consumed..];
            payload.extend_from_slice(&output[..produced]);
            if !more {
                break;
            }
        }
        let encoded = Encoded::new(message.kind(), reserved, &payload);
        message.keep(key, &encoded);
        Some(encoded)
    }
}

impl Encoding {
    fn new(kind: MessageKind, reserved: ReservedBits, payload: Bytes) -> Box<Self> {
        Box::new(Self { kind, reserved, payload, first: true, gathered: BytesMut::new() })
    }
}
