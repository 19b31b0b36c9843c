//! The codes of a block: fixed (RFC 1951 section 3.2.6), or defined by the block (section 3.2.7).

use super::{InflateError, Inflater, State, Stop, found};
use crate::deflate::symbols::END_OF_BLOCK;

/// Symbols of the two codes of a block (section 3.2.6); some of them may not occur.
pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCES: usize = 32;

/// The numbers of codes that a block may define (section 3.2.7).
const MAX_LITERALS: usize = 286;
const MAX_DISTANCES: usize = 30;

/// The code of code lengths: its symbols, in the order in which their own lengths are given.
const LENGTH_ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The numbers of code lengths in a block.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    literals: usize,
    distances: usize,
    length_codes: usize,
}

impl Inflater {
    /// Section 3.2.6.
    pub(super) fn use_fixed_codes(&mut self) -> Result<(), InflateError> {
        if self.fixed {
            return Ok(());
        }
        let (literals, distances) = self.lengths.split_at_mut(LITERALS);
        for (symbol, length) in literals.iter_mut().enumerate() {
            *length = match symbol {
                0..144 => 8,
                144..256 => 9,
                256..280 => 7,
                _ => 8,
            };
        }
        distances.fill(5);
        self.build(LITERALS, DISTANCES)?;
        self.fixed = true;
        Ok(())
    }

    pub(super) fn read_sizes(&mut self, input: &mut &[u8]) -> Result<State, Stop> {
        let bits = self.take(14, input)? as usize;
        let sizes = Sizes {
            literals: (bits & 31).wrapping_add(257),
            distances: (bits >> 5 & 31).wrapping_add(1),
            length_codes: (bits >> 10).wrapping_add(4),
        };
        if sizes.literals > MAX_LITERALS || sizes.distances > MAX_DISTANCES {
            return Err(InflateError::TooManyCodes.into());
        }
        self.lengths = [0; LITERALS + DISTANCES];
        Ok(State::LengthCode { sizes, known: 0 })
    }

    pub(super) fn read_length_code(
        &mut self,
        sizes: Sizes,
        known: usize,
        input: &mut &[u8],
    ) -> Result<State, Stop> {
        if known < sizes.length_codes {
            let length = self.take(3, input)? as u8;
            let symbol = LENGTH_ORDER.get(known).copied().unwrap_or_default();
            self.set_length(usize::from(symbol), length);
            return Ok(State::LengthCode { sizes, known: known.wrapping_add(1) });
        }
        // It is kept where the code of the distances will be.
        self.fixed = false;
        let lengths = self.lengths.get(..LENGTH_ORDER.len()).unwrap_or_default();
        self.distances.build(lengths, false).map_err(|_| InflateError::CodeLengths)?;
        self.lengths = [0; LITERALS + DISTANCES];
        Ok(State::Lengths { sizes, known: 0 })
    }

    pub(super) fn read_lengths(
        &mut self,
        sizes: Sizes,
        known: usize,
        input: &mut &[u8],
    ) -> Result<State, Stop> {
        let all = sizes.literals.wrapping_add(sizes.distances);
        if known == all {
            self.build(sizes.literals, sizes.distances)?;
            return Ok(State::Symbol);
        }
        self.bits.fill(input);
        let (symbol, bits) = found(self.distances.decode(self.bits.peek(), self.bits.count()))?;
        let (extra_bits, least) = match symbol {
            0..16 => (0, 1),
            16 => (2, 3),
            17 => (3, 3),
            _ => (7, 11),
        };
        if self.bits.count() < bits.wrapping_add(extra_bits) {
            return Err(Stop::Input);
        }
        self.bits.skip(bits);
        let repeats = (self.take(extra_bits, input)? as usize).wrapping_add(least);
        let length = match symbol {
            0..16 => symbol as u8,
            16 => {
                let before = known.checked_sub(1).and_then(|before| self.lengths.get(before));
                *before.ok_or(InflateError::RepeatedLength)?
            }
            _ => 0,
        };
        let end = known.wrapping_add(repeats);
        if end > all {
            return Err(InflateError::RepeatedLength.into());
        }
        for place in known..end {
            self.set_length(place, length);
        }
        Ok(State::Lengths { sizes, known: end })
    }

    fn set_length(&mut self, place: usize, length: u8) {
        if let Some(place) = self.lengths.get_mut(place) {
            *place = length;
        }
    }

    /// Both codes, from `lengths`.
    fn build(&mut self, literals: usize, distances: usize) -> Result<(), InflateError> {
        let (literals, rest) = self.lengths.split_at_checked(literals).unwrap_or_default();
        let distances = rest.get(..distances).unwrap_or_default();
        let ends = literals.get(usize::from(END_OF_BLOCK)).is_some_and(|length| *length > 0);
        let literals = self.literals.build(literals, true);
        let distances = self.distances.build(distances, true);
        match (ends, literals, distances) {
            (true, Ok(()), Ok(())) => Ok(()),
            _ => Err(InflateError::CodeLengths),
        }
    }
}
