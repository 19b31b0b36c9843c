//! Lists inside header values (RFC 9110 section 5.6.1): quoted strings are kept whole.

/// The non-empty elements of a comma-separated list, without the white space around them.
pub(super) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    Split::new(value, b',').filter(|element| !element.is_empty())
}

/// Whether a list has this token, in any case.
pub(super) fn contains(value: &[u8], token: &str) -> bool {
    elements(value).any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
}

/// The parts between separators that stand outside quoted strings, trimmed; empty ones too.
#[derive(Clone, Debug)]
pub(super) struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Split<'a> {
    pub(super) const fn new(value: &'a [u8], separator: u8) -> Self {
        Self { rest: Some(value), separator }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.iter().position(|&byte| {
            if escaped {
                escaped = false;
                return false;
            }
            match byte {
                b'"' => quoted = !quoted,
                b'\\' => escaped = quoted,
                _ => return byte == self.separator && !quoted,
            }
            false
        });
        let (part, tail) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        self.rest = tail.get(1..);
        Some(part.trim_ascii())
    }
}
