//! SHA-1 (RFC 3174), as much as a handshake needs. Here it only proves that a server speaks the
//! protocol; it protects no secret.

/// 512 bits of a message (section 4).
pub(super) type Block = [u32; 16];

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of a padded message of two blocks.
pub(super) fn digest(blocks: &[Block; 2]) -> [u32; 5] {
    let mut state = START;
    let mut words = [0; 80];
    for block in blocks {
        if let Some(first) = words.first_chunk_mut() {
            *first = *block;
        }
        schedule(&mut words);
        compress(&mut state, &words);
    }
    state
}

/// Section 6.1, step b: expands the words of a block to one for each round.
fn schedule(words: &mut [u32; 80]) {
    for round in 0..64 {
        let Some(rest) = words.get_mut(round..) else { break };
        let [a, _, b, _, _, _, _, _, c, _, _, _, _, d, _, _, word, ..] = rest else { break };
        *word = (*a ^ *b ^ *c ^ *d).rotate_left(1);
    }
}

/// Section 6.1, steps c to e, with the functions and constants of section 5.
fn compress(state: &mut [u32; 5], words: &[u32; 80]) {
    let mut now = *state;
    let parity = |b, c, d| b ^ c ^ d;
    if let [first, second, third, fourth] = words.as_chunks().0 {
        twenty_rounds(&mut now, first, 0x5a82_7999, |b, c, d| (b & (c ^ d)) ^ d);
        twenty_rounds(&mut now, second, 0x6ed9_eba1, parity);
        twenty_rounds(&mut now, third, 0x8f1b_bcdc, |b, c, d| (b & (c ^ d)) ^ (c & d));
        twenty_rounds(&mut now, fourth, 0xca62_c1d6, parity);
    }
    for (word, more) in state.iter_mut().zip(&now) {
        *word = word.wrapping_add(*more);
    }
}

fn twenty_rounds(
    state: &mut [u32; 5],
    words: &[u32; 20],
    constant: u32,
    f: impl Fn(u32, u32, u32) -> u32,
) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for word in words {
        let sum = e.wrapping_add(constant).wrapping_add(*word).wrapping_add(f(b, c, d));
        let sum = sum.wrapping_add(a.rotate_left(5));
        (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
    }
    *state = [a, b, c, d, e];
}
