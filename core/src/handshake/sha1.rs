//! SHA-1 (RFC 3174), of as much as a handshake needs: here it proves that a server speaks the
//! protocol, and keeps no secret.

/// 512 bits of a message, as section 4 has them.
pub(super) type Block = [u32; 16];

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of a padded message of two blocks. They are used up.
pub(super) fn digest(blocks: &mut [Block; 2]) -> [u32; 5] {
    let mut state = START;
    for block in blocks {
        compress(&mut state, block);
    }
    state
}

/// Section 6.2: one block, with no more than sixteen words of its schedule at a time.
fn compress(state: &mut [u32; 5], words: &mut Block) {
    let mut now = *state;
    for round in 0..80usize {
        let [a, b, c, d, e] = now;
        let (f, k) = match round {
            0..20 => ((b & c) | (!b & d), 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let sum = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
        let sum = sum.wrapping_add(k).wrapping_add(next_word(words, round));
        now = [sum, a, b.rotate_left(30), c, d];
    }
    for (word, more) in state.iter_mut().zip(&now) {
        *word = word.wrapping_add(*more);
    }
}

/// The word of a round. That of the round sixteen later takes its place.
fn next_word(words: &mut Block, round: usize) -> u32 {
    let at = |ahead: usize| words.get(round.wrapping_add(ahead) & 15).copied().unwrap_or_default();
    let word = at(0);
    let later = (word ^ at(2) ^ at(8) ^ at(13)).rotate_left(1);
    if let Some(place) = words.get_mut(round & 15) {
        *place = later;
    }
    word
}
