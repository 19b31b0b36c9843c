//! Compression (RFC 7692 section 7.2.1).

use zlib_rs::{Deflate, DeflateFlush};

use crate::extension::codec::CodecProgress;

/// The length of a flush's last bytes, which a message omits.
const TAIL: usize = 4;

/// An empty stored block without its tail, which ends a message without data since the last flush
/// (RFC 7692 section 7.2.3.6).
const EMPTY: u8 = 0;

pub(super) struct Deflater {
    zlib: Deflate,
    strength: Strength,
    /// The output was too short.
    unfinished: bool,
    /// The last bytes of the output, held back because they may be the tail.
    held: Option<[u8; TAIL]>,
}

/// The parameters of a compressor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Strength {
    pub(super) level: u8,
    pub(super) window_bits: u8,
}

impl Deflater {
    pub(super) fn new(strength: Strength) -> Self {
        // zlib has no window of 8 bits. With 9 bits it refers back at most 250 bytes: the window less
        // 262, the longest match and a margin.
        let window_bits = strength.window_bits.max(9);
        let zlib = Deflate::new(strength.level.into(), false, window_bits);
        Self { zlib, strength, unfinished: false, held: None }
    }

    pub(super) const fn strength(&self) -> Strength {
        self.strength
    }

    /// Resets the compressor for another message.
    pub(super) fn reset(&mut self) {
        self.zlib.reset();
        self.unfinished = false;
        self.held = None;
    }

    /// Compresses a part of a message, as
    /// [`MessageCodec::encode`](crate::extension::MessageCodec::encode).
    pub(super) fn deflate(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> CodecProgress {
        if input.is_empty() && !self.unfinished {
            output[0] = EMPTY;
            return CodecProgress { consumed: 0, produced: usize::from(last), more: false };
        }
        let mut produced = 0;
        if let Some(held) = self.held.take() {
            output[..TAIL].copy_from_slice(&held);
            produced = TAIL;
        }
        let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
        let flushed = self.zlib.compress(input, &mut output[produced..], DeflateFlush::SyncFlush);
        flushed.expect("valid parameters");
        let consumed = (self.zlib.total_in() - before_in) as usize;
        produced += (self.zlib.total_out() - before_out) as usize;
        self.unfinished = produced == output.len();
        if last {
            produced -= TAIL;
        }
        if last && self.unfinished {
            self.held = output.last_chunk().copied();
        }
        CodecProgress { consumed, produced, more: self.unfinished }
    }
}
