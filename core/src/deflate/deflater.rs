//! Compression (RFC 1951 section 4): LZ77 with a small hash table, and fixed Huffman codes.

use core::fmt;

use super::bits::{BitWriter, Pending};
use super::symbols::{Coded, MAX_MATCH, MIN_MATCH, distance_symbol, length_symbol};
use super::window::Window;
use super::{Progress, Status};

/// The least room in which a call makes progress.
pub const MIN_OUTPUT: usize = 16;

/// Places in the window that are remembered: the last two for each hash.
const BUCKETS: usize = 128;
const PLACES: usize = 2;
const HASH_SHIFT: u32 = u32::BITS - BUCKETS.ilog2();

/// Room that is left for the end of the block and of the message, and the longest symbol before it.
const RESERVE: usize = 10;

/// The most that a stored block holds (section 3.2.4).
const LONGEST_STORED: usize = 0xffff;

/// Beyond it, three bytes cost less as literals.
const FAR: usize = 4096;

/// A repetition of this length ends the search for a longer one.
const LONG_ENOUGH: usize = 32;

/// Deflates messages; see the [module](super).
pub struct Deflater<W: ?Sized = [u8]> {
    pending: Pending,
    /// The receiver's window, if it is smaller than ours.
    reach: Option<usize>,
    forgets: bool,
    /// Positions in the window, modulo 2^16, the newest first. They may be out of date: what they
    /// point at is compared anyway.
    places: [[u16; PLACES]; BUCKETS],
    window: Window<W>,
}

/// Beside the window.
const _: () = assert!(size_of::<Deflater<[u8; 256]>>() - 256 <= 4096);

/// A repetition.
#[derive(Clone, Copy, Default)]
struct Match {
    length: usize,
    distance: usize,
}

impl<const WINDOW: usize> Deflater<[u8; WINDOW]> {
    /// A deflater that takes its context over, with a window of this many bytes: a power of two
    /// from 256 to 32,768.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            pending: Pending::new(),
            reach: None,
            forgets: false,
            places: [[0; PLACES]; BUCKETS],
            window: Window::new(),
        }
    }
}

impl<const WINDOW: usize> Default for Deflater<[u8; WINDOW]> {
    fn default() -> Self {
        Self::new()
    }
}

impl Deflater {
    /// Makes it ready for another connection. `window_bytes`: the size of the receiver's window.
    /// `takes_over`: whether messages refer to earlier ones (RFC 7692 section 7.2.1).
    pub fn reset(&mut self, window_bytes: usize, takes_over: bool) {
        self.pending = Pending::new();
        self.reach = Some(window_bytes);
        self.forgets = !takes_over;
        self.window.clear();
    }

    /// Returns the size of the window, in bytes.
    #[must_use]
    pub fn window_bytes(&self) -> usize {
        self.window.size()
    }

    /// Deflates what there is room for. `last`: the message ends after the input.
    ///
    /// Stops when all the input is consumed (with `last`: the message is done), or when less than
    /// [`MIN_OUTPUT`] bytes of room are left. With less than that from the start, it does nothing.
    /// If the message continues, up to seven bits may come out only at the next call.
    pub fn deflate(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Progress {
        if output.len() < MIN_OUTPUT {
            return Progress { consumed: 0, produced: 0, status: Status::NeedsOutput };
        }
        let mut writer = BitWriter::new(output, self.pending);
        let mut rest = input;
        while !rest.is_empty() && writer.room() >= MIN_OUTPUT {
            let taken = self.block(rest, &mut writer);
            rest = rest.get(taken..).unwrap_or_default();
        }
        let status = match (rest.is_empty(), last) {
            (false, _) => Status::NeedsOutput,
            (true, false) => Status::NeedsInput,
            // A block leaves room for it.
            (true, true) => Status::Done,
        };
        if status == Status::Done {
            // An empty stored block without what every message omits (RFC 7692 section 7.2.1).
            writer.put(0, 3);
            writer.align();
            if self.forgets {
                self.window.clear();
            }
        }
        self.pending = writer.pending();
        let consumed = input.len().saturating_sub(rest.len());
        Progress { consumed, produced: writer.length(), status }
    }

    /// Writes one block of what there is room for; returns how much of the input it holds.
    fn block(&mut self, input: &[u8], writer: &mut BitWriter<'_>) -> usize {
        let (start, pending) = (writer.length(), writer.pending());
        let input = input.get(..LONGEST_STORED).unwrap_or(input);
        writer.put(0b010, 3);
        let mut taken = 0usize;
        while writer.room() >= RESERVE
            && let Some(rest) = input.get(taken..).filter(|rest| !rest.is_empty())
        {
            let length = self.symbol(rest, writer);
            self.pass(rest, length);
            taken = taken.saturating_add(length);
        }
        writer.put(0, 7);

        let written = writer.length().saturating_sub(start);
        let stored = taken.saturating_add(stored_overhead(pending.count()));
        if stored < written {
            writer.go_back(start, pending);
            store(input.get(..taken).unwrap_or_default(), writer);
        }
        taken
    }

    /// Writes the first symbol of the input; returns how many bytes it stands for.
    #[inline]
    fn symbol(&self, input: &[u8], writer: &mut BitWriter<'_>) -> usize {
        let found = self.find(input);
        if found.length < MIN_MATCH {
            put_literal(input.first().copied().unwrap_or_default(), writer);
            return 1;
        }
        put_length(length_symbol(found.length), writer);
        put_distance(distance_symbol(found.distance), writer);
        found.length
    }

    /// Returns the longest repetition among the places that are remembered, no further back than
    /// the receiver's window reaches (RFC 7692 section 7.2.1).
    fn find(&self, input: &[u8]) -> Match {
        let mut best = Match::default();
        let Some(bucket) = hash(input).and_then(|hash| self.places.get(hash)) else {
            return best;
        };
        let reach = self.reach.unwrap_or(usize::MAX).min(self.window.filled());
        for &place in bucket {
            let distance = usize::from((self.window.position() as u16).wrapping_sub(place));
            if distance == 0 || distance > reach {
                continue;
            }
            let length = self.common(input, distance);
            if length > best.length && (length > MIN_MATCH || distance <= FAR) {
                best = Match { length, distance };
            }
            if best.length >= LONG_ENOUGH {
                break;
            }
        }
        best
    }

    /// Returns the length of the input that equals the bytes `distance` bytes ago, which may be the
    /// input itself.
    fn common(&self, input: &[u8], distance: usize) -> usize {
        let input = input.get(..MAX_MATCH).unwrap_or(input);
        let mut length = 0usize;
        for &byte in input.iter().take(distance) {
            if self.window.back(distance.wrapping_sub(length)) != byte {
                return length;
            }
            length = length.wrapping_add(1);
        }
        let rest = input.get(length..).unwrap_or_default();
        let same = rest.iter().zip(input).take_while(|(here, there)| here == there);
        length.wrapping_add(same.count())
    }

    /// Moves on by that much of the input.
    fn pass(&mut self, input: &[u8], length: usize) {
        let mut rest = input;
        for _ in 0..length {
            if let Some(bucket) = hash(rest).and_then(|hash| self.places.get_mut(hash)) {
                bucket.rotate_right(1);
                bucket[0] = self.window.position() as u16;
            }
            let Some((&byte, behind)) = rest.split_first() else { return };
            self.window.push(byte);
            rest = behind;
        }
    }
}

/// Of three bytes; there is none for fewer.
fn hash(input: &[u8]) -> Option<usize> {
    let &[first, second, third] = input.first_chunk()?;
    let bytes = u32::from_le_bytes([first, second, third, 0]);
    Some((bytes.wrapping_mul(0x9e37_79b1) >> HASH_SHIFT) as usize)
}

/// Section 3.2.6. Huffman codes are written from their most significant bit.
fn put_literal(literal: u8, writer: &mut BitWriter<'_>) {
    if literal < 144 {
        let code = literal.wrapping_add(0x30);
        writer.put(u32::from(code.reverse_bits()), 8);
    } else {
        // The nine bits from 1 1001 0000 on.
        let code = literal.wrapping_sub(144).wrapping_add(0x90);
        writer.put(u32::from(code.reverse_bits()) << 1 | 1, 9);
    }
}

fn put_length(length: Coded, writer: &mut BitWriter<'_>) {
    let code = (length.symbol & 0xff) as u8;
    if length.symbol < 280 {
        writer.put(u32::from((code << 1).reverse_bits()), 7);
    } else {
        let code = code.wrapping_sub(24).wrapping_add(0xc0);
        writer.put(u32::from(code.reverse_bits()), 8);
    }
    writer.put(length.extra, length.extra_bits);
}

fn put_distance(distance: Coded, writer: &mut BitWriter<'_>) {
    writer.put(u32::from(((distance.symbol as u8) << 3).reverse_bits()), 5);
    writer.put(distance.extra, distance.extra_bits);
}

/// Bytes of a stored block besides its data, if it follows this many bits.
fn stored_overhead(pending: u32) -> usize {
    if pending.wrapping_add(3) > 8 { 6 } else { 5 }
}

fn store(data: &[u8], writer: &mut BitWriter<'_>) {
    let length = data.len() as u16;
    writer.put(0, 3);
    writer.align();
    writer.bytes(&length.to_le_bytes());
    writer.bytes(&(!length).to_le_bytes());
    writer.bytes(data);
}

impl<W: ?Sized> fmt::Debug for Deflater<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deflater").field("forgets", &self.forgets).finish_non_exhaustive()
    }
}
