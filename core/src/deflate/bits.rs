//! Bits in and out of bytes, the least significant first (RFC 1951 section 3.1.1).

/// Bits taken from the input and not used yet.
#[derive(Clone, Copy)]
pub(super) struct BitReader {
    bits: u32,
    count: u32,
}

impl BitReader {
    pub(super) const fn new() -> Self {
        Self { bits: 0, count: 0 }
    }

    /// Returns the bits that are there, the next one lowest; zeros above them.
    #[inline]
    pub(super) fn peek(&self) -> u32 {
        self.bits
    }

    #[inline]
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Takes bytes from the input as long as there is room for a whole one. Then at least 25 bits
    /// are there, or all of the input.
    #[inline]
    pub(super) fn fill(&mut self, input: &mut &[u8]) {
        while self.count <= 24
            && let Some((&byte, rest)) = input.split_first()
        {
            self.bits |= u32::from(byte) << self.count;
            self.count = self.count.wrapping_add(8);
            *input = rest;
        }
    }

    /// Returns the next bits, at most 16, if they are there.
    #[inline]
    pub(super) fn take(&mut self, count: u32, input: &mut &[u8]) -> Option<u32> {
        if self.count < count {
            self.fill(input);
            if self.count < count {
                return None;
            }
        }
        let taken = self.bits & !(u32::MAX << count);
        self.skip(count);
        Some(taken)
    }

    /// Drops bits that are there.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) {
        self.bits >>= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// Drops what is left of the current byte.
    pub(super) fn align(&mut self) {
        self.skip(self.count & 7);
    }
}

/// Bits that do not make a whole byte yet, and the bytes before them.
pub(super) struct BitWriter<'o> {
    output: &'o mut [u8],
    length: usize,
    pending: Pending,
}

/// The bits of a byte that is not whole.
#[derive(Clone, Copy)]
pub(super) struct Pending {
    bits: u32,
    count: u32,
}

impl Pending {
    pub(super) const fn new() -> Self {
        Self { bits: 0, count: 0 }
    }

    pub(super) const fn count(self) -> u32 {
        self.count
    }
}

impl<'o> BitWriter<'o> {
    pub(super) fn new(output: &'o mut [u8], pending: Pending) -> Self {
        Self { output, length: 0, pending }
    }

    /// Whole bytes written.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn room(&self) -> usize {
        self.output.len().saturating_sub(self.length)
    }

    pub(super) fn pending(&self) -> Pending {
        self.pending
    }

    /// Forgets everything that was written since then.
    pub(super) fn go_back(&mut self, length: usize, pending: Pending) {
        self.length = length;
        self.pending = pending;
    }

    /// At most 16 bits.
    #[inline]
    pub(super) fn put(&mut self, bits: u32, count: u32) {
        let Pending { bits: before, count: shift } = self.pending;
        let mut bits = before | (bits << shift);
        let mut count = count.wrapping_add(shift);
        while count >= 8 {
            self.byte(bits as u8);
            bits >>= 8;
            count = count.wrapping_sub(8);
        }
        self.pending = Pending { bits, count };
    }

    /// Fills the current byte up with zeros.
    pub(super) fn align(&mut self) {
        if self.pending.count > 0 {
            self.byte(self.pending.bits as u8);
            self.pending = Pending::new();
        }
    }

    /// Between whole bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(room) = self.output.get_mut(self.length..end) {
            room.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            self.length = end;
        }
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.output.get_mut(self.length) {
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
    }
}
