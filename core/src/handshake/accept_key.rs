//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 sections 4.2.2 and 11.3).

use base64ct::{Base64, Encoding};
use sha1_smol::Sha1;

/// A key in base64: 16 bytes.
pub(super) const KEY_LENGTH: usize = 24;

/// An accept value in base64: the 20 bytes of a SHA-1 digest.
pub(super) const ACCEPT_LENGTH: usize = 28;

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub(super) fn encode_key(nonce: [u8; 16]) -> [u8; KEY_LENGTH] {
    encode(&nonce)
}

/// Base64 of exactly 16 bytes, with the padding and zero bits of RFC 4648 sections 3.2 and 3.5.
pub(super) fn is_key(key: &[u8]) -> bool {
    key.len() == KEY_LENGTH
        && Base64::decode(key, &mut [0; 16]).is_ok_and(|nonce| nonce.len() == 16)
}

pub(super) fn accept_value(key: &[u8]) -> [u8; ACCEPT_LENGTH] {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    encode(&hash.digest().bytes())
}

fn encode<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut encoded = [0; LENGTH];
    // It fails only where the text does not fit, and both lengths above are exact.
    let _fits = Base64::encode(bytes, &mut encoded);
    encoded
}
