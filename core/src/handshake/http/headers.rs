//! The header lines of a head that has been checked (RFC 9110 section 5), read in place.

use super::lines::HeaderLine;
use super::{list, syntax};

/// The header lines in order, values without the white space around them.
///
/// Only the place where the lines begin is stored, so a request costs a few bytes however many
/// headers it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Headers<'a> {
    lines: &'a [u8],
}

impl<'a> Headers<'a> {
    /// `lines`: the bytes after the request or status line.
    pub(crate) const fn new(lines: &'a [u8]) -> Self {
        Self { lines }
    }

    pub(crate) const fn iter(self) -> HeaderIter<'a> {
        HeaderIter { rest: self.lines }
    }

    /// Returns the lines with their names as `str`: they are tokens, and so always ASCII.
    pub(crate) fn named(self) -> impl Iterator<Item = (&'a str, &'a [u8])> + Clone {
        self.iter().filter_map(|(name, value)| Some((str::from_utf8(name).ok()?, value)))
    }

    pub(crate) fn first(self, name: &str) -> Option<&'a [u8]> {
        let is = |found: &[u8]| syntax::is_name(found, name);
        self.iter().find(|(found, _)| is(found)).map(|(_, value)| value)
    }

    pub(crate) fn values(self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.iter().filter(move |(found, _)| syntax::is_name(found, name)).map(|(_, value)| value)
    }

    pub(crate) fn field(self, name: &'a str) -> Field<'a> {
        let mut field = Field::Absent;
        self.values(name).for_each(|value| field.add(value));
        field
    }

    pub(crate) fn tokens(self, name: &'a str) -> impl Iterator<Item = &'a str> + Clone {
        self.values(name)
            .flat_map(list::elements)
            .filter_map(|element| str::from_utf8(element).ok())
    }

    /// Returns the names and values of `Cookie` (RFC 6265 section 4.2.1), which HTTP/2 may split
    /// over several lines.
    pub(crate) fn cookies(self) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
        self.values("Cookie")
            .filter_map(|value| str::from_utf8(value).ok())
            .flat_map(|pairs| pairs.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim_ascii(), value.trim_ascii()))
    }
}

/// A header that may occur only once, counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Field<'a> {
    #[default]
    Absent,
    Once(&'a [u8]),
    Repeated,
}

impl<'a> Field<'a> {
    /// Counts another line of it.
    pub(crate) const fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }
}

#[derive(Clone, Debug)]
pub(crate) struct HeaderIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for HeaderIter<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        // The empty line that ends the head has no name.
        let header = HeaderLine::split(self.rest)?;
        self.rest = header.rest;
        Some((header.name, header.value))
    }
}
