//! The codec of a message extension, for the messages of one connection.

use std::any::Any;
use std::fmt;

use websocket_listener_core::{MessageKind, ReservedBits};

/// The bytes in and out of a codec after which other tasks get a turn.
pub(crate) const TURN: u32 = 128 * 1024;

/// The limit of one step's input in bytes.
pub(crate) const STEP: usize = 64 * 1024;

/// The codec of a [`MessageExtension`](crate::extension::MessageExtension) for one connection:
/// encodes sent and decodes received messages piece by piece, so that no message is held as a
/// whole.
///
/// ```
/// use websocket_listener::MessageKind;
/// use websocket_listener::extension::{CodecProgress, InvalidDataError, MessageCodec, ReservedBits};
///
/// /// Inverts every bit, and marks messages with RSV1.
/// struct Inverting;
///
/// impl MessageCodec for Inverting {
///     fn begin_encoding(&mut self, _: MessageKind, _length: Option<usize>) -> ReservedBits {
///         ReservedBits::RSV1
///     }
///     fn encode(&mut self, input: &[u8], _last: bool, output: &mut [u8]) -> CodecProgress {
///         let length = input.len().min(output.len());
///         for (to, from) in output.iter_mut().zip(input) {
///             *to = !from;
///         }
///         CodecProgress { consumed: length, produced: length, more: length < input.len() }
///     }
///     fn decode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> Result<CodecProgress, InvalidDataError> {
///         Ok(self.encode(input, last, output))
///     }
/// }
///
/// let mut output = [0; 2];
/// let progress = Inverting.encode(b"\x0f\xf0\xff", true, &mut output);
/// assert_eq!((progress.consumed, progress.more, output), (2, true, [0xf0, 0x0f]));
/// ```
///
/// Control frames bypass the codec, even between the frames of a message. The limit of a message's
/// size counts the output of [`decode`](Self::decode), as it is produced. Text is validated as
/// UTF-8 after decoding. Other tasks may run between two calls of a long message.
pub trait MessageCodec: Any + Send + Sync {
    /// Begins to encode a message; `length` is known unless it is written as a stream. Returns the
    /// reserved bits that mark it, or [`ReservedBits::NONE`] to send it unencoded.
    fn begin_encoding(&mut self, kind: MessageKind, length: Option<usize>) -> ReservedBits;

    /// Encodes a part of the message, with `last` the last one. The output has at least 16 KiB.
    ///
    /// Without [`more`](CodecProgress::more), the output has to contain everything that was
    /// consumed so far, because a pause may follow.
    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> CodecProgress;

    /// Begins to decode a message that is marked with these reserved bits.
    fn begin_decoding(&mut self, kind: MessageKind, reserved: ReservedBits) {
        let _ = (kind, reserved);
    }

    /// Decodes a part of the message (RFC 6455 section 6.2), cut at any byte, with `last` the last
    /// one. The output has at least one byte.
    ///
    /// # Errors
    /// [`InvalidDataError`] fails the connection with code 1007.
    fn decode(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError>;

    /// Returns a value that identifies the encoding, if it does not depend on earlier messages. A
    /// [prepared message](crate::PreparedMessage) is then encoded once for all codecs of this type
    /// with the same value. `None` stands for an encoding that depends on earlier messages.
    fn shared_encoding(&self) -> Option<u64> {
        None
    }

    /// Returns a new codec with the same encoding, to encode a prepared message for all of them.
    /// Called only if [`shared_encoding`](Self::shared_encoding) returns a value; `None` stands for
    /// no sharing.
    fn encoder(&self) -> Option<Box<dyn MessageCodec>> {
        None
    }
}

/// Encodes a part of a message (RFC 6455 section 6.1), and adds the bytes in and out to `worked`.
///
/// # Panics
/// If the codec breaks its contract.
pub(crate) fn encode(
    codec: &mut dyn MessageCodec,
    input: &[u8],
    last: bool,
    output: &mut [u8],
    worked: &mut u32,
) -> CodecProgress {
    let progress = codec.encode(input, last, output);
    let CodecProgress { consumed, produced, more } = progress;
    assert!(
        if more { consumed + produced > 0 } else { consumed == input.len() },
        "MessageCodec::encode made no progress"
    );
    *worked = worked.saturating_add((consumed + produced) as u32);
    progress
}

/// The progress of a call to a [`MessageCodec`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecProgress {
    /// The consumed bytes of the input: all of them, unless there is `more`.
    pub consumed: usize,
    /// The bytes written to the front of the output.
    pub produced: usize,
    /// The output was too short. The next call continues with the rest of the same input and the
    /// same `last`.
    pub more: bool,
}

/// A message that a [`MessageCodec`] cannot decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDataError;

impl fmt::Display for InvalidDataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("invalid extension data")
    }
}

impl std::error::Error for InvalidDataError {}
