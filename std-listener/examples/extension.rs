//! A message extension of one's own, at both ends of a connection: a checksum after every message,
//! which is marked with RSV2.
//!
//! ```text
//! cargo run --example extension
//! ```

use std::collections::VecDeque;

use websocket_listener::client::Client;
use websocket_listener::engine::handshake::ExtensionOffer;
use websocket_listener::extension::{
    CodecProgress, InvalidDataError, MessageCodec, MessageExtension, ReservedBits,
};
use websocket_listener::{CloseCode, Error, MessageKind, WebSocketListener};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let builder = WebSocketListener::builder().message_extension(Checksums);
    let listener = builder.bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/", listener.local_addr()?);
    tokio::spawn(async move {
        while let Some(mut socket) = listener.accept().await {
            tokio::spawn(async move {
                while let Some(message) = socket.recv().await? {
                    socket.feed(message).await?;
                }
                Ok::<_, Error>(())
            });
        }
    });

    let mut socket = Client::new().message_extension(Checksums).connect(&url).await?;
    if let Some(response) = socket.response() {
        println!("agreed on: {}", response.header_str("Sec-WebSocket-Extensions").unwrap_or("-"));
    }
    socket.send_text("hello").await?;
    println!("received, and the checksum was right: {:?}", socket.recv().await?);
    socket.close(CloseCode::NORMAL, "").await?;
    Ok(())
}

/// The extension: its name, and whether an offer or an answer is acceptable.
struct Checksums;

impl MessageExtension for Checksums {
    fn name(&self) -> &str {
        "x-checksum"
    }

    fn reserved_bits(&self) -> ReservedBits {
        ReservedBits::RSV2
    }

    fn accept(&self, offer: &ExtensionOffer<'_>) -> Option<(String, Box<dyn MessageCodec>)> {
        Some((self.offer(), self.confirm(offer)?))
    }

    fn offer(&self) -> String {
        self.name().to_owned()
    }

    fn confirm(&self, answer: &ExtensionOffer<'_>) -> Option<Box<dyn MessageCodec>> {
        let has_parameters = answer.params().next().is_some();
        (!has_parameters).then(|| Box::new(Checksumming::default()) as Box<_>)
    }
}

/// The extension at work on one connection. Messages come in pieces, cut anywhere.
#[derive(Default)]
struct Checksumming {
    sent: Checksum,
    /// How many bytes of the checksum were written.
    told: usize,
    received: Checksum,
    /// The last bytes received, which may be the checksum.
    held: VecDeque<u8>,
}

impl MessageCodec for Checksumming {
    fn begin_encoding(&mut self, _: MessageKind, _: Option<usize>) -> ReservedBits {
        (self.sent, self.told) = (Checksum::default(), 0);
        ReservedBits::RSV2
    }

    fn encode(&mut self, input: &[u8], last: bool, output: &mut [u8]) -> CodecProgress {
        let consumed = input.len().min(output.len());
        output[..consumed].copy_from_slice(&input[..consumed]);
        self.sent.add(&input[..consumed]);
        if !last || consumed < input.len() {
            return CodecProgress { consumed, produced: consumed, more: consumed < input.len() };
        }
        let checksum = self.sent.0.to_be_bytes();
        let fitting = (checksum.len() - self.told).min(output.len() - consumed);
        output[consumed..][..fitting].copy_from_slice(&checksum[self.told..][..fitting]);
        self.told += fitting;
        CodecProgress { consumed, produced: consumed + fitting, more: self.told < checksum.len() }
    }

    fn begin_decoding(&mut self, _: MessageKind, _: ReservedBits) {
        self.received = Checksum::default();
        self.held.clear();
    }

    fn decode(
        &mut self,
        input: &[u8],
        last: bool,
        output: &mut [u8],
    ) -> Result<CodecProgress, InvalidDataError> {
        // As many bytes come out as go in, once the four that are held back have come.
        let lacking = size_of::<u32>().saturating_sub(self.held.len());
        let consumed = input.len().min(output.len() + lacking);
        self.held.extend(&input[..consumed]);
        let produced = self.held.len().saturating_sub(size_of::<u32>());
        for (to, from) in output.iter_mut().zip(self.held.drain(..produced)) {
            *to = from;
        }
        self.received.add(&output[..produced]);
        let more = consumed < input.len();
        if last && !more && !self.held.iter().eq(&self.received.0.to_be_bytes()) {
            return Err(InvalidDataError);
        }
        Ok(CodecProgress { consumed, produced, more })
    }
}

/// FNV-1a.
struct Checksum(u32);

impl Default for Checksum {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}
