//! Headers that the application adds, checked where they are added.

use std::fmt;

/// Names and values, in order. The names are tokens, and no value can end its line.
pub(crate) type Headers = Vec<(String, Vec<u8>)>;

/// The longest name that the crate `http` takes.
const MAX_NAME_BYTES: usize = 65_535;

/// A header that cannot be sent. It converts to an answer with 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeaderError {
    /// The name is not a token (RFC 9110 section 5.6.2), or is longer than 65,535 bytes.
    Name,
    /// The value has CR, LF, NUL or another control byte (RFC 9110 section 5.5).
    Value,
    /// The header is written by the opening handshake or by the response itself, `Connection` for
    /// example.
    Reserved,
}

/// Checks a header that is not `reserved`, in any case of letters.
pub(crate) fn check(
    name: &str,
    value: &[u8],
    reserved: impl FnOnce(&str) -> bool,
) -> Result<(), InvalidHeaderError> {
    if !is_token(name) || name.len() > MAX_NAME_BYTES {
        return Err(InvalidHeaderError::Name);
    }
    if !value.iter().all(|&byte| is_field_byte(byte)) {
        return Err(InvalidHeaderError::Value);
    }
    if reserved(name) {
        return Err(InvalidHeaderError::Reserved);
    }
    Ok(())
}

/// Returns true for a header that a response writes itself.
pub(crate) fn is_framing(name: &str) -> bool {
    ["Connection", "Content-Length", "Transfer-Encoding"]
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
}

/// RFC 9110 section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(tchar)
}

/// HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5).
pub(crate) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

pub(crate) fn borrow_headers<V: AsRef<[u8]>>(headers: &[(String, V)]) -> Vec<(&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_ref())).collect()
}

impl fmt::Display for InvalidHeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "invalid header name",
            Self::Value => "invalid header value: control byte",
            Self::Reserved => "reserved header: written by the handshake or the response itself",
        })
    }
}

impl std::error::Error for InvalidHeaderError {}
