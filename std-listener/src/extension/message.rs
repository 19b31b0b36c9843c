//! Extensions of messages.

use std::fmt;

use websocket_listener_core::ReservedBits;
use websocket_listener_core::handshake::ExtensionOffer;

use super::codec::MessageCodec;

/// A message extension (RFC 6455 section 9): negotiates in the opening handshake, owns reserved
/// bits, and gives each connection a [`MessageCodec`] for its messages.
///
/// One value serves all connections of a [listener](crate::ListenerBuilder::message_extension) or a
/// [client](crate::client::Client::message_extension); the same type may serve both ends.
///
/// ```
/// use websocket_listener::engine::handshake::ExtensionOffer;
/// use websocket_listener::MessageKind;
/// use websocket_listener::extension::{CodecProgress, InvalidDataError, MessageCodec, MessageExtension, ReservedBits};
///
/// /// Inverts every bit of binary messages, and marks them with RSV3.
/// struct Inverted;
///
/// impl MessageExtension for Inverted {
///     fn name(&self) -> &str {
///         "x-inverted"
///     }
///     fn reserved_bits(&self) -> ReservedBits {
///         ReservedBits::RSV3
///     }
///     fn accept(&self, offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)> {
///         let codec = self.confirm(offer)?;
///         Some((self.offer(), codec))
///     }
///     fn offer(&self) -> String {
///         self.name().to_owned()
///     }
///     fn confirm(&self, answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>> {
///         // The extension has no parameters.
///         answer.params().next().is_none().then(|| Box::new(Inverting) as Box<_>)
///     }
/// }
///
/// struct Inverting;
///
/// impl MessageCodec for Inverting {
///     fn begin_encoding(&mut self, kind: MessageKind, _length: Option<usize>) -> ReservedBits {
///         if kind == MessageKind::Binary { ReservedBits::RSV3 } else { ReservedBits::NONE }
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
/// let builder = websocket_listener::WebSocketListener::builder().message_extension(Inverted);
/// # let _ = builder;
/// ```
pub trait MessageExtension: Send + Sync + 'static {
    /// Returns the name in `Sec-WebSocket-Extensions`.
    fn name(&self) -> &str;

    /// Returns the reserved bits that mark encoded messages: at least one, and none of another
    /// extension. Messages without these bits bypass the codec.
    fn reserved_bits(&self) -> ReservedBits;

    /// Accepts a client's offer of this name, on a server. Returns the element for the answer's
    /// `Sec-WebSocket-Extensions` and the codec of the connection; `None` declines the offer in
    /// favour of the next.
    fn accept(&self, offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)>;

    /// Returns a client's offer. Several elements, separated by commas, are several offers, the
    /// preferred one first.
    fn offer(&self) -> String;

    /// Checks the server's answer of this name, on a client. `None` fails the connection, because
    /// the answer does not fit the offer.
    fn confirm(&self, answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>>;
}

impl fmt::Debug for dyn MessageExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
