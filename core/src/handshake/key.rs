//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 sections 4.2.2 and 11.3).

use super::http::syntax::Class;
use super::sha1::{self, Block};

/// A key in base64: 16 bytes.
pub(super) const KEY_LENGTH: usize = 24;

/// An accept value in base64: the 20 bytes of a SHA-1 digest.
pub(super) const ACCEPT_LENGTH: usize = 28;

/// The first block to be hashed, after the key: the GUID `258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
/// and the bit that follows a message (RFC 3174 section 4).
const FIRST: Block = [
    0,
    0,
    0,
    0,
    0,
    0,
    0x3235_3845,
    0x4146_4135,
    0x2d45_3931,
    0x342d_3437,
    0x4441_2d39,
    0x3543_412d,
    0x4335_4142,
    0x3044_4338,
    0x3542_3131,
    0x8000_0000,
];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the key of a nonce (RFC 6455 section 4.1).
pub(super) fn encode_key(nonce: [u8; 16]) -> [u8; KEY_LENGTH] {
    base64(&nonce)
}

/// Whether it is the key of an opening handshake (RFC 6455 section 4.2.1).
///
/// Base64 of exactly 16 bytes, with the padding of RFC 4648 section 3.2. The last digit's bits that
/// encode nothing may be anything, as they are in the example of RFC 6455 section 4.1.
pub(super) fn is_key(key: &[u8]) -> bool {
    let Some((digits, b"==")) = key.split_last_chunk() else { return false };
    digits.len() == KEY_LENGTH - 2 && Class::Base64.has_all(digits)
}

/// Computes the accept value of a key that [`is_key`] (RFC 6455 section 4.2.2).
pub(super) fn accept_value(key: &[u8]) -> [u8; ACCEPT_LENGTH] {
    let mut blocks = [FIRST, [0; 16]];
    // The message's length in bits ends the last block.
    let [_, [.., length]] = &mut blocks;
    *length = 60 * 8;
    for (word, bytes) in blocks.as_flattened_mut().iter_mut().zip(key.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let mut digest = [[0; 4]; 5];
    for (bytes, word) in digest.iter_mut().zip(&sha1::digest(&blocks)) {
        *bytes = word.to_be_bytes();
    }
    base64(digest.as_flattened())
}

/// Base64 (RFC 4648 section 4), into exactly the room it takes.
fn base64<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut encoded = [b'='; LENGTH];
    for (place, digit) in encoded.iter_mut().enumerate() {
        let bit = place.wrapping_mul(6);
        let Some([first, rest @ ..]) = bytes.get(bit / 8..) else { break };
        let pair = u16::from_be_bytes([*first, rest.first().copied().unwrap_or_default()]);
        let value = (pair << (bit % 8)) >> 10;
        *digit = BASE64.get(usize::from(value)).copied().unwrap_or_default();
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::{accept_value, encode_key};

    /// RFC 6455 section 1.3.
    #[test]
    fn the_sample_of_the_rfc_is_answered_as_there() {
        let key = encode_key(*b"the sample nonce");
        assert_eq!(key, *b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_value(&key), *b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// Computed by GNU coreutils' sha1sum and base64.
    #[test]
    fn other_keys_are_answered_as_others_compute_it() {
        let accept = |nonce| accept_value(&encode_key([nonce; 16]));
        assert_eq!(accept(0), *b"ICX+Yqv66kxgM0FcWaLWlFLwTAI=");
        assert_eq!(accept(0xff), *b"XXpj4jYzLM2yUE0C7TIgMwTQh2g=");
    }
}
