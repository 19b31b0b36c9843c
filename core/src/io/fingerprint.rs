//! A fingerprint of the bytes that a dropped `recv` has left in its buffer, so that the next call
//! notices another buffer.
//!
//! It costs the same however long the message is: it is made at each drop, and compared at each
//! call, so a hash of all bytes would cost a long message that trickles in the square of its length.

use core::num::NonZeroU32;

/// The most bytes of which a fingerprint sees each. Of more bytes it sees a third of this number at
/// the front, as many at the end, and as many in between, at equal distances.
const MOST: usize = 96;
const THIRD: usize = MOST / 3;
const TWO_THIRDS: usize = 2 * THIRD;

/// Returns the fingerprint: FNV-1a, and never zero, so that an `Option` of it takes no more memory.
pub(super) fn fingerprint(bytes: &[u8]) -> NonZeroU32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    NonZeroU32::MIN | seen(bytes).fold(0x811c_9dc5, step)
}

/// The bytes that the fingerprint sees.
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
