//! Messages on their way through the extension that was agreed on.

use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{
    CloseCode, DataFrame, MessageKind, ProtocolError, ReservedBits, Utf8Validator,
};

use super::Connection;
use super::turns::poll_others;
use crate::buffers;
use crate::error::Error;
use crate::extension::codec::{self, CodecProgress, MessageCodec, STEP, TURN};
use crate::extension::negotiation::Agreed;
use crate::message::prepared::{Encoded, Preparation, PreparedMessage};

/// The bytes that are gathered into a frame of a message that takes more than one step.
const FRAGMENT: usize = 16 * 1024;

/// The extension's part of a connection. Small, because idle connections have it, too.
pub(crate) struct Extended {
    codec: Box<dyn MessageCodec>,
    max_message_bytes: u64,
    decoding: Option<Box<Decoding>>,
    encoding: Option<Box<Encoding>>,
    /// The message that is written as a stream goes through the codec.
    writing: bool,
    /// Bytes of work since the other tasks had their turn.
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
    /// Whether the message ends after it.
    last: bool,
    /// Whether the codec has not yet taken, or not yet given out, all of it.
    due: bool,
}

/// A message being sent that took more than one step.
struct Encoding {
    kind: MessageKind,
    reserved: ReservedBits,
    payload: Bytes,
    first: bool,
    gathered: BytesMut,
    /// The Close frame that follows this message.
    close: Option<(CloseCode, Box<str>)>,
}

/// A frame's payload begins at the front of the input.
pub(super) struct Coded {
    pub(super) kind: MessageKind,
    pub(super) reserved: ReservedBits,
    pub(super) first: bool,
    pub(super) last: bool,
    pub(super) length: usize,
}

/// The outcome of a step of decoding; the bytes are in the input's assembly.
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

    /// Returns whether payload has to go through the codec before the engine goes on.
    #[inline]
    pub(super) fn must_decode(&self) -> bool {
        self.decoding.as_ref().is_some_and(|decoding| decoding.due)
    }

    /// Returns whether the message that is being received is encoded.
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

    /// Passes the available input to the codec, and appends its output to `assembly`. Returns how
    /// many bytes of the input are done with.
    fn decode(
        &mut self,
        input: &[u8],
        assembly: &mut BytesMut,
    ) -> Result<(usize, Decoded), ProtocolError> {
        let Some(decoding) = &mut self.decoding else {
            return Err(ProtocolError::InvalidExtensionData);
        };
        let mut output = buffers::lend_scratch();
        // One byte over the limit shows that the message is too large, and is never handed on.
        let room = (self.max_message_bytes - decoding.bytes).saturating_add(1);
        let room = usize::try_from(room).unwrap_or(usize::MAX).min(output.len());
        let coded = &input[..decoding.coded];
        let CodecProgress { consumed, produced, more } = self
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

    /// Passes a part of an outgoing message to the codec.
    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> CodecProgress {
        codec::encode(&mut *self.codec, input, last, output, &mut self.worked)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Pending, once, after enough work for the other tasks to have their turn.
    #[inline]
    pub(super) fn poll_turn(&mut self, cx: &Context<'_>) -> Poll<()> {
        match &mut self.extended {
            Some(extended) if extended.worked >= TURN => {
                extended.worked = 0;
                poll_others(cx)
            }
            _ => Poll::Ready(()),
        }
    }

    /// The bytes at the front of the input belong to an encoded message.
    pub(super) fn take_in_coded(&mut self, coded: &Coded) {
        if let Some(extended) = &mut self.extended {
            extended.take_in(coded);
        }
    }

    /// Decodes a piece; `None` if there is none, if it is other tasks' turn, or if the connection
    /// failed.
    pub(super) fn decode_piece(&mut self) -> Option<Decoded> {
        let extended = self.extended.as_deref_mut()?;
        if !extended.must_decode() || extended.worked >= TURN {
            return None;
        }
        match self.input.decode_front(|input, assembly| extended.decode(input, assembly)) {
            Ok(decoded) => Some(decoded),
            Err(error) => {
                self.protocol.fail(error, self.now);
                self.stop_receiving();
                None
            }
        }
    }

    /// Queues a message through the codec, if the codec wants it; otherwise returns it.
    pub(super) fn start_send_encoded<P: AsRef<[u8]> + Into<Bytes>>(
        &mut self,
        kind: MessageKind,
        payload: P,
    ) -> Result<Option<P>, Error> {
        let Some(extended) = &mut self.extended else { return Ok(Some(payload)) };
        assert!(extended.encoding.is_none(), "a Sink's start_send without its poll_ready");
        // Its first frame may be begun after the call that sends it was cancelled.
        if self.protocol.is_amid_message() {
            return Err(Error::MessageUnfinished);
        }
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
        let CodecProgress { consumed, produced, more } = extended.encode(bytes, true, &mut output);
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

    /// Returns whether an outgoing message is not yet completely through the codec.
    #[inline]
    pub(super) fn is_encoding(&self) -> bool {
        self.extended.as_ref().is_some_and(|extended| extended.encoding.is_some())
    }

    /// Returns the bytes of the message being sent that have not become frames.
    pub(super) fn encoding_bytes(&self) -> usize {
        let encoding = self.extended.as_ref().and_then(|extended| extended.encoding.as_ref());
        encoding.map_or(0, |encoding| encoding.payload.len() + encoding.gathered.len())
    }

    /// Continues the message that is being sent while there is room for its frames and it is not
    /// other tasks' turn.
    pub(super) fn encode_more(&mut self) {
        while self.output.has_room(self.write_queue_bytes as usize) && self.is_encoding() {
            if self.extended.as_ref().is_some_and(|extended| extended.worked >= TURN) {
                return;
            }
            self.encode_step();
        }
    }

    /// Continues the message that is being sent while there is room for its frames: a caller that
    /// does not wait gives the other tasks no turn.
    pub(super) fn encode_at_once(&mut self) {
        while let Some(extended) = &mut self.extended
            && extended.encoding.is_some()
            && self.output.has_room(self.write_queue_bytes as usize)
        {
            extended.worked = 0;
            self.encode_more();
        }
    }

    /// Returns whether a Close frame follows the message that is being sent.
    pub(super) fn closes_after_message(&self) -> bool {
        let encoding = self.extended.as_ref().and_then(|extended| extended.encoding.as_ref());
        encoding.is_some_and(|encoding| encoding.close.is_some())
    }

    /// Closes the connection after the message that is being sent.
    pub(super) fn close_after_message(&mut self, code: CloseCode, reason: &str) {
        let encoding = self.extended.as_mut().and_then(|extended| extended.encoding.as_mut());
        if let Some(encoding) = encoding {
            encoding.close = Some((code, reason.into()));
        }
    }

    /// Continues the message that is being sent although there is no room for its frames, if
    /// something is to follow that cannot wait for room. For one turn, and again after that of
    /// other tasks.
    pub(super) fn encode_without_room(&mut self, cx: &Context<'_>) {
        while self.closes_after_message() && self.poll_turn(cx).is_ready() {
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
            // It can only be refused if the connection is closing, and then the peer takes no more
            // messages.
            let Ok(header) = self.protocol.begin_frame(frame) else { return };
            self.output.push_copied(&header, &encoding.gathered);
            encoding.gathered.clear();
            encoding.first = false;
        }
        if !last {
            extended.encoding = Some(encoding);
            return;
        }
        self.tally.messages_sent += 1;
        if let Some((code, reason)) = encoding.close {
            // It was checked that it can be sent.
            let _ = self.start_close(code, &reason);
        }
    }

    /// Queues a fragment of a message that is written as a stream, through the codec; returns it if
    /// the codec, or the caller, does not want that.
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
            let CodecProgress { consumed, produced, more } =
                extended.encode(rest, last, &mut output);
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

    /// Queues a message that is encoded once for all connections whose codecs encode alike, when it
    /// is encoded and there is room.
    pub(crate) fn poll_send_prepared(
        &mut self,
        cx: &mut Context<'_>,
        message: &PreparedMessage,
    ) -> Poll<Result<(), Error>> {
        ready!(self.poll_ready(cx))?;
        while let Some(extended) = self.extended.as_deref_mut() {
            match message.encode(&*extended.codec, &mut extended.worked) {
                Preparation::ForEach => break,
                Preparation::UnderWay => ready!(self.poll_turn(cx)),
                Preparation::Done(encoded) => {
                    return Poll::Ready(self.start_send_encoded_frame(message.kind(), &encoded));
                }
            }
        }
        Poll::Ready(self.start_send_prepared(message))
    }

    /// The message as encoded by all codecs like this connection's. `None` if it has to be encoded
    /// for this connection alone.
    pub(super) fn encoded_for_many(&mut self, message: &PreparedMessage) -> Option<Encoded> {
        let extended = self.extended.as_deref_mut()?;
        loop {
            match message.encode(&*extended.codec, &mut extended.worked) {
                Preparation::ForEach => return None,
                // A caller that does not wait gives the other tasks no turn.
                Preparation::UnderWay => extended.worked = 0,
                Preparation::Done(encoded) => return Some(encoded),
            }
        }
    }
}

impl Encoding {
    fn new(kind: MessageKind, reserved: ReservedBits, payload: Bytes) -> Box<Self> {
        let (first, gathered, close) = (true, BytesMut::new(), None);
        Box::new(Self { kind, reserved, payload, first, gathered, close })
    }
}
