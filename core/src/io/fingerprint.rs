//! The fingerprint of the bytes that a dropped `recv` has left in its buffer, by which the next
//! call notices a different buffer.
//!
//! It takes constant time, whatever the length of the message. It is computed at each drop and at
//! each call, so a hash of all bytes would make a message that arrives in small pieces take time
//! quadratic in its length.

use core::num::NonZeroU32;

/// The greatest number of bytes that a fingerprint covers. Of a longer start it covers a third of
/// this number at the front, a third at the end, and a third in between, at equal distances.
const MOST: usize = 96;
const THIRD: usize = MOST / 3;
const TWO_THIRDS: usize = 2 * THIRD;

/// Returns the fingerprint: FNV-1a, and never zero, so that an `Option` of it takes no more memory.
pub(super) fn fingerprint(bytes: &[u8]) -> NonZeroU32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    NonZeroU32::MIN | seen(bytes).fold(0x811c_9dc5, step)
}

/// Returns the bytes that the fingerprint covers.
fn seen(bytes: &[u8]) -> impl Iterator<Item = &u8> {
    let unseen = bytes.len().saturating_sub(MOST);
    // The bytes in between lie this much further apart than those at the ends.
    let gap = unseen / THIRD;
    (0..MOST).filter_map(move |number| {
        let skipped = match number {
            0..THIRD => 0,
            THIRD..TWO_THIRDS => gap.wrapping_mul(number.wrapping_sub(THIRD)),
            _ => unseen,
        };
        bytes.get(number.wrapping_add(skipped))
    })
}

#[cfg(test)]
mod tests {
    use super::{MOST, THIRD, fingerprint, seen};

    #[test]
    fn no_length_costs_more_than_a_short_one() {
        for length in (0..1000).chain([1 << 16, 1 << 20]) {
            let bytes = &[0; 1 << 20][..length];
            assert_eq!(seen(bytes).count(), length.min(MOST), "{length}");
        }
    }

    #[test]
    fn any_byte_counts_among_few_and_the_ends_and_some_between_among_many() {
        for length in [1, 5, MOST, MOST + 1, 1000] {
            let mut bytes = [7; 1000];
            let mut changes = 0;
            for place in 0..length {
                let before = fingerprint(&bytes[..length]);
                bytes[place] ^= 0xff;
                let changed = fingerprint(&bytes[..length]) != before;
                bytes[place] ^= 0xff;
                let is_at_an_end = place < THIRD || place + THIRD >= length;
                assert!(changed || !is_at_an_end && length > MOST, "{place} of {length}");
                changes += usize::from(changed);
            }
            assert_eq!(changes, length.min(MOST));
        }
    }
}
