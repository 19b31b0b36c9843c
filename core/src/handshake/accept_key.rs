//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 sections 4.2.2 and 11.3).

use super::sha1::{self, digest};

/// A key in base64: 16 bytes.
pub(super) const KEY_LENGTH: usize = 24;

/// An accept value in base64: the 20 bytes of a SHA-1 digest.
pub(super) const ACCEPT_LENGTH: usize = 28;

const GUID: &[u8; 36] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode_key(nonce: [u8; 16]) -> [u8; KEY_LENGTH] {
    base64(&nonce)
}

/// Base64 of exactly 16 bytes, with the padding and zero bits of RFC 4648 sections 3.2 and 3.5.
pub(super) fn is_key(key: &[u8]) -> bool {
    let Some((digits, [last, b'=', b'='])) = key.split_last_chunk() else { return false };
    // Of the last digit, two bits are the nonce's.
    digits.len() == KEY_LENGTH - 3
        && digits.iter().copied().all(is_base64)
        && matches!(last, b'A' | b'Q' | b'g' | b'w')
}

const fn is_base64(digit: u8) -> bool {
    digit.is_ascii_alphanumeric() || matches!(digit, b'+' | b'/')
}

/// Of a key that [`is_key`].
pub(super) fn accept_value(key: &[u8]) -> [u8; ACCEPT_LENGTH] {
    const { assert!(KEY_LENGTH + GUID.len() == sha1::MESSAGE) };
    let mut message = [0; sha1::MESSAGE];
    for (place, byte) in message.iter_mut().zip(key.iter().chain(GUID)) {
        *place = *byte;
    }
    base64(&digest(&message))
}

/// RFC 4648 section 4, into exactly the room it takes.
fn base64<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut encoded = [b'='; LENGTH];
    for (digits, group) in encoded.as_chunks_mut::<4>().0.iter_mut().zip(bytes.chunks(3)) {
        let [a, b, c] = [0, 1, 2].map(|place| group.get(place).copied().unwrap_or_default());
        let mut bits = u32::from_be_bytes([a, b, c, 0]);
        for digit in digits.iter_mut().take(group.len().saturating_add(1)) {
            *digit = BASE64.get((bits >> 26) as usize).copied().unwrap_or_default();
            bits <<= 6;
        }
    }
    encoded
}
