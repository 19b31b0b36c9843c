//! A message that comes back in fragments of any length (RFC 6455 section 5.4).

use std::io;

const FIN: u8 = 0x80;
const MASK_BIT: u8 = 0x80;
const CONTINUATION: u8 = 0x00;
const BINARY: u8 = 0x02;

/// Where in a message's fragments a connection is.
#[derive(Default)]
pub(crate) struct Fragments {
    /// The beginning of a header.
    header: Vec<u8>,
    /// What is missing of the fragment at hand.
    remaining: usize,
    state: State,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    Within,
    InLast,
}

impl Fragments {
    /// Takes the next piece of payload off what was read; nothing if there is none.
    pub(crate) fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> io::Result<&'a [u8]> {
        while self.remaining == 0 && self.state != State::InLast {
            let Some((first, rest)) = bytes.split_first() else { return Ok(&[]) };
            *bytes = rest;
            self.header.push(*first);
            self.begin_fragment()?;
        }
        let (payload, rest) = bytes.split_at(self.remaining.min(bytes.len()));
        *bytes = rest;
        self.remaining -= payload.len();
        Ok(payload)
    }

    /// Whether the message has ended. Then the next may begin.
    pub(crate) fn end(&mut self) -> bool {
        let ended = self.state == State::InLast && self.remaining == 0;
        if ended {
            self.state = State::Between;
        }
        ended
    }

    /// Begins a fragment, if its header is complete.
    fn begin_fragment(&mut self) -> io::Result<()> {
        let (first, length) = match *self.header.as_slice() {
            [first, length @ 0..=125] => (first, u64::from(length)),
            [first, 126, a, b] => (first, u64::from(u16::from_be_bytes([a, b]))),
            [first, 127, a, b, c, d, e, f, g, h] => {
                (first, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            [_, second, ..] if second & MASK_BIT != 0 => {
                return Err(io::Error::other("a masked frame from a server"));
            }
            _ => return Ok(()),
        };
        let opcode = if self.state == State::Between { BINARY } else { CONTINUATION };
        if first & !FIN != opcode {
            return Err(io::Error::other("a frame that does not go on with the message"));
        }
        self.state = if first & FIN == 0 { State::Within } else { State::InLast };
        self.remaining = usize::try_from(length).map_err(io::Error::other)?;
        self.header.clear();
        Ok(())
    }
}
