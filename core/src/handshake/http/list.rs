//! Lists inside header values (RFC 9110 section 5.6.1): quoted strings are kept whole.

use super::syntax::{Class, is_name};

/// Returns the non-empty elements of a comma-separated list, without the white space around them.
pub(crate) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    Split::new(value, b',').filter(|element| !element.is_empty())
}

/// Returns true if a list has this token, in any case.
pub(crate) fn contains(value: &[u8], token: &str) -> bool {
    elements(value).any(|element| is_name(element, token))
}

/// The parts between separators outside quoted strings, trimmed, and with the empty ones.
#[derive(Clone, Debug)]
pub(crate) struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Split<'a> {
    pub(crate) const fn new(value: &'a [u8], separator: u8) -> Self {
        Self { rest: Some(value), separator }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = part_length(rest, self.separator);
        let (part, tail) = rest.split_at_checked(end)?;
        self.rest = tail.get(1..);
        Some(part.trim_ascii())
    }
}

fn part_length(value: &[u8], separator: u8) -> usize {
    let mut rest = value;
    let mut quoted = false;
    // Most bytes are those of tokens, which neither separate nor quote.
    while let Some([byte, behind @ ..]) = rest.get(Class::Token.prefix(rest)..) {
        rest = behind;
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => rest = behind.get(1..).unwrap_or_default(),
            byte if *byte == separator && !quoted => {
                return value.len().saturating_sub(behind.len()).saturating_sub(1);
            }
            _ => {}
        }
    }
    value.len()
}
