//! What a message extension does with the messages of one connection.

use std::any::Any;
use std::fmt;

use websocket_listener_core::{MessageKind, ReservedBits};

/// Bytes in and out of a codec after which other tasks have their turn.
pub(crate) const TURN: u32 = 128 * 1024;

/// The most input of one step.
pub(crate) const STEP: usize = 64 * 1024;

/// A message extension at work on one connection: encodes what is sent and decodes what is
/// received, in pieces, so that no message is held whole.
///
/// Control frames do not pass through here, even between a message's frames. The limit of a
/// message's size applies to the output of [`decode`](Self::decode), while it is produced, and text
/// is checked to be UTF-8 after decoding. Between two calls, long work is interrupted to let other
/// tasks run.
pub trait MessageCodec: Any + Send + Sync {
    /// A message is about to be sent; `length` is known unless it is written as a stream. Returns
    /// the reserved bits that mark it, or [`ReservedBits::NONE`] to send it as it is.
    fn begin_encoding(&mut self, kind: MessageKind, length: Option<usize>) -> ReservedBits;

    /// Encodes a part of the message, or its `last`. The output is at least 16 KiB long.
    ///
    /// When [`more`](Progress::more) is false, everything consumed so far must have been written to
    /// the output, because a pause may follow. With `last`, the message ends after this input.
    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Progress;

    /// A message that is marked with these reserved bits begins to arrive.
    fn begin_decoding(&mut self, kind: MessageKind, reserved: ReservedBits) {
        let _ = (kind, reserved);
    }

    /// Decodes a part of the message, cut anywhere, or its `last`. The output is at least one byte
    /// long.
    ///
    /// # Errors
    /// [`InvalidData`] fails the connection with code 1007.
    fn decode(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<Progress, InvalidData>;

    /// A value that identifies how this codec encodes, if each message is encoded independently: a
    /// [prepared message](crate::PreparedMessage) is then encoded once for all codecs of this type
    /// that return the same value. `None`: encodings depend on what was sent before.
    fn shared_encoding(&self) -> Option<u64> {
        None
    }

    /// A new codec that encodes as this one does, to encode a prepared message for all of them.
    /// Only called if [`shared_encoding`](Self::shared_encoding) returns a value; with `None`,
    /// nothing is shared.
    fn encoder(&self) -> Option<Box<dyn MessageCodec>> {
        None
    }
}

/// Encodes a part of a message, and adds the bytes in and out to `worked`.
///
/// # Panics
/// If the codec breaks its contract.
pub(crate) fn encode(
    codec: &mut dyn MessageCodec,
    input: &[u8],
    last: bool,
    output: &mut [u8],
    worked: &mut u32,
) -> Progress {
    let progress = codec.encode(input, last, output);
    let Progress { consumed, produced, more } = progress;
    assert!(
        if more { consumed + produced > 0 } else { consumed == input.len() },
        "a MessageCodec that makes no progress"
    );
    *worked = worked.saturating_add((consumed + produced) as u32);
    progress
}

/// How far a [`MessageCodec`] has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the input that are done with: all of them, unless there is `more`.
    pub consumed: usize,
    /// Bytes written to the front of the output.
    pub produced: usize,
    /// The output is too short for all that the input produces. The next call continues, with the
    /// rest of the same input and the same `last`.
    pub more: bool,
}

/// A message that a [`MessageCodec`] cannot decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidData;

impl fmt::Display for InvalidData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payload that the extension cannot read")
    }
}

impl std::error::Error for InvalidData {}
