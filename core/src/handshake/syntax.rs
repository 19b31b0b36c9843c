//! The character classes of HTTP (RFC 9110 section 5.6) and of a WebSocket's target (RFC 6455
//! section 3).

use super::lines::split_at_byte;

/// The classes that a byte may belong to, one bit for each.
#[derive(Clone, Copy)]
pub(super) enum Class {
    /// `tchar` (RFC 9110 section 5.6.2).
    Token = 1,
    /// `uri-host [":" port]` (RFC 9110 section 7.2, RFC 3986 section 3.2).
    Host = 2,
    /// Printable ASCII without `#`: a fragment, which no WebSocket URI may have (RFC 6455 section 3).
    Uri = 4,
    /// The digits of RFC 4648 section 4.
    Base64 = 8,
}

impl Class {
    /// How many bytes from the first on are of this class.
    pub(super) fn prefix(self, bytes: &[u8]) -> usize {
        bytes.iter().position(|&byte| !self.has(byte)).unwrap_or(bytes.len())
    }

    /// Whether all bytes are of this class; true for an empty slice.
    pub(super) fn has_all(self, bytes: &[u8]) -> bool {
        self.prefix(bytes) == bytes.len()
    }

    pub(super) fn has(self, byte: u8) -> bool {
        let classes = CLASSES.get(usize::from(byte)).copied().unwrap_or_default();
        classes & self as u8 != 0
    }
}

/// The classes of every ASCII byte. Other bytes belong to none.
static CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0;
    while let [class, others @ ..] = rest {
        *class = classes_of(byte);
        byte += 1;
        rest = others;
    }
    classes
};

pub(super) const fn classes_of(byte: u8) -> u8 {
    let alphanumeric = byte.is_ascii_alphanumeric();
    let mut classes = 0;
    if alphanumeric || is_one_of(b"!#$%&'*+-.^_`|~", byte) {
        classes |= Class::Token as u8;
    }
    if alphanumeric || is_one_of(b"-._~%!$&'()*+,;=:[]", byte) {
        classes |= Class::Host as u8;
    }
    if byte.is_ascii_graphic() && byte != b'#' {
        classes |= Class::Uri as u8;
    }
    if alphanumeric || is_one_of(b"+/", byte) {
        classes |= Class::Base64 as u8;
    }
    classes
}

const fn is_one_of(mut marks: &[u8], byte: u8) -> bool {
    while let [mark, others @ ..] = marks {
        if *mark == byte {
            return true;
        }
        marks = others;
    }
    false
}

/// A byte that may occur inside a line of a head: HTAB, SP, VCHAR and obs-text (RFC 9110 section
/// 5.5).
pub(super) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && Class::Token.has_all(bytes)
}

/// The bytes as `str`, if they are a token.
pub(super) fn token(bytes: &[u8]) -> Option<&str> {
    if is_token(bytes) { str::from_utf8(bytes).ok() } else { None }
}

pub(super) fn is_header(name: &str, value: &[u8]) -> bool {
    is_token(name.as_bytes()) && is_field_content(value)
}

/// Whether all bytes may occur inside a line; true for an empty slice.
pub(super) fn is_field_content(bytes: &[u8]) -> bool {
    field_prefix(bytes) == bytes.len()
}

/// How many bytes from the first on may occur inside a line.
pub(super) fn field_prefix(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    // Nearly all are printable: those are taken four at a time.
    while let [a, b, c, d, more @ ..] = rest
        && is_printable(*a)
        && is_printable(*b)
        && is_printable(*c)
        && is_printable(*d)
    {
        rest = more;
    }
    while let [byte, more @ ..] = rest
        && is_field_byte(*byte)
    {
        rest = more;
    }
    bytes.len().saturating_sub(rest.len())
}

/// SP and VCHAR, which are neighbours.
const fn is_printable(byte: u8) -> bool {
    byte.wrapping_sub(b' ') <= b'~' - b' '
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
    !host.is_empty() && Class::Host.has_all(host)
}

/// The resource name of a WebSocket URI in origin form (RFC 6455 section 3).
pub(super) fn is_resource_name(target: &[u8]) -> bool {
    target.starts_with(b"/") && Class::Uri.has_all(target)
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
    let prefix = name.as_bytes().get(..14).unwrap_or_default();
    is_name(prefix, "Sec-WebSocket-")
        || is_connection_header(name)
        || is_name(name.as_bytes(), "Upgrade")
}

/// A header that says how the connection and the body go on.
pub(super) fn is_connection_header(name: &str) -> bool {
    ["Connection", "Content-Length", "Transfer-Encoding"]
        .iter()
        .any(|reserved| is_name(name.as_bytes(), reserved))
}

/// Whether two names are the same, in any case.
pub(super) fn is_name(found: &[u8], wanted: &str) -> bool {
    let same = |(found, wanted): (&u8, &u8)| found == wanted || found.eq_ignore_ascii_case(wanted);
    found.len() == wanted.len() && found.iter().zip(wanted.as_bytes()).all(same)
}
