//! The LZ77 window: a ring of what came last.

/// The last bytes that went through, as many as `bytes` holds: a power of two.
pub(super) struct Window<W: ?Sized> {
    /// Bytes that ever went through, wrapping.
    position: usize,
    /// Bytes that may be referred to.
    filled: usize,
    bytes: W,
}

impl<const BYTES: usize> Window<[u8; BYTES]> {
    pub(super) const fn new() -> Self {
        const {
            assert!(
                BYTES.is_power_of_two() && BYTES >= 1 << 8 && BYTES <= 1 << 15,
                "a window has a power of two of bytes, from 2^8 to 2^15"
            );
        }
        Self { position: 0, filled: 0, bytes: [0; BYTES] }
    }
}

impl Window<[u8]> {
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Returns the longest distance to a byte that went through.
    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Returns the byte that came `distance` bytes ago.
    #[inline]
    pub(super) fn back(&self, distance: usize) -> u8 {
        let place = self.position.wrapping_sub(distance) & self.mask();
        self.bytes.get(place).copied().unwrap_or_default()
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        let place = self.position & self.mask();
        if let Some(place) = self.bytes.get_mut(place) {
            *place = byte;
        }
        self.position = self.position.wrapping_add(1);
        if self.filled < self.size() {
            self.filled = self.filled.wrapping_add(1);
        }
    }

    /// Repeats what came `distance` bytes ago, also into the output, as far as there is room.
    pub(super) fn repeat(&mut self, distance: usize, output: &mut [u8]) {
        let mask = self.mask();
        let count = output.len();
        let mut to = self.position;
        for place in output {
            let from = to.wrapping_sub(distance) & mask;
            let byte = self.bytes.get(from).copied().unwrap_or_default();
            if let Some(kept) = self.bytes.get_mut(to & mask) {
                *kept = byte;
            }
            *place = byte;
            to = to.wrapping_add(1);
        }
        self.position = to;
        self.filled = self.filled.saturating_add(count).min(self.size());
    }

    #[inline]
    fn mask(&self) -> usize {
        self.size().wrapping_sub(1)
    }
}
