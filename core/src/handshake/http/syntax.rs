//! The character classes of HTTP (RFC 9110 section 5.6).

/// The classes that a byte may belong to, one bit for each.
#[derive(Clone, Copy)]
pub(crate) enum Class {
    /// `tchar` (RFC 9110 section 5.6.2).
    Token = 1,
    /// `uri-host [":" port]` (RFC 9110 section 7.2, RFC 3986 section 3.2).
    Host = 2,
    /// Printable ASCII without `#`, which starts a fragment.
    Uri = 4,
    /// The digits of RFC 4648 section 4.
    Base64 = 8,
}

impl Class {
    /// Returns the number of bytes from the first on that are of this class.
    pub(crate) fn prefix(self, bytes: &[u8]) -> usize {
        bytes.iter().position(|&byte| !self.has(byte)).unwrap_or(bytes.len())
    }

    /// Returns true if all bytes are of this class; true for an empty slice.
    pub(crate) fn has_all(self, bytes: &[u8]) -> bool {
        self.prefix(bytes) == bytes.len()
    }

    pub(crate) fn has(self, byte: u8) -> bool {
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

pub(crate) const fn classes_of(byte: u8) -> u8 {
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

/// Returns true for a byte that may occur inside a line of a head: HTAB, SP, VCHAR and obs-text
/// (RFC 9110 section 5.5).
pub(crate) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && Class::Token.has_all(bytes)
}

/// Returns the bytes as `str`, if they are a token.
pub(crate) fn token(bytes: &[u8]) -> Option<&str> {
    if is_token(bytes) { str::from_utf8(bytes).ok() } else { None }
}

pub(crate) fn is_header(name: &str, value: &[u8]) -> bool {
    is_token(name.as_bytes()) && is_field_content(value)
}

/// Returns true if all bytes may occur inside a line; true for an empty slice.
pub(crate) fn is_field_content(bytes: &[u8]) -> bool {
    field_prefix(bytes) == bytes.len()
}

/// Returns the number of bytes from the first on that may occur inside a line.
pub(crate) fn field_prefix(bytes: &[u8]) -> usize {
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

/// Returns true for SP and VCHAR, which are neighbours.
const fn is_printable(byte: u8) -> bool {
    byte.wrapping_sub(b' ') <= b'~' - b' '
}

/// Returns true for the target of any request, which has neither space nor control bytes. Bytes
/// beyond US-ASCII are tolerated as UTF-8.
pub(crate) fn is_request_target(target: &[u8]) -> bool {
    let allowed = |byte| is_field_byte(byte) && !matches!(byte, b' ' | b'\t');
    !target.is_empty() && target.iter().copied().all(allowed) && str::from_utf8(target).is_ok()
}

/// Returns true for `uri-host [":" port]`, by its characters (RFC 9110 section 7.2,
/// RFC 3986 section 3.2). An empty one names no server.
pub(crate) fn is_host(host: &[u8]) -> bool {
    !host.is_empty() && Class::Host.has_all(host)
}

/// Splits at the first byte of this value, which belongs to neither part.
pub(crate) fn split_at_byte(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == separator)?;
    let (before, rest) = bytes.split_at_checked(end)?;
    Some((before, rest.get(1..)?))
}

/// Splits an absolute URI into its scheme and the part after `://`.
pub(crate) fn split_absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let (scheme, rest) = split_at_byte(target, b':')?;
    Some((scheme, rest.strip_prefix(b"//")?))
}

/// Returns true for a header about the connection or the body's length.
pub(crate) fn is_connection_header(name: &str) -> bool {
    ["Connection", "Content-Length", "Transfer-Encoding"]
        .iter()
        .any(|reserved| is_name(name.as_bytes(), reserved))
}

/// Returns true if two names are the same, in any case (RFC 6455 section 4.1).
pub(crate) fn is_name(found: &[u8], wanted: &str) -> bool {
    let same = |(found, wanted): (&u8, &u8)| found == wanted || found.eq_ignore_ascii_case(wanted);
    found.len() == wanted.len() && found.iter().zip(wanted.as_bytes()).all(same)
}
