//! Masking (RFC 6455 section 5.3): the payload XOR a repeated key of four bytes.

/// True if the processor loads and stores words at any address as fast as at aligned ones.
const ANY_ADDRESS: bool = cfg!(any(
    target_arch = "x86_64",
    target_arch = "x86",
    target_arch = "aarch64",
    target_arch = "wasm32"
));

/// A masking key and how far into it the payload has come.
///
/// Applying it masks, applying it again from the start unmasks. The payload may come in pieces of
/// any length:
///
/// ```
/// use websocket_listener_core::Mask;
///
/// let mut bytes = *b"Hello";
/// let mut mask = Mask::new([0x37, 0xfa, 0x21, 0x3d]);
/// mask.apply(&mut bytes[..2]);
/// mask.apply(&mut bytes[2..]);
/// assert_eq!(bytes, [0x7f, 0x9f, 0x4d, 0x51, 0x58]); // RFC 6455 section 5.7
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// The key's next byte lowest.
    key: u32,
}

impl Mask {
    /// Creates a mask with this key, at its first byte.
    #[must_use]
    pub const fn new(key: [u8; 4]) -> Self {
        Self { key: u32::from_le_bytes(key) }
    }

    /// XORs the next piece of the payload in place.
    #[inline]
    pub fn apply(&mut self, payload: &mut [u8]) {
        if self.key == 0 {
            return;
        }
        if ANY_ADDRESS {
            self.apply_anywhere(payload);
        } else {
            self.apply_aligned(payload);
        }
    }

    /// XORs the next piece of the payload on its way from one place to another of the same length.
    ///
    /// ```
    /// # use websocket_listener_core::Mask;
    /// let mut bytes = [0; 5];
    /// Mask::new([0x37, 0xfa, 0x21, 0x3d]).copy(b"\x7f\x9f\x4d\x51\x58", &mut bytes);
    /// assert_eq!(&bytes, b"Hello");
    /// ```
    ///
    /// If the two differ in length, the shorter one limits how much is copied.
    #[inline]
    pub fn copy(&mut self, from: &[u8], to: &mut [u8]) {
        let length = from.len().min(to.len());
        let from = from.get(..length).unwrap_or_default();
        let to = to.get_mut(..length).unwrap_or_default();
        if ANY_ADDRESS {
            self.copy_anywhere(from, to);
        } else {
            self.copy_to_aligned(from, to);
        }
    }

    /// For processors that load and store words at any address: the compiler vectorizes it.
    #[inline]
    fn apply_anywhere(&mut self, payload: &mut [u8]) {
        let (words, tail) = payload.as_chunks_mut::<8>();
        let key = self.two_words();
        for word in words {
            *word = (u64::from_ne_bytes(*word) ^ key).to_ne_bytes();
        }
        self.apply_bytes(tail);
    }

    /// For processors that cannot, or only slowly, access a word that is not aligned (Cortex-M0+,
    /// most RISC-V cores).
    #[inline]
    fn apply_aligned(&mut self, payload: &mut [u8]) {
        let (head, words, tail) = bytemuck::pod_align_to_mut::<u8, u32>(payload);
        self.apply_bytes(head);
        let key = u32::from_ne_bytes(self.key.to_le_bytes());
        // Four at a time, even where the compiler optimizes for size, because the loop costs more
        // than they do.
        let (fours, words) = words.as_chunks_mut::<4>();
        for [a, b, c, d] in fours {
            (*a, *b, *c, *d) = (*a ^ key, *b ^ key, *c ^ key, *d ^ key);
        }
        for word in words {
            *word ^= key;
        }
        self.apply_bytes(tail);
    }

    #[inline]
    fn copy_anywhere(&mut self, from: &[u8], to: &mut [u8]) {
        let key = self.two_words();
        let (from_words, from_tail) = from.as_chunks::<8>();
        let (to_words, to_tail) = to.as_chunks_mut::<8>();
        for (to, from) in to_words.iter_mut().zip(from_words) {
            *to = (u64::from_ne_bytes(*from) ^ key).to_ne_bytes();
        }
        self.copy_bytes(from_tail, to_tail);
    }

    /// Only the writes are aligned. Reads are aligned in one case in four; that would cost a second
    /// loop.
    #[inline]
    fn copy_to_aligned(&mut self, from: &[u8], to: &mut [u8]) {
        let (head, words, tail) = bytemuck::pod_align_to_mut::<u8, u32>(to);
        let (from_head, from) = from.split_at_checked(head.len()).unwrap_or_default();
        self.copy_bytes(from_head, head);
        let key = u32::from_ne_bytes(self.key.to_le_bytes());
        let (from_words, from_tail) = from.as_chunks::<4>();
        for (to, from) in words.iter_mut().zip(from_words) {
            *to = u32::from_ne_bytes(*from) ^ key;
        }
        self.copy_bytes(from_tail, tail);
    }

    #[inline]
    fn copy_bytes(&mut self, from: &[u8], to: &mut [u8]) {
        let mut mask = *self;
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from ^ mask.next_byte();
        }
        *self = mask;
    }

    #[inline]
    fn apply_bytes(&mut self, payload: &mut [u8]) {
        let mut mask = *self;
        for byte in payload {
            *byte ^= mask.next_byte();
        }
        *self = mask;
    }

    /// Returns the key twice, as it is in memory.
    #[inline]
    fn two_words(self) -> u64 {
        let key = u64::from(u32::from_ne_bytes(self.key.to_le_bytes()));
        (key << 32) | key
    }

    #[inline]
    fn next_byte(&mut self) -> u8 {
        let byte = self.key as u8;
        self.key = self.key.rotate_right(8);
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    /// Applies the definition: transformed octet i is original octet i XOR key octet i modulo 4.
    fn by_definition(payload: &mut [u8], key: [u8; 4], offset: usize) {
        for (i, byte) in payload.iter_mut().enumerate() {
            *byte ^= key[(offset + i) % 4];
        }
    }

    #[test]
    fn all_ways_of_masking_agree_with_the_definition_at_every_length_alignment_and_cut() {
        let key = [0x12, 0x34, 0x56, 0x78];
        let in_place = [Mask::apply_anywhere, Mask::apply_aligned];
        for (apply, copy_by) in
            in_place.into_iter().zip([Mask::copy_anywhere, Mask::copy_to_aligned])
        {
            for start in 0..8 {
                for length in 0..40 {
                    for cut in 0..=length {
                        let mut bytes = [0xa5u8; 64];
                        let mut expected = bytes;
                        by_definition(&mut expected[start..start + length], key, 0);
                        let (first, second) = bytes[start..start + length].split_at_mut(cut);
                        let mut mask = Mask::new(key);
                        apply(&mut mask, first);
                        apply(&mut mask, second);
                        assert_eq!(bytes, expected, "start {start} length {length} cut {cut}");

                        let mut copy = [0xa5u8; 64];
                        let mut mask = Mask::new(key);
                        // The shorter of the two limits how much is copied: first the one, then the
                        // other.
                        mask.copy(&[0xa5; 64][..cut], &mut copy[start..]);
                        mask.copy(&[0xa5; 64], &mut copy[start + cut..start + length]);
                        assert_eq!(copy, expected, "start {start} length {length} cut {cut}");

                        let mut copy = [0xa5u8; 64];
                        let (first, second) = copy[start..start + length].split_at_mut(cut);
                        let mut mask = Mask::new(key);
                        copy_by(&mut mask, &[0xa5; 64][..cut], first);
                        copy_by(&mut mask, &[0xa5; 64][cut..length], second);
                        assert_eq!(copy, expected, "start {start} length {length} cut {cut}");
                    }
                }
            }
        }
    }
}
