//! The decompression of incoming messages.

use crate::deflate::{Inflater, Status};
use crate::{MessageKind, ProtocolError, ReservedBits, Utf8Validator};

/// The size of the buffer into which discarded payload is inflated.
const DISCARDED: usize = 32;

/// The inflater of a connection that has one.
pub(crate) struct Inflation {
    inflater: Option<&'static mut Inflater>,
    message: Option<Compressed>,
}

/// The compressed message that is being received.
struct Compressed {
    /// The number of bytes inflated so far.
    bytes: u64,
    /// The UTF-8 check, for text.
    text: Option<Utf8Validator>,
    /// More output is pending than there was room for.
    stalled: bool,
}

/// The result of inflating some input.
pub(crate) struct Inflated {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    /// More output is pending than there was room for.
    pub(crate) needs_room: bool,
}

impl Inflation {
    pub(crate) const fn none() -> Self {
        Self { inflater: None, message: None }
    }

    pub(crate) fn new(inflater: &'static mut Inflater) -> Self {
        Self { inflater: Some(inflater), message: None }
    }

    pub(crate) fn take_inflater(&mut self) -> Option<&'static mut Inflater> {
        self.message = None;
        self.inflater.take()
    }

    /// Begins a message with these reserved bits in its first frame (RFC 7692 section 6.2).
    pub(crate) fn begin(&mut self, kind: MessageKind, reserved: ReservedBits) {
        self.message = reserved.contains(ReservedBits::RSV1).then(|| Compressed {
            bytes: 0,
            text: (kind == MessageKind::Text).then(Utf8Validator::new),
            stalled: false,
        });
    }

    /// Returns true while a compressed message has not been inflated to its end.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.message.is_some()
    }

    /// Returns true if more output can be had without any input.
    pub(crate) fn is_stalled(&self) -> bool {
        self.message.as_ref().is_some_and(|message| message.stalled)
    }

    pub(crate) fn abandon(&mut self) {
        self.message = None;
    }

    /// Inflates a piece of the message, which is the last one if `last`. The whole message may have
    /// at most `limit` bytes.
    pub(crate) fn inflate(
        &mut self,
        piece: &[u8],
        last: bool,
        room: &mut [u8],
        limit: u64,
    ) -> Result<Inflated, ProtocolError> {
        let (Some(inflater), Some(message)) = (&mut self.inflater, &mut self.message) else {
            return Err(ProtocolError::ReservedBits);
        };
        let left = usize::try_from(limit.saturating_sub(message.bytes)).unwrap_or(usize::MAX);
        let permitted = left.min(room.len());
        let room = room.get_mut(..permitted).unwrap_or_default();
        let progress =
            inflater.inflate(piece, last, room).map_err(|_| ProtocolError::InvalidExtensionData)?;

        message.bytes = message.bytes.saturating_add(progress.produced as u64);
        message.stalled = progress.status == Status::NeedsOutput;
        if message.stalled && left == 0 {
            return Err(ProtocolError::MessageTooBig);
        }
        let done = progress.status == Status::Done;
        if let Some(text) = &mut message.text {
            let new = room.get(..progress.produced).unwrap_or_default();
            text.push(new).map_err(|_| ProtocolError::InvalidUtf8)?;
            if done && !text.is_complete() {
                return Err(ProtocolError::InvalidUtf8);
            }
        }
        let needs_room = message.stalled;
        if done {
            self.message = None;
        }
        Ok(Inflated { consumed: progress.consumed, produced: progress.produced, needs_room })
    }

    /// Inflates a piece and discards the output, because later messages may refer to it.
    pub(crate) fn discard(
        &mut self,
        piece: &[u8],
        last: bool,
        limit: u64,
    ) -> Result<(), ProtocolError> {
        let mut rest = piece;
        loop {
            let inflated = self.inflate(rest, last, &mut [0; DISCARDED], limit)?;
            rest = rest.get(inflated.consumed..).unwrap_or_default();
            if !inflated.needs_room {
                return Ok(());
            }
        }
    }
}
