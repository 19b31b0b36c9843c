//! The lines of a complete head (RFC 9112 section 2.1): the start line, one for each header, an
//! empty one.

use super::head_error::HeadError;
use super::limits::MAX_HEADERS;
use super::syntax::{self, Class, split_at_byte};

pub(crate) struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    /// Returns the first line of a head, which must not be empty, and the lines after it.
    pub(crate) fn split_first(head: &'a [u8]) -> Result<(&'a [u8], Self), HeadError> {
        let mut lines = Self { rest: head };
        let first = lines.next()?;
        if first.is_empty() { Err(HeadError::LineEnd) } else { Ok((first, lines)) }
    }

    /// Returns the number of bytes of the remaining lines.
    pub(crate) const fn len(&self) -> usize {
        self.rest.len()
    }

    /// Checks every header, and that the empty line ends the head (RFC 9112 section 5). Calls back
    /// with the name and value of each.
    pub(crate) fn check_headers(
        mut self,
        mut show: impl FnMut(&'a [u8], &'a [u8]),
    ) -> Result<(), HeadError> {
        for _ in 0..=MAX_HEADERS {
            let Some(header) = HeaderLine::split(self.rest) else { return self.check_end() };
            show(header.name, header.value);
            self.rest = header.rest;
        }
        Err(HeadError::TooManyHeaders)
    }

    /// Checks that nothing is left but the empty line.
    fn check_end(mut self) -> Result<(), HeadError> {
        match self.next()? {
            [_, ..] => Err(HeadError::Header),
            [] if self.rest.is_empty() => Ok(()),
            [] => Err(HeadError::TrailingBytes),
        }
    }

    fn next(&mut self) -> Result<&'a [u8], HeadError> {
        let (line, rest) = split_at_byte(self.rest, b'\n').ok_or(HeadError::Incomplete)?;
        self.rest = rest;
        line.strip_suffix(b"\r").ok_or(HeadError::LineEnd)
    }
}

/// A header line, and the bytes after it.
pub(crate) struct HeaderLine<'a> {
    pub(crate) name: &'a [u8],
    /// Without the white space around it.
    pub(crate) value: &'a [u8],
    pub(crate) rest: &'a [u8],
}

impl<'a> HeaderLine<'a> {
    /// Returns the line that begins here. `None` if it is malformed (RFC 9112 section 5), as the
    /// empty line is.
    pub(crate) fn split(lines: &'a [u8]) -> Option<Self> {
        let (name, rest) = lines.split_at_checked(Class::Token.prefix(lines))?;
        let [b':', rest @ ..] = rest else { return None };
        let (value, rest) = rest.split_at_checked(syntax::field_prefix(rest))?;
        let [b'\r', b'\n', rest @ ..] = rest else { return None };
        if name.is_empty() { None } else { Some(Self { name, value: value.trim_ascii(), rest }) }
    }
}

/// Returns the minor version of HTTP/1.
pub(crate) fn minor_version(bytes: &[u8]) -> Option<u8> {
    match bytes.strip_prefix(b"HTTP/1.")? {
        b"0" => Some(0),
        b"1" => Some(1),
        _ => None,
    }
}
