//! DEFLATE (RFC 1951) as permessage-deflate uses it (RFC 7692 section 7.2), in fixed memory.
//!
//! An [`Inflater`] and a [`Deflater`] each own an LZ77 window of 2^8 to 2^15 bytes, whose size is
//! part of their type: `Inflater<[u8; 1024]>`. A reference to one of any size coerces to `&mut
//! Inflater`, which does the work. Input and output may be split anywhere. Between messages, the
//! window is kept (context takeover) or not.
//!
//! ```
//! use websocket_listener_core::deflate::{Deflater, Inflater, Progress, Status};
//!
//! let (mut sender, mut receiver) = (Deflater::<[u8; 256]>::new(), Inflater::<[u8; 256]>::new());
//! let (deflater, inflater): (&mut Deflater, &mut Inflater) = (&mut sender, &mut receiver);
//!
//! let (mut compressed, mut message) = ([0; 32], [0; 16]);
//! let sent = deflater.deflate(b"Hello", true, &mut compressed);
//! assert_eq!(&compressed[..sent.produced], b"\xf2\x48\xcd\xc9\xc9\x07\x00"); // RFC 7692 section 7.2.3.1
//! let received = inflater.inflate(&compressed[..sent.produced], true, &mut message)?;
//! assert_eq!(received, Progress { consumed: 7, produced: 5, status: Status::Done });
//! assert_eq!(&message[..5], b"Hello");
//! # Ok::<_, websocket_listener_core::deflate::InflateError>(())
//! ```
//!
//! # Memory and speed
//! Beside its window an inflater takes about 1.1 KiB and a deflater about 0.6 KiB, whatever the
//! window; both together about 5.2 KiB of code on a Cortex-M0. The deflater writes fixed Huffman
//! codes, or stored blocks where they are smaller. So it builds and sends no code tables, which
//! suits short messages; on long ones zlib compresses better. The inflater reads everything that
//! RFC 1951 allows.

mod bits;
mod deflater;
mod error;
mod huffman;
mod inflater;
mod symbols;
mod window;

pub use deflater::{Deflater, MIN_OUTPUT};
pub use error::InflateError;
pub use inflater::Inflater;

/// The outcome of a step of an [`Inflater`] or a [`Deflater`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that are done with.
    pub consumed: usize,
    /// Bytes at the front of the output that were written.
    pub produced: usize,
    /// The reason for stopping.
    pub status: Status,
}

/// The reason for the end of a step of an [`Inflater`] or a [`Deflater`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All the input is consumed, and the message goes on.
    NeedsInput,
    /// There is more to come out than there was room for.
    NeedsOutput,
    /// The message has ended: all of it is in the output, and the next call begins the next one.
    Done,
}

/// The bytes that a sender omits at the end of every message (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
