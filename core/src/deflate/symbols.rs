//! The symbols for lengths and distances (RFC 1951 section 3.2.5), each with its extra bits.

/// Ends a block.
pub(super) const END_OF_BLOCK: u16 = 256;

/// The shortest and the longest match.
pub(super) const MIN_MATCH: usize = 3;
pub(super) const MAX_MATCH: usize = 258;

/// A symbol, and what its extra bits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coded {
    pub(super) symbol: u16,
    pub(super) extra: u32,
    pub(super) extra_bits: u32,
}

/// The value of a symbol, before its extra bits are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) value: u16,
    pub(super) extra_bits: u32,
}

/// Returns the symbol of a length from 3 to 258.
pub(super) fn length_symbol(length: usize) -> Coded {
    let above = length.saturating_sub(MIN_MATCH) as u32;
    match above {
        0..8 => Coded { symbol: above.wrapping_add(257) as u16, extra: 0, extra_bits: 0 },
        8..255 => {
            let extra_bits = above.ilog2().wrapping_sub(2);
            let symbol = (above >> extra_bits).wrapping_add(extra_bits << 2).wrapping_add(257);
            Coded { symbol: symbol as u16, extra: low(above, extra_bits), extra_bits }
        }
        _ => Coded { symbol: 285, extra: 0, extra_bits: 0 },
    }
}

/// Returns the symbol of a distance from 1 to 32,768.
pub(super) fn distance_symbol(distance: usize) -> Coded {
    let above = distance.saturating_sub(1) as u32;
    if above < 4 {
        return Coded { symbol: above as u16, extra: 0, extra_bits: 0 };
    }
    let extra_bits = above.ilog2().wrapping_sub(1);
    let symbol = (above >> extra_bits).wrapping_add(extra_bits << 1);
    Coded { symbol: symbol as u16, extra: low(above, extra_bits), extra_bits }
}

/// `None` for symbols that are not a length.
pub(super) fn length_base(symbol: u16) -> Option<Base> {
    let above = u32::from(symbol).wrapping_sub(257);
    match above {
        0..8 => Some(Base { value: above.wrapping_add(3) as u16, extra_bits: 0 }),
        8..28 => {
            let extra_bits = (above >> 2).wrapping_sub(1);
            let value = ((4 | (above & 3)) << extra_bits).wrapping_add(3);
            Some(Base { value: value as u16, extra_bits })
        }
        28 => Some(Base { value: 258, extra_bits: 0 }),
        _ => None,
    }
}

/// `None` for symbols that are not a distance.
pub(super) fn distance_base(symbol: u16) -> Option<Base> {
    match u32::from(symbol) {
        symbol @ 0..4 => Some(Base { value: symbol.wrapping_add(1) as u16, extra_bits: 0 }),
        symbol @ 4..30 => {
            let extra_bits = (symbol >> 1).wrapping_sub(1);
            let value = ((2 | (symbol & 1)) << extra_bits).wrapping_add(1);
            Some(Base { value: value as u16, extra_bits })
        }
        _ => None,
    }
}

fn low(value: u32, bits: u32) -> u32 {
    value & !(u32::MAX << bits)
}

#[cfg(test)]
mod tests {
    use super::{distance_base, distance_symbol, length_base, length_symbol};

    #[test]
    fn every_length_and_every_distance_comes_back() {
        for length in 3..=258 {
            let coded = length_symbol(length);
            let base = length_base(coded.symbol).unwrap();
            assert_eq!(base.extra_bits, coded.extra_bits);
            assert_eq!(u32::from(base.value) + coded.extra, length as u32);
        }
        for distance in 1..=1 << 15 {
            let coded = distance_symbol(distance);
            let base = distance_base(coded.symbol).unwrap();
            assert_eq!(base.extra_bits, coded.extra_bits);
            assert_eq!(u32::from(base.value) + coded.extra, distance as u32);
        }
    }

    /// RFC 1951 section 3.2.5, from its tables.
    #[test]
    fn the_symbols_match_the_tables() {
        for (symbol, first, extra_bits) in [
            (257, 3, 0),
            (264, 10, 0),
            (265, 11, 1),
            (272, 31, 2),
            (277, 67, 4),
            (284, 227, 5),
            (285, 258, 0),
        ] {
            let base = length_base(symbol).unwrap();
            assert_eq!((base.value, base.extra_bits), (first, extra_bits), "{symbol}");
        }
        for (symbol, first, extra_bits) in
            [(0, 1, 0), (3, 4, 0), (4, 5, 1), (15, 193, 6), (29, 24577, 13)]
        {
            let base = distance_base(symbol).unwrap();
            assert_eq!((base.value, base.extra_bits), (first, extra_bits), "{symbol}");
        }
        assert_eq!(length_base(286), None);
        assert_eq!(length_base(256), None);
        assert_eq!(distance_base(30), None);
    }
}
