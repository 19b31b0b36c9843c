//! The payload that is written into frames.

use super::compression::Deflation;
use super::shared::Outgoing;
use super::sizes::{fitting, header_length};
use super::{Engine, SendError};
use crate::frame::copy;
use crate::{DataFrame, MessageKind, ReservedBits, Utf8Validator};

/// The least size of a fragment, header included, unless the buffer or the message is smaller.
/// Waiting for more room is worth it, because peers limit the number of fragments.
const SMALLEST_FRAGMENT: usize = 128;

/// A piece of a message's payload.
pub(super) struct Piece<'p> {
    payload: &'p [u8],
    /// The check of text that may not be UTF-8.
    text: Option<&'p mut Utf8Validator>,
    kind: MessageKind,
    /// The message starts with it.
    first: bool,
    /// The message ends with it.
    last: bool,
    /// All of it is to be written, in as many frames as it takes; otherwise as much as fits in one.
    whole: bool,
}

/// The result of writing a frame.
pub(super) struct Written {
    /// The length of the whole frame.
    pub(super) frame: usize,
    /// The number of the piece's bytes that it holds.
    pub(super) payload: usize,
}

impl<'p> Piece<'p> {
    /// Returns a whole message.
    pub(super) fn message(kind: MessageKind, payload: &'p [u8]) -> Self {
        Self { payload, text: None, kind, first: true, last: true, whole: true }
    }

    /// Returns a part of a message, for one frame.
    pub(super) fn part(
        kind: MessageKind,
        first: bool,
        last: bool,
        payload: &'p [u8],
        text: Option<&'p mut Utf8Validator>,
    ) -> Self {
        Self { payload, text, kind, first, last, whole: false }
    }

    /// Returns true if another frame is to be written.
    pub(super) fn is_unfinished(&self) -> bool {
        self.whole && !self.payload.is_empty()
    }

    /// Returns the least room that is worth a frame of it, in a buffer of this capacity.
    pub(super) fn least_room<W>(&self, outgoing: &Outgoing<W>, capacity: usize) -> usize {
        let mask = outgoing.engine.role().mask_length();
        let whole = header_length(self.payload.len(), mask).saturating_add(self.payload.len());
        let fragment = SMALLEST_FRAGMENT.min(capacity / 2);
        let compressed = self.is_compressed_by(&outgoing.deflation);
        let payload = if compressed { Deflation::LEAST_ROOM } else { 1 };
        let least = header_length(payload, mask).saturating_add(payload);
        if compressed { whole.max(least) } else { whole }.min(fragment.max(least))
    }

    /// Writes a frame of as much of the piece as fits, and removes that much from its front.
    pub(super) fn write(
        &mut self,
        out: &mut [u8],
        engine: &mut Engine,
        deflation: &mut Deflation,
    ) -> Result<Written, SendError> {
        let compressed = self.is_compressed_by(deflation);
        let written = if compressed {
            self.deflate(out, engine, deflation)
        } else {
            self.encode(out, engine)
        }?;
        if self.first {
            deflation.begun(compressed);
        }
        self.first = false;
        self.payload = self.payload.get(written.payload..).unwrap_or_default();
        Ok(written)
    }

    fn is_compressed_by(&self, deflation: &Deflation) -> bool {
        deflation.compresses(self.first, self.last, self.payload.len())
    }

    /// Writes an uncompressed frame of as much as fits.
    fn encode(&mut self, out: &mut [u8], engine: &mut Engine) -> Result<Written, SendError> {
        let length = fitting(out.len(), engine.role().mask_length()).min(self.payload.len());
        let payload = self.payload.get(..length).unwrap_or_default();
        let last = self.last && length == self.payload.len();
        let text = self.checked(payload, last)?;
        let frame = DataFrame {
            kind: self.kind,
            reserved: ReservedBits::NONE,
            first: self.first,
            last,
            length: length as u64,
        };
        let written = engine.begin(frame, |header| header.write(out, [payload, &[]]))?;
        self.keep(text);
        Ok(Written { frame: written, payload: length })
    }

    /// Writes a compressed frame of as much as fits.
    ///
    /// An error after the deflater has run does no harm: no later message can be sent either.
    fn deflate(
        &mut self,
        out: &mut [u8],
        engine: &mut Engine,
        deflation: &mut Deflation,
    ) -> Result<Written, SendError> {
        self.checked(self.payload, self.last)?;
        // The length is known only after compression, so the header may turn out shorter than the
        // room left for it. The payload is then moved up.
        let longest = header_length(out.len(), engine.role().mask_length());
        let room = out.get_mut(longest..).unwrap_or_default();
        let deflated = deflation.deflate(self.payload, self.last, room).ok_or(SendError::Closed)?;
        let taken = self.payload.get(..deflated.consumed).unwrap_or_default();
        let text = self.checked(taken, deflated.done)?;
        let header = engine.begin_frame(DataFrame {
            kind: self.kind,
            reserved: ReservedBits::RSV1,
            first: self.first,
            last: deflated.done,
            length: deflated.produced as u64,
        })?;
        self.keep(text);
        let head = header.as_bytes().len();
        let end = head.saturating_add(deflated.produced);
        for place in head..end {
            let from = place.wrapping_sub(head).wrapping_add(longest);
            let byte = out.get(from).copied().unwrap_or_default();
            if let Some(place) = out.get_mut(place) {
                *place = byte;
            }
        }
        let (head, rest) = out.split_at_mut_checked(head).unwrap_or_default();
        copy(head, header.as_bytes());
        if let Some(mut mask) = header.mask() {
            mask.apply(rest.get_mut(..deflated.produced).unwrap_or_default());
        }
        Ok(Written { frame: end, payload: deflated.consumed })
    }

    /// Returns the state of the UTF-8 check (RFC 6455 section 8.1) after this much more of the
    /// text, if it is to be checked.
    fn checked(&self, payload: &[u8], last: bool) -> Result<Option<Utf8Validator>, SendError> {
        let Some(mut text) = self.text.as_deref().copied() else { return Ok(None) };
        text.push(payload).map_err(|_| SendError::InvalidUtf8)?;
        if last && !text.is_complete() {
            return Err(SendError::InvalidUtf8);
        }
        Ok(Some(text))
    }

    fn keep(&mut self, text: Option<Utf8Validator>) {
        if let (Some(state), Some(checked)) = (&mut self.text, text) {
            **state = checked;
        }
    }
}
