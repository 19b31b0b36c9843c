//! The character classes of HTTP (RFC 9110 section 5.6) and of a WebSocket's target (RFC 6455
//! section 3).

use super::lines::split_at_byte;

/// `tchar` (RFC 9110 section 5.6.2).
pub(super) const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// A byte that may stand inside a line of a head: HTAB, SP, VCHAR and obs-text (RFC 9110 section
/// 5.5).
pub(super) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// The bytes as `str`, if they are a token.
pub(super) fn token(bytes: &[u8]) -> Option<&str> {
    if is_token(bytes) { str::from_utf8(bytes).ok() } else { None }
}

pub(super) fn is_header(name: &str, value: &[u8]) -> bool {
    is_token(name.as_bytes()) && is_field_content(value)
}

/// What may stand inside a line, or nothing.
pub(super) fn is_field_content(bytes: &[u8]) -> bool {
    bytes.iter().copied().all(is_field_byte)
}

/// What may be the target of any request: neither space nor control bytes. More than US-ASCII is
/// tolerated, but only as UTF-8.
pub(super) fn is_request_target(target: &[u8]) -> bool {
    let allowed = |byte| is_field_byte(byte) && !matches!(byte, b' ' | b'\t');
    !target.is_empty() && target.iter().copied().all(allowed) && str::from_utf8(target).is_ok()
}

/// `uri-host [":" port]`, by its characters (RFC 9110 section 7.2, RFC 3986 section 3.2). An empty
/// one names no server.
pub(super) fn is_host(host: &[u8]) -> bool {
    let allowed = |byte: u8| {
        let mark = |&mark: &u8| mark == byte;
        byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".iter().any(mark)
    };
    !host.is_empty() && host.iter().copied().all(allowed)
}

/// The resource name of a WebSocket URI in origin form (RFC 6455 section 3).
pub(super) fn is_resource_name(target: &[u8]) -> bool {
    target.starts_with(b"/") && is_uri(target)
}

/// Printable ASCII without a fragment, which no WebSocket URI may have (RFC 6455 section 3).
pub(super) fn is_uri(text: &[u8]) -> bool {
    text.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'#')
}

/// The scheme of an absolute URI, and what follows its `://`.
pub(super) fn split_absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, rest) = split_at_byte(target, b':')?;
    Some((scheme, rest.strip_prefix(b"//")?))
}

/// A header that the opening handshake writes itself, or that an upgrade must not have: `Upgrade`,
/// `Connection`, `Content-Length`, `Transfer-Encoding` and every `Sec-WebSocket-` header.
#[must_use]
pub fn is_handshake_header(name: &str) -> bool {
    let websocket =
        name.get(..14).is_some_and(|prefix| prefix.eq_ignore_ascii_case("Sec-WebSocket-"));
    websocket || is_connection_header(name) || name.eq_ignore_ascii_case("Upgrade")
}

/// A header that says how the connection and the body go on.
pub(super) fn is_connection_header(name: &str) -> bool {
    ["Connection", "Content-Length", "Transfer-Encoding"]
        .iter()
        .any(|reserved| name.eq_ignore_ascii_case(reserved))
}
