//! Decompression (RFC 7692 section 7.2.2).

use zlib_rs::{Inflate, InflateFlush, Status};

use crate::extension::codec::{CodecProgress, InvalidDataError};

/// The bytes that a message omits at its end.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

pub(super) struct Inflater {
    zlib: Inflate,
    window_bits: u8,
    /// The message has payload.
    begun: bool,
    /// The number of bytes of the tail that were added to the message.
    tail: usize,
    /// A final block has ended. Further bytes are a new stream (RFC 7692 section 7.2.3.4), which
    /// cannot refer to the old one.
    ended: bool,
}

impl Inflater {
    pub(super) fn new(window_bits: u8) -> Self {
        let zlib = Inflate::new(false, window_bits);
        Self { zlib, window_bits, begun: false, tail: 0, ended: false }
    }

    /// Resets the decompressor for another message.
    pub(super) fn reset(&mut self) {
        if self.window_bits == 15 {
            self.zlib.reset(false);
        } else {
            self.zlib = Inflate::new(false, self.window_bits);
        }
        self.begun = false;
        self.tail = 0;
        self.ended = false;
    }

    /// Decompresses a part of a message, as
    /// [`MessageCodec::decode`](crate::extension::MessageCodec::decode).
    pub(super) fn inflate(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError> {
        let (mut consumed, mut produced) = (0, 0);
        self.begun |= !input.is_empty();
        // An empty payload has no block, and inflates to nothing.
        let with_tail = last && self.begun;
        loop {
            let rest = &input[consumed..];
            let tail = if with_tail && !self.ended { &TAIL[self.tail..] } else { &[] };
            let source = if rest.is_empty() { tail } else { rest };
            if self.ended && !source.is_empty() {
                self.reset();
                self.begun = true;
            }
            let (taken, given) = self.step(source, &mut output[produced..])?;
            produced += given;
            if rest.is_empty() {
                self.tail += taken;
            } else {
                consumed += taken;
            }
            if produced == output.len() {
                return Ok(CodecProgress { consumed, produced, more: true });
            }
            if taken == source.len() && (rest.is_empty() || !last) {
                break;
            }
            if taken == 0 && given == 0 && !self.ended {
                return Err(InvalidDataError);
            }
        }
        if last {
            self.begun = false;
            self.tail = 0;
        }
        Ok(CodecProgress { consumed, produced, more: false })
    }

    /// Returns the numbers of bytes consumed and written.
    fn step(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(usize, usize), InvalidDataError> {
        if self.ended {
            return Ok((0, 0));
        }
        let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
        let status = self.zlib.decompress(input, output, InflateFlush::SyncFlush);
        let status = status.map_err(|_| InvalidDataError)?;
        self.ended = status == Status::StreamEnd;
        let taken = (self.zlib.total_in() - before_in) as usize;
        Ok((taken, (self.zlib.total_out() - before_out) as usize))
    }
}
