//! permessage-deflate (RFC 7692).

mod codec;
mod deflater;
mod inflater;
mod pool;

use websocket_listener_core::ReservedBits;
use websocket_listener_core::handshake::ExtensionOffer;
use websocket_listener_core::permessage_deflate::{Agreement, NAME, Settings, WindowBits};

use crate::extension::codec::MessageCodec;
use crate::extension::message::MessageExtension;
use codec::{Codec, Direction};

/// Compression by permessage-deflate (RFC 7692), which every browser offers. It is a [message
/// extension](MessageExtension), and requires the cargo feature `deflate`.
///
/// | option | default | reason |
/// | --- | --- | --- |
/// | [`level`](Self::level) | 1 | the fastest; higher levels cost several times as much for a few per cent |
/// | [`min_message_bytes`](Self::min_message_bytes) | 64 | shorter messages save almost nothing |
/// | [`server_context_takeover`](Self::server_context_takeover), [`client_context_takeover`](Self::client_context_takeover) | no | idle connections need no memory for it |
/// | [`server_max_window_bits`](Self::server_max_window_bits), [`client_max_window_bits`](Self::client_max_window_bits) | 15 | the default of RFC 7692 section 7.1.2 |
///
/// ```
/// use websocket_listener::WebSocketListener;
/// use websocket_listener::extension::PermessageDeflate;
///
/// let builder = WebSocketListener::builder().message_extension(PermessageDeflate::new());
/// # let _ = builder;
/// ```
///
/// # Costs and benefits
/// Repetitive text such as JSON becomes several times smaller, which pays off on slow or metered
/// links. On fast links, compression costs more time than it saves: microseconds of processor time
/// for each KiB in each direction, many times the cost of an uncompressed message (`cargo xtask
/// bench` measures both). Compressed or encrypted data does not get smaller; send it [as it
/// is](crate::Outgoing::as_is).
///
/// **Secrets**: the length of a compressed message reveals its repetitions. An attacker who chooses
/// a part of the message, or with context takeover a part of an earlier one, and sees the length,
/// even through TLS, can guess secrets byte by byte (CRIME, BREACH). Do not compress secrets
/// together with text from others; send such messages as they are.
///
/// # Memory
/// A connection gets a compressor or a decompressor when it first needs one. Without context
/// takeover it has it for one message, after which the thread keeps up to four of each for other
/// messages. With context takeover it has it for its lifetime. In KiB:
///
/// | per connection | window bits 15 | 12 | 9 |
/// | --- | --- | --- | --- |
/// | idle, without context takeover | 0.1 | 0.1 | 0.1 |
/// | sending with context takeover | 372 | 260 | 246 |
/// | receiving with context takeover | 47 | 47 | 47 |
///
/// Without context takeover, the lower two rows apply in the middle of a message, where a peer that
/// stops makes the connection keep its decompressor. A small message that inflates to a huge one is
/// refused with 1009 at [the limit](crate::Options::max_message_bytes), and not inflated further.
#[derive(Clone, Copy, Debug)]
pub struct PermessageDeflate {
    settings: Settings,
    level: u8,
    min_message_bytes: u32,
}

impl PermessageDeflate {
    /// Creates the defaults of the table above.
    #[must_use]
    pub const fn new() -> Self {
        let settings =
            Settings::new().server_no_context_takeover(true).client_no_context_takeover(true);
        Self { settings, level: 1, min_message_bytes: 64 }
    }

    /// Sets the level: 1, the fastest, to 9, the smallest output. Other values are clamped.
    #[must_use]
    pub const fn level(self, level: u8) -> Self {
        let level = if level < 1 {
            1
        } else if level > 9 {
            9
        } else {
            level
        };
        Self { level, ..self }
    }

    /// Sets the length below which messages are sent uncompressed. Messages written as streams are
    /// always compressed, because their length is unknown.
    #[must_use]
    pub const fn min_message_bytes(self, bytes: usize) -> Self {
        let bytes = if bytes > u32::MAX as usize { u32::MAX } else { bytes as u32 };
        Self { min_message_bytes: bytes, ..self }
    }

    /// Sets whether messages from the server may refer to earlier ones (RFC 7692 section 7.1.1.1).
    /// Messages that resemble each other become smaller, at the cost of memory at both ends. Both
    /// ends have to agree.
    #[must_use]
    pub const fn server_context_takeover(self, allowed: bool) -> Self {
        Self { settings: self.settings.server_no_context_takeover(!allowed), ..self }
    }

    /// Sets whether messages from the client may refer to earlier ones (RFC 7692 section 7.1.1.2).
    #[must_use]
    pub const fn client_context_takeover(self, allowed: bool) -> Self {
        Self { settings: self.settings.client_no_context_takeover(!allowed), ..self }
    }

    /// Sets the window of messages from the server, as the base-2 logarithm of its bytes, 8 to 15
    /// (RFC 7692 section 7.1.2.1). A client requests it, and fails the connection if the server does
    /// not support the parameter.
    #[must_use]
    pub const fn server_max_window_bits(self, bits: u8) -> Self {
        Self { settings: self.settings.server_max_window_bits(window_bits(bits)), ..self }
    }

    /// Sets the window of messages from the client (RFC 7692 section 7.1.2.2). A server that sets it
    /// below 15 declines the offers of clients without the parameter.
    #[must_use]
    pub const fn client_max_window_bits(self, bits: u8) -> Self {
        Self { settings: self.settings.client_max_window_bits(window_bits(bits)), ..self }
    }

    fn codec(&self, outgoing: Direction, incoming: Direction) -> Box<dyn MessageCodec> {
        Box::new(Codec::new(self.level, self.min_message_bytes, outgoing, incoming))
    }
}

/// Returns the nearest valid window.
const fn window_bits(bits: u8) -> WindowBits {
    match WindowBits::new(bits) {
        Some(bits) => bits,
        None if bits < 8 => WindowBits::MIN,
        None => WindowBits::MAX,
    }
}

const fn from_server(agreement: &Agreement) -> Direction {
    Direction {
        takeover: !agreement.server_no_context_takeover(),
        window_bits: agreement.server_window_bits().bits(),
    }
}

const fn from_client(agreement: &Agreement) -> Direction {
    Direction {
        takeover: !agreement.client_no_context_takeover(),
        window_bits: agreement.client_window_bits().bits(),
    }
}

impl MessageExtension for PermessageDeflate {
    fn name(&self) -> &str {
        NAME
    }

    fn reserved_bits(&self) -> ReservedBits {
        ReservedBits::RSV1
    }

    fn accept(&self, offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)> {
        let agreement = self.settings.accept(offer).ok()?;
        let codec = self.codec(from_server(&agreement), from_client(&agreement));
        Some((agreement.answer().as_str().to_owned(), codec))
    }

    fn offer(&self) -> String {
        self.settings.offer().as_str().to_owned()
    }

    fn confirm(&self, answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>> {
        let agreement = self.settings.verify_answer(answer).ok()?;
        Some(self.codec(from_client(&agreement), from_server(&agreement)))
    }
}

impl Default for PermessageDeflate {
    fn default() -> Self {
        Self::new()
    }
}
