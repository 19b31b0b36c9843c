//! The limits of a head's size.

/// The most bytes a head may have, whatever [`HeadLimits`] say: positions are kept in 16 bits.
pub const MAX_HEAD_BYTES: usize = u16::MAX as usize;

/// The most header lines a head may have, whatever [`HeadLimits`] say.
pub const MAX_HEADERS: usize = 64;

/// The limits of a head's size. A head of exactly these sizes is accepted, a larger one is answered
/// with 431 (RFC 6585 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the whole head, its final empty line included. More than [`MAX_HEAD_BYTES`] counts
    /// as that.
    pub bytes: usize,
    /// Header lines. More than [`MAX_HEADERS`] counts as that.
    pub headers: usize,
}

impl HeadLimits {
    /// 8 KiB and 64 headers: enough for what browsers send with many cookies, and no more is held
    /// for a stranger.
    pub const DEFAULT: Self = Self { bytes: 8 * 1024, headers: MAX_HEADERS };
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
