//! The codec of one connection, which compresses and decompresses its messages.

use std::num::NonZeroU8;

use websocket_listener_core::{MessageKind, ReservedBits};

use super::deflater::{Deflater, Strength};
use super::inflater::Inflater;
use super::pool;
use crate::extension::codec::{CodecProgress, InvalidDataError, MessageCodec};

/// The agreed parameters of one direction.
#[derive(Clone, Copy)]
pub(super) struct Direction {
    /// A message may refer to earlier ones.
    pub(super) takeover: bool,
    pub(super) window_bits: u8,
}

/// The codec, small without a compressor, because idle connections have it as well.
pub(super) struct Codec {
    deflater: Option<Box<Deflater>>,
    inflater: Option<Box<Inflater>>,
    min_message_bytes: u32,
    strength: Strength,
    keep_deflater: bool,
    /// The window of an inflater that outlives the message; `None` without takeover.
    kept_window_bits: Option<NonZeroU8>,
}

const _: () = assert!(size_of::<Codec>() <= 24);

impl Codec {
    pub(super) const fn new(
        level: u8,
        min_message_bytes: u32,
        outgoing: Direction,
        incoming: Direction,
    ) -> Self {
        Self {
            deflater: None,
            inflater: None,
            min_message_bytes,
            strength: Strength { level, window_bits: outgoing.window_bits },
            keep_deflater: outgoing.takeover,
            kept_window_bits: if incoming.takeover {
                NonZeroU8::new(incoming.window_bits)
            } else {
                None
            },
        }
    }
}

impl MessageCodec for Codec {
    fn begin_encoding(&mut self, _kind: MessageKind, length: Option<usize>) -> ReservedBits {
        if length.is_some_and(|length| length < self.min_message_bytes as usize) {
            ReservedBits::NONE
        } else {
            ReservedBits::RSV1
        }
    }

    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> CodecProgress {
        let strength = self.strength;
        let deflater = self.deflater.get_or_insert_with(|| pool::lend_deflater(strength));
        let progress = deflater.deflate(input, last, output);
        if last && !progress.more && !self.keep_deflater {
            pool::return_deflater(self.deflater.take());
        }
        progress
    }

    fn decode(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError> {
        let kept = self.kept_window_bits;
        let inflater = self.inflater.get_or_insert_with(|| match kept {
            Some(window_bits) => Box::new(Inflater::new(window_bits.get())),
            None => pool::lend_inflater(),
        });
        let progress = inflater.inflate(input, last, output)?;
        if last && !progress.more && kept.is_none() {
            pool::return_inflater(self.inflater.take());
        }
        Ok(progress)
    }

    fn shared_encoding(&self) -> Option<u64> {
        let Strength { level, window_bits } = self.strength;
        let key = [u32::from(level) << 8 | u32::from(window_bits), self.min_message_bytes];
        (!self.keep_deflater).then(|| u64::from(key[0]) << 32 | u64::from(key[1]))
    }

    fn encoder(&self) -> Option<Box<dyn MessageCodec>> {
        let &Self { min_message_bytes, strength, keep_deflater, .. } = self;
        let encoder = Self {
            deflater: None,
            inflater: None,
            min_message_bytes,
            strength,
            keep_deflater,
            kept_window_bits: None,
        };
        Some(Box::new(encoder))
    }
}
