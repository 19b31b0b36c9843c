//! SHA-1 (RFC 3174), of as much as a handshake needs: here it proves that a server speaks the
//! protocol, and keeps no secret.

/// 512 bits of a message, as section 4 has them.
pub(super) type Block = [u32; 16];

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of a padded message of two blocks.
pub(super) fn digest(blocks: &[Block; 2]) -> [u32; 5] {
    let mut state = START;
    let mut words = [0; 80];
    for block in blocks {
        words.iter_mut().zip(block).for_each(|(word, given)| *word = *given);
        schedule(&mut words);
        compress(&mut state, &words);
    }
    state
}

/// Section 6.1, step b: of the words of a block, one for every round.
fn schedule(words: &mut [u32; 80]) {
    for round in 0..64 {
        let Some(rest) = words.get_mut(round..) else { break };
        let [a, _, b, _, _, _, _, _, c, _, _, _, _, d, _, _, word, ..] = rest else { break };
        *word = (*a ^ *b ^ *c ^ *d).rotate_left(1);
    }
}

/// Section 6.1, steps c to e.
fn compress(state: &mut [u32; 5], words: &[u32; 80]) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (phase, words) in words.as_chunks::<20>().0.iter().enumerate() {
        for word in words {
            let either = c ^ d;
            let (f, constant) = match phase {
                0 => ((b & either) ^ d, 0x5a82_7999),
                1 => (b ^ either, 0x6ed9_eba1),
                2 => ((b & either) ^ (c & d), 0x8f1b_bcdc),
                _ => (b ^ either, 0xca62_c1d6),
            };
            let sum = e.wrapping_add(constant).wrapping_add(*word).wrapping_add(f);
            let sum = sum.wrapping_add(a.rotate_left(5));
            (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
        }
    }
    for (word, more) in state.iter_mut().zip(&[a, b, c, d, e]) {
        *word = word.wrapping_add(*more);
    }
}
