//! The size of an LZ77 window (RFC 7692 section 7.1.2).

/// The base-2 logarithm of an LZ77 window's size in bytes: 8 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes, the smallest window that can be negotiated.
    pub const MIN: Self = Self(8);
    /// 32 KiB: the window where nothing was negotiated.
    pub const MAX: Self = Self(15);

    /// Creates a window size; `None` if `bits` is not from 8 to 15.
    ///
    /// ```
    /// use websocket_listener_core::permessage_deflate::WindowBits;
    ///
    /// assert_eq!(WindowBits::new(10).unwrap().window_bytes(), 1024);
    /// assert_eq!(WindowBits::new(16), None);
    /// ```
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        if bits >= Self::MIN.0 && bits <= Self::MAX.0 { Some(Self(bits)) } else { None }
    }

    /// Returns the largest window that fits into `bytes`; `None` below 256 bytes.
    #[must_use]
    pub const fn fitting(bytes: usize) -> Option<Self> {
        match bytes.checked_ilog2() {
            None | Some(0..8) => None,
            Some(bits @ 8..15) => Some(Self(bits as u8)),
            Some(_) => Some(Self::MAX),
        }
    }

    /// Returns the logarithm.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Returns the size.
    #[must_use]
    pub const fn window_bytes(self) -> usize {
        1 << self.0
    }

    /// Decimal, without leading zeros (RFC 7692 section 7.1.2.1).
    pub(super) fn parse(value: &str) -> Option<Self> {
        let bits = match value.as_bytes() {
            [digit @ (b'8' | b'9')] => digit & 0xf,
            [b'1', digit @ b'0'..=b'5'] => (digit & 0xf).saturating_add(10),
            _ => return None,
        };
        Some(Self(bits))
    }
}

impl Default for WindowBits {
    fn default() -> Self {
        Self::MAX
    }
}
