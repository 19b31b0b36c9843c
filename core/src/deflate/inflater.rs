//! Decompression (RFC 1951 section 3.2).

mod codes;

use core::fmt;

use super::bits::BitReader;
use super::huffman::{Decoded, Huffman};
use super::symbols::{END_OF_BLOCK, distance_base, length_base};
use super::window::Window;
use super::{InflateError, Progress, Status, TAIL};
use codes::{DISTANCES, LITERALS, Sizes};

/// Inflates messages; see the [module](super).
pub struct Inflater<W: ?Sized = [u8]> {
    bits: BitReader,
    state: State,
    /// The bytes already read of those that the sender omitted.
    tail: u8,
    /// True if the block under way is the last of its stream.
    last_block: bool,
    /// True if the codes are the fixed ones.
    fixed: bool,
    forgets: bool,
    literals: Huffman<LITERALS>,
    distances: Huffman<DISTANCES>,
    /// The code lengths that a block defines.
    lengths: [u8; LITERALS + DISTANCES],
    window: Window<W>,
}

/// Beside the window.
const _: () = assert!(size_of::<Inflater<[u8; 256]>>() - 256 <= 2048);

/// The next part of the input.
#[derive(Clone, Copy)]
enum State {
    Block,
    StoredLength,
    StoredCheck {
        length: u16,
    },
    Stored {
        left: u16,
    },
    Sizes,
    /// The lengths of the code of code lengths.
    LengthCode {
        sizes: Sizes,
        known: usize,
    },
    Lengths {
        sizes: Sizes,
        known: usize,
    },
    Symbol,
    Length {
        base: u16,
        extra_bits: u32,
    },
    Distance {
        length: u16,
    },
    DistanceExtra {
        length: u16,
        base: u16,
        extra_bits: u32,
    },
    Copy {
        left: u16,
        distance: u16,
    },
    Failed(InflateError),
}

/// The reason for a step that did not lead to the next.
enum Stop {
    Input,
    Output,
    Error(InflateError),
}

impl From<InflateError> for Stop {
    fn from(error: InflateError) -> Self {
        Self::Error(error)
    }
}

impl<const WINDOW: usize> Inflater<[u8; WINDOW]> {
    /// An inflater for a sender that takes its context over, with a window of this many bytes: a
    /// power of two from 256 to 32,768, at least as large as the sender's.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bits: BitReader::new(),
            state: State::Block,
            tail: 0,
            last_block: false,
            fixed: false,
            forgets: false,
            literals: Huffman::new(),
            distances: Huffman::new(),
            lengths: [0; LITERALS + DISTANCES],
            window: Window::new(),
        }
    }
}

impl<const WINDOW: usize> Default for Inflater<[u8; WINDOW]> {
    fn default() -> Self {
        Self::new()
    }
}

impl Inflater {
    /// Makes it ready for another connection. `takes_over`: whether its sender refers to earlier
    /// messages.
    pub fn reset(&mut self, takes_over: bool) {
        self.forgets = !takes_over;
        self.window.clear();
        self.begin_message();
    }

    /// Returns the size of the window, in bytes.
    #[must_use]
    pub fn window_bytes(&self) -> usize {
        self.window.size()
    }

    /// Inflates what there is room for (RFC 7692 section 7.2.2). `last`: the message ends after the
    /// input.
    ///
    /// Stops where the input, the room or the message ends, and says which. If it needs room, more
    /// may come of input that was already consumed: call it again with whatever input is left.
    ///
    /// A message may hold no data at all, and blocks in any number, the last of its stream among
    /// them (RFC 7692 sections 7.2.3.4 to 7.2.3.6).
    ///
    /// # Errors
    /// [`InflateError`]. What this call produced before it is lost. Every later call returns it
    /// again, until [`reset`](Self::reset).
    pub fn inflate(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<Progress, InflateError> {
        let mut rest = input;
        let mut output = Output { buffer: output, length: 0 };
        let stop = self.run(&mut rest, last, &mut output);
        let consumed = input.len().saturating_sub(rest.len());
        let status = match stop {
            Stop::Input if last => Status::Done,
            Stop::Input => Status::NeedsInput,
            Stop::Output => Status::NeedsOutput,
            Stop::Error(error) => {
                self.state = State::Failed(error);
                return Err(error);
            }
        };
        if status == Status::Done {
            if self.forgets {
                self.window.clear();
            }
            self.begin_message();
        }
        Ok(Progress { consumed, produced: output.length, status })
    }

    /// Begins a message, which refers to earlier ones if the window still holds them
    /// (RFC 7692 section 7.2.2).
    fn begin_message(&mut self) {
        self.bits = BitReader::new();
        self.state = State::Block;
        self.tail = 0;
    }

    /// Runs until something is missing.
    fn run(&mut self, input: &mut &[u8], last: bool, output: &mut Output<'_>) -> Stop {
        let mut stop = self.steps(input, output);
        if last && matches!(stop, Stop::Input) {
            // A message that ends between two blocks and at a whole byte needs no tail: an empty
            // message, or one whose stream was ended.
            if self.tail == 0 && self.is_between_blocks() {
                return Stop::Input;
            }
            let mut tail = TAIL.get(usize::from(self.tail)..).unwrap_or_default();
            stop = self.steps(&mut tail, output);
            self.tail = TAIL.len().saturating_sub(tail.len()) as u8;
            if matches!(stop, Stop::Input) && !self.is_between_blocks() {
                return Stop::Error(InflateError::Truncated);
            }
        }
        stop
    }

    fn is_between_blocks(&self) -> bool {
        matches!(self.state, State::Block) && self.bits.count() == 0
    }

    fn steps(&mut self, input: &mut &[u8], output: &mut Output<'_>) -> Stop {
        loop {
            match self.step(input, output) {
                Ok(next) => self.state = next,
                Err(stop) => return stop,
            }
        }
    }

    /// Reads one item; returns what comes after it.
    fn step(&mut self, input: &mut &[u8], output: &mut Output<'_>) -> Result<State, Stop> {
        match self.state {
            State::Block => self.begin_block(input),
            State::StoredLength => Ok(State::StoredCheck { length: self.take(16, input)? as u16 }),
            State::StoredCheck { length } => {
                if self.take(16, input)? as u16 != !length {
                    return Err(InflateError::StoredLength.into());
                }
                Ok(State::Stored { left: length })
            }
            State::Stored { left } => self.copy_stored(left, input, output),
            State::Sizes => self.read_sizes(input),
            State::LengthCode { sizes, known } => self.read_length_code(sizes, known, input),
            State::Lengths { sizes, known } => self.read_lengths(sizes, known, input),
            State::Symbol => self.read_symbols(input, output),
            State::Length { base, extra_bits } => {
                let extra = self.take(extra_bits, input)? as u16;
                Ok(State::Distance { length: base.wrapping_add(extra) })
            }
            State::Distance { length } => {
                let base = distance_base(self.decode_distance(input)?);
                let base = base.ok_or(InflateError::Symbol)?;
                Ok(State::DistanceExtra { length, base: base.value, extra_bits: base.extra_bits })
            }
            State::DistanceExtra { length, base, extra_bits } => {
                let distance = base.wrapping_add(self.take(extra_bits, input)? as u16);
                if usize::from(distance) > self.window.filled() {
                    return Err(InflateError::Distance.into());
                }
                Ok(State::Copy { left: length, distance })
            }
            State::Copy { left, distance } => self.copy_match(left, distance, output),
            State::Failed(error) => Err(error.into()),
        }
    }

    fn begin_block(&mut self, input: &mut &[u8]) -> Result<State, Stop> {
        let header = self.take(3, input)?;
        self.last_block = header & 1 != 0;
        match header >> 1 {
            0 => {
                self.bits.align();
                Ok(State::StoredLength)
            }
            1 => {
                self.use_fixed_codes()?;
                Ok(State::Symbol)
            }
            2 => Ok(State::Sizes),
            _ => Err(InflateError::BlockType.into()),
        }
    }

    /// After the last block of a stream another one starts, at a whole byte
    /// (RFC 7692 section 7.2.3.4).
    fn end_block(&mut self) -> State {
        if self.last_block {
            self.bits.align();
        }
        State::Block
    }

    fn copy_stored(
        &mut self,
        left: u16,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Result<State, Stop> {
        if left == 0 {
            return Ok(self.end_block());
        }
        if output.is_full() {
            return Err(Stop::Output);
        }
        // The first bytes may be among the bits already.
        let byte = self.take(8, input)? as u8;
        output.push(byte, &mut self.window);
        Ok(State::Stored { left: left.wrapping_sub(1) })
    }

    /// Literals, up to a symbol that is not one.
    fn read_symbols(&mut self, input: &mut &[u8], output: &mut Output<'_>) -> Result<State, Stop> {
        loop {
            self.bits.fill(input);
            let (symbol, bits) = found(self.literals.decode(self.bits.peek(), self.bits.count()))?;
            if symbol < END_OF_BLOCK {
                if output.is_full() {
                    return Err(Stop::Output);
                }
                self.bits.skip(bits);
                output.push(symbol as u8, &mut self.window);
                continue;
            }
            self.bits.skip(bits);
            if symbol == END_OF_BLOCK {
                return Ok(self.end_block());
            }
            let base = length_base(symbol).ok_or(InflateError::Symbol)?;
            return Ok(State::Length { base: base.value, extra_bits: base.extra_bits });
        }
    }

    fn decode_distance(&mut self, input: &mut &[u8]) -> Result<u16, Stop> {
        self.bits.fill(input);
        let (symbol, bits) = found(self.distances.decode(self.bits.peek(), self.bits.count()))?;
        self.bits.skip(bits);
        Ok(symbol)
    }

    fn copy_match(
        &mut self,
        left: u16,
        distance: u16,
        output: &mut Output<'_>,
    ) -> Result<State, Stop> {
        let count = usize::from(left).min(output.room());
        self.window.repeat(usize::from(distance), output.take(count));
        match left.wrapping_sub(count as u16) {
            0 => Ok(State::Symbol),
            left => {
                self.state = State::Copy { left, distance };
                Err(Stop::Output)
            }
        }
    }

    fn take(&mut self, count: u32, input: &mut &[u8]) -> Result<u32, Stop> {
        self.bits.take(count, input).ok_or(Stop::Input)
    }
}

fn found(decoded: Decoded) -> Result<(u16, u32), Stop> {
    match decoded {
        Decoded::Symbol { symbol, bits } => Ok((symbol, bits)),
        Decoded::Unfinished => Err(Stop::Input),
        Decoded::Nothing => Err(InflateError::Symbol.into()),
    }
}

/// The destination of inflated bytes.
struct Output<'o> {
    buffer: &'o mut [u8],
    length: usize,
}

impl Output<'_> {
    fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.length)
    }

    fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// Returns the next bytes to be written.
    fn take(&mut self, count: usize) -> &mut [u8] {
        let start = self.length;
        self.length = start.saturating_add(count);
        self.buffer.get_mut(start..self.length).unwrap_or_default()
    }

    #[inline]
    fn push(&mut self, byte: u8, window: &mut Window<[u8]>) {
        window.push(byte);
        if let Some(place) = self.buffer.get_mut(self.length) {
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
    }
}

impl<W: ?Sized> fmt::Debug for Inflater<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").field("forgets", &self.forgets).finish_non_exhaustive()
    }
}
