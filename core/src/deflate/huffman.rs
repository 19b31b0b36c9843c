//! Canonical Huffman codes (RFC 1951 section 3.2.2), decoded by the number of codes of each length.

/// The longest code, in bits.
const LONGEST: usize = 15;

/// A prefix code for up to `SYMBOLS` symbols.
pub(super) struct Huffman<const SYMBOLS: usize> {
    counts: Counts,
    /// The symbols that have a code, in the order of their codes.
    symbols: [u16; SYMBOLS],
}

type Counts = [u16; LONGEST + 1];

/// The beginning of the available bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decoded {
    Symbol {
        symbol: u16,
        bits: u32,
    },
    /// A part of a code.
    Unfinished,
    /// No code at all.
    Nothing,
}

/// The lengths do not make a code that may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoCode;

impl<const SYMBOLS: usize> Huffman<SYMBOLS> {
    pub(super) const fn new() -> Self {
        Self { counts: [0; LONGEST + 1], symbols: [0; SYMBOLS] }
    }

    /// Sets the code in which symbol `i` has `lengths[i]` bits, 0 for none.
    ///
    /// It must use up all bit strings. As in zlib, a code of a single bit, or an empty one, is
    /// accepted if `may_be_small`, because a block may have one distance, or none.
    pub(super) fn build(&mut self, lengths: &[u8], may_be_small: bool) -> Result<(), NoCode> {
        build(&mut self.counts, &mut self.symbols, lengths, may_be_small)
    }

    #[inline]
    pub(super) fn decode(&self, bits: u32, count: u32) -> Decoded {
        decode(&self.counts, &self.symbols, bits, count)
    }
}

fn build(
    counts: &mut Counts,
    symbols: &mut [u16],
    lengths: &[u8],
    may_be_small: bool,
) -> Result<(), NoCode> {
    *counts = [0; LONGEST + 1];
    for &length in lengths {
        if let Some(count) = counts.get_mut(usize::from(length)) {
            *count = count.wrapping_add(1);
        }
    }
    // Not codes.
    counts[0] = 0;

    let mut places = [0u16; LONGEST + 1];
    let mut place = 0u16;
    let mut unused = 1i32;
    let mut longest = 0;
    for (bits, (&count, first)) in counts.iter().zip(&mut places).enumerate() {
        *first = place;
        place = place.wrapping_add(count);
        if bits > 0 {
            unused = (unused << 1).wrapping_sub(i32::from(count));
        }
        if unused < 0 {
            return Err(NoCode);
        }
        if count > 0 {
            longest = bits;
        }
    }
    if unused > 0 && !(may_be_small && longest <= 1) {
        return Err(NoCode);
    }
    for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        let Some(place) = places.get_mut(usize::from(length)) else { continue };
        if let Some(entry) = symbols.get_mut(usize::from(*place)) {
            *entry = symbol as u16;
        }
        *place = place.wrapping_add(1);
    }
    Ok(())
}

/// Returns the first code of each length: the codes of a length are consecutive, and start after
/// twice the last code of the length before.
fn decode(counts: &Counts, symbols: &[u16], bits: u32, count: u32) -> Decoded {
    let mut rest = bits;
    let mut code = 0u32;
    let mut first = 0u32;
    let mut place = 0u32;
    for (length, &codes) in (1u32..).zip(counts.iter().skip(1)) {
        if length > count {
            return Decoded::Unfinished;
        }
        code |= rest & 1;
        rest >>= 1;
        let codes = u32::from(codes);
        let above = code.wrapping_sub(first);
        if above < codes {
            let symbol = symbols.get(place.wrapping_add(above) as usize).copied();
            return symbol
                .map_or(Decoded::Nothing, |symbol| Decoded::Symbol { symbol, bits: length });
        }
        place = place.wrapping_add(codes);
        first = first.wrapping_add(codes) << 1;
        code <<= 1;
    }
    Decoded::Nothing
}

#[cfg(test)]
mod tests {
    use super::{Decoded, Huffman, NoCode};

    /// Checks the example of RFC 1951 section 3.2.2: A to H with these lengths.
    #[test]
    fn the_example_is_decoded() {
        let mut code = Huffman::<8>::new();
        code.build(&[3, 3, 3, 3, 3, 2, 4, 4], false).unwrap();
        let cases = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
        for (symbol, code_bits) in cases.iter().enumerate() {
            let bits = code_bits.bytes().rev().fold(0, |bits, bit| bits << 1 | u32::from(bit & 1));
            let length = code_bits.len() as u32;
            let found = Decoded::Symbol { symbol: symbol as u16, bits: length };
            assert_eq!(code.decode(bits, length), found);
            assert_eq!(code.decode(bits, length - 1), Decoded::Unfinished);
        }
    }

    #[test]
    fn lengths_that_do_not_form_a_prefix_code_are_refused() {
        let mut code = Huffman::<8>::new();
        assert_eq!(code.build(&[1, 1, 1], false), Err(NoCode));
        assert_eq!(code.build(&[1, 2], true), Err(NoCode));
        assert_eq!(code.build(&[2, 2], true), Err(NoCode));
        assert_eq!(code.build(&[1], false), Err(NoCode));
        assert_eq!(code.build(&[], false), Err(NoCode));
        assert_eq!(code.build(&[0, 1], true), Ok(()));
        assert_eq!(code.decode(0, 1), Decoded::Symbol { symbol: 1, bits: 1 });
        assert_eq!(code.decode(u32::MAX, 15), Decoded::Nothing);
        assert_eq!(code.build(&[], true), Ok(()));
        assert_eq!(code.decode(0, 15), Decoded::Nothing);
    }
}
