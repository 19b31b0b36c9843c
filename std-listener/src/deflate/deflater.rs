//! Compressing (RFC 7692 section 7.2.1).

use zlib_rs::{Deflate, DeflateFlush};

use crate::extension::codec::Progress;

/// What a flush ends with, and a message omits.
const TAIL: usize = 4;

/// An empty stored block without its tail: it ends a message that has no data since the last flush
/// (RFC 7692 section 7.2.3.6).
const EMPTY: u8 = 0;

pub(super) struct Deflater {
    zlib: Deflate,
    strength: Strength,
    /// The output was too short for everything.
    unfinished: bool,
    /// The end of what was given, kept back: it may be the tail.
    held: Option<[u8; TAIL]>,
}

/// How a compressor is set up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Strength {
    pub(super) level: u8,
    pub(super) window_bits: u8,
}

impl Deflater {
    pub(super) fn new(strength: Strength) -> Self {
        // zlib has no window of 8 bits. With 9 it refers back 250 bytes at most: 262, the longest
        // match and a bit, less than the window.
        let window_bits = strength.window_bits.max(9);
        let zlib = Deflate::new(strength.level.into(), false, window_bits);
        Self { zlib, strength, unfinished: false, held: None }
    }

    pub(super) const fn strength(&self) -> Strength {
        self.strength
    }

    /// Forgets what was compressed.
    pub(super) fn reset(&mut self) {
        self.zlib.reset();
        self.unfinished = false;
        self.held = None;
    }

    /// As [`MessageCodec::encode`](crate::MessageCodec::encode).
    pub(super) fn deflate(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Progress {
        if input.is_empty() && !self.unfinished {
            output[0] = EMPTY;
            return Progress { consumed: 0, produced: usize::from(last), more: false };
        }
        let mut produced = 0;
        if let Some(held) = self.held.take() {
            output[..TAIL].copy_from_slice(&held);
            produced = TAIL;
        }
        let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
        let flushed = self.zlib.compress(input, &mut output[produced..], DeflateFlush::SyncFlush);
        flushed.expect("a compressor that was set up right");
        let consumed = (self.zlib.total_in() - before_in) as usize;
        produced += (self.zlib.total_out() - before_out) as usize;
        self.unfinished = produced == output.len();
        if last {
            produced -= TAIL;
        }
        if last && self.unfinished {
            self.held = output.last_chunk().copied();
        }
        Progress { consumed, produced, more: self.unfinished }
    }
}
