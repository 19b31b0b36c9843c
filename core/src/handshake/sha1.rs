//! SHA-1 (RFC 3174), of as much as a handshake needs: here it proves that a server speaks the
//! protocol, and keeps no secret.

/// What a handshake hashes: a key in base64 and the GUID.
pub(super) const MESSAGE: usize = 60;

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of one message of exactly this length.
pub(super) fn digest(message: &[u8; MESSAGE]) -> [u8; 20] {
    // Section 4: a bit, zeros, and the length in bits fill two blocks.
    let mut blocks = [0; 128];
    let length = (MESSAGE as u64).wrapping_mul(8).to_be_bytes();
    if let Some((text, [bit, ..])) = blocks.split_first_chunk_mut() {
        (*text, *bit) = (*message, 0x80);
    }
    if let Some(end) = blocks.last_chunk_mut() {
        *end = length;
    }
    let mut state = START;
    for block in blocks.as_chunks::<64>().0 {
        state = compress(state, block);
    }
    let mut digest = [0; 20];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// Section 6.2: one block, with no more than sixteen words of its schedule at a time.
fn compress(state: [u32; 5], block: &[u8; 64]) -> [u32; 5] {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let [mut a, mut b, mut c, mut d, mut e] = state;
    for round in 0..80usize {
        let word = word(&words, round);
        let (f, k) = match round {
            0..20 => ((b & c) | (!b & d), 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6),
        };
        let sum = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
        (e, d, c, b) = (d, c, b.rotate_left(30), a);
        a = sum.wrapping_add(word).wrapping_add(k);
        // The word sixteen rounds on.
        let [eight, two, thirteen] =
            [8, 2, 13].map(|ahead| self::word(&words, round.wrapping_add(ahead)));
        if let Some(place) = words.get_mut(round & 15) {
            *place = (word ^ two ^ eight ^ thirteen).rotate_left(1);
        }
    }
    let mut next = state;
    for (word, more) in next.iter_mut().zip([a, b, c, d, e]) {
        *word = word.wrapping_add(more);
    }
    next
}

fn word(words: &[u32; 16], round: usize) -> u32 {
    words.get(round & 15).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::{MESSAGE, digest};

    /// Computed by GNU coreutils' sha1sum.
    #[test]
    fn messages_of_a_handshakes_length_have_the_digest_that_others_compute() {
        let hex = |message: &[u8; MESSAGE]| {
            digest(message).map(|byte| std::format!("{byte:02x}")).concat()
        };
        assert_eq!(hex(&[0; MESSAGE]), "fb3d8fb74570a077e332993f7d3d27603501b987");
        assert_eq!(hex(&[b'a'; MESSAGE]), "13d956033d9af449bfe2c4ef78c17c20469c4bf1");
        assert_eq!(hex(&[0xff; MESSAGE]), "f821288b0c02ef8dc17ad5cb3a2c6bc78f0046b6");
    }
}
