//! The compression of outgoing messages.

use crate::deflate::{Deflater, MIN_OUTPUT, Status};

/// The length up to which a whole message is sent uncompressed: it would not get shorter.
const SHORTEST: usize = 8;

/// The deflater of a connection that has one.
pub(crate) struct Deflation {
    deflater: Option<&'static mut Deflater>,
    /// The current message is compressed.
    compressing: bool,
}

/// The result of compressing a part of a message.
pub(crate) struct Deflated {
    pub(crate) consumed: usize,
    pub(crate) produced: usize,
    /// The message is complete.
    pub(crate) done: bool,
}

impl Deflation {
    /// The least room for output, in bytes: with less, the deflater produces nothing.
    pub(crate) const LEAST_ROOM: usize = MIN_OUTPUT;

    pub(crate) const fn none() -> Self {
        Self { deflater: None, compressing: false }
    }

    pub(crate) fn new(deflater: &'static mut Deflater) -> Self {
        Self { deflater: Some(deflater), compressing: false }
    }

    pub(crate) fn take_deflater(&mut self) -> Option<&'static mut Deflater> {
        self.deflater.take()
    }

    /// Returns true if a piece of a message is to be compressed: all pieces of a message are, or
    /// none is (RFC 7692 section 6.1).
    pub(crate) fn compresses(&self, first: bool, last: bool, length: usize) -> bool {
        if !first {
            return self.compressing;
        }
        self.deflater.is_some() && !(last && length <= SHORTEST)
    }

    /// Compresses as much of a piece as there is room for.
    pub(crate) fn deflate(
        &mut self,
        piece: &[u8],
        last: bool,
        room: &mut [u8],
    ) -> Option<Deflated> {
        let progress = self.deflater.as_mut()?.deflate(piece, last, room);
        Some(Deflated {
            consumed: progress.consumed,
            produced: progress.produced,
            done: progress.status == Status::Done,
        })
    }

    /// Notes that the first frame of a message was written.
    pub(crate) fn begun(&mut self, compressed: bool) {
        self.compressing = compressed;
    }
}
