//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 sections 4.2.2 and 11.3).

use base64ct::{Base64, Encoding};
use sha1_smol::Sha1;

use super::http::syntax::Class;

/// The length of a key in base64: 16 bytes.
pub(super) const KEY_LENGTH: usize = 24;

/// The length of an accept value in base64: the 20 bytes of a SHA-1 digest.
pub(super) const ACCEPT_LENGTH: usize = 28;

/// The hashed text: room for the key, then the GUID (RFC 6455 section 4.2.2 item 5.4).
const HASHED: &[u8; KEY_LENGTH + 36] =
    b"                        258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Returns the key of a nonce (RFC 6455 section 4.1).
pub(super) fn encode_key(nonce: [u8; 16]) -> [u8; KEY_LENGTH] {
    base64(&nonce)
}

/// Reads the key of an opening handshake (RFC 6455 section 4.2.1).
///
/// It is base64 of exactly 16 bytes, with the padding of RFC 4648 section 3.2. The last digit's
/// bits that encode nothing may be anything, as they are in the example of RFC 6455 section 4.1.
pub(super) fn read_key(value: &[u8]) -> Option<&[u8; KEY_LENGTH]> {
    let (digits, padding) = value.split_last_chunk()?;
    let is_key = padding == b"==" && Class::Base64.has_all(digits);
    if is_key { value.try_into().ok() } else { None }
}

/// Computes the accept value of a key (RFC 6455 section 4.2.2).
pub(super) fn accept_value(key: &[u8; KEY_LENGTH]) -> [u8; ACCEPT_LENGTH] {
    // In one piece, so that the hash sees one length, known at compile time.
    let mut hashed = *HASHED;
    if let Some(front) = hashed.first_chunk_mut() {
        *front = *key;
    }
    base64(&Sha1::from(hashed).digest().bytes())
}

/// Base64 (RFC 4648 section 4), into exactly the room it takes.
fn base64<const LENGTH: usize>(bytes: &[u8]) -> [u8; LENGTH] {
    let mut encoded = [0; LENGTH];
    // Only a buffer that is too small is an error.
    let _ = Base64::encode(bytes, &mut encoded);
    encoded
}

#[cfg(test)]
mod tests {
    use super::{accept_value, encode_key};

    /// RFC 6455 section 1.3.
    #[test]
    fn the_sample_key_of_the_rfc_gives_its_accept_value() {
        let key = encode_key(*b"the sample nonce");
        assert_eq!(key, *b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_value(&key), *b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    /// Computed by GNU coreutils' sha1sum and base64.
    #[test]
    fn accept_values_match_those_of_coreutils() {
        let accept = |nonce| accept_value(&encode_key([nonce; 16]));
        assert_eq!(accept(0), *b"ICX+Yqv66kxgM0FcWaLWlFLwTAI=");
        assert_eq!(accept(0xff), *b"XXpj4jYzLM2yUE0C7TIgMwTQh2g=");
    }
}
