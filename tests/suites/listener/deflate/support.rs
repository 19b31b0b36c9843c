//! Connections that compress, and zlib to compare with.

use tokio::io::DuplexStream;
use websocket_listener::client::Client;
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{Options, WebSocket, WebSocketListener};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use zlib_rs::{Deflate, DeflateFlush, Inflate, InflateFlush};

use crate::fitful::Fitful;
use crate::support::{MemoryPeer, Socket};
use crate::targets::Raw;

pub(crate) const RSV1: u8 = 0b100;

/// The offer of a browser.
pub(crate) const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// The extension in both directions, with context takeover or without.
pub(crate) fn deflate(takeover: bool) -> PermessageDeflate {
    PermessageDeflate::new()
        .server_context_takeover(takeover)
        .client_context_takeover(takeover)
        .min_message_bytes(0)
}

/// A server and its client that compress with these settings, over a pipe of this many bytes.
pub(crate) async fn pair_with(
    extension: PermessageDeflate,
    options: Options,
    capacity: usize,
) -> (Socket, Socket) {
    let (near, far) = tokio::io::duplex(capacity);
    let builder = WebSocketListener::builder().options(options).message_extension(extension);
    let client = Client::new().options(options).message_extension(extension);
    let (server, client) =
        tokio::join!(builder.acceptor().accept(far), client.connect_over(near, "ws://localhost/"));
    (server.unwrap(), client.unwrap())
}

/// A server over a stream that gives so many bytes at a time, and a peer of raw bytes that has
/// offered this and was answered that.
pub(crate) async fn with_raw_peer(
    extension: PermessageDeflate,
    options: Options,
    most: usize,
    offer: &str,
    answer: Option<&str>,
) -> (WebSocket<Fitful<DuplexStream>>, MemoryPeer) {
    let (near, far) = tokio::io::duplex(1 << 22);
    let builder = WebSocketListener::builder().options(options).message_extension(extension);
    let mut peer = Peer::new(Raw(near)).taking(RSV1);
    let asking = async {
        peer.send(request().with("Sec-WebSocket-Extensions", offer).text()).await;
        let response = peer.upgraded().await;
        assert_eq!(response.header("Sec-WebSocket-Extensions"), answer, "{offer}");
    };
    let (server, ()) = tokio::join!(builder.acceptor().accept(Fitful::new(far, most)), asking);
    (server.unwrap(), peer)
}

/// A sender of compressed messages, by the letter of RFC 7692 section 7.2.1.
pub(crate) struct Compressor(pub(crate) Deflate);

impl Compressor {
    pub(crate) fn new(level: i32, window_bits: u8) -> Self {
        Self(Deflate::new(level, false, window_bits))
    }

    pub(crate) fn compress(&mut self, message: &[u8]) -> Vec<u8> {
        if message.is_empty() {
            return vec![0];
        }
        let mut out = vec![0; message.len() + message.len() / 4 + 100];
        let before = self.0.total_out();
        self.0.compress(message, &mut out, DeflateFlush::SyncFlush).unwrap();
        out.truncate((self.0.total_out() - before) as usize);
        assert_eq!(out.split_off(out.len() - 4), [0, 0, 0xff, 0xff]);
        out
    }
}

/// A receiver of compressed messages, by the letter of RFC 7692 section 7.2.2.
pub(crate) struct Decompressor(Inflate);

impl Decompressor {
    pub(crate) fn new(window_bits: u8) -> Self {
        Self(Inflate::new(false, window_bits))
    }

    /// With output in pieces of this many bytes, so that zlib has no more than its window to refer
    /// to.
    pub(crate) fn decompress(&mut self, payload: &[u8], piece: usize) -> Vec<u8> {
        let input = [payload, &[0, 0, 0xff, 0xff]].concat();
        let mut out = Vec::new();
        let mut taken = 0;
        loop {
            let mut part = vec![0; piece];
            let before = (self.0.total_in(), self.0.total_out());
            let flush = InflateFlush::SyncFlush;
            self.0.decompress(&input[taken..], &mut part, flush).expect("a valid stream");
            taken += (self.0.total_in() - before.0) as usize;
            part.truncate((self.0.total_out() - before.1) as usize);
            out.extend_from_slice(&part);
            if part.len() < piece && taken == input.len() {
                return out;
            }
        }
    }
}

/// Text as an application writes it: many names, few values.
pub(crate) fn json(bytes: usize, mut seed: u32) -> String {
    let mut text = String::from("[");
    while text.len() < bytes {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (id, price) = (seed >> 20, seed >> 8 & 0xffff);
        text += &format!(r#"{{"id":{id},"symbol":"WSL{}","price":{price}.5}},"#, id % 7);
    }
    text.truncate(bytes);
    text
}
