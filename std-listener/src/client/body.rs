//! The body of a refusal (RFC 9112 sections 6 and 7).

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::deadline::Deadline;
use super::head::Head;

/// The limit of a kept body in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The limit of other bytes, chunk sizes above all.
const MAX_FRAMING: usize = 64 * 1024;

/// Reads the body of a refusal, up to its limits of time and size.
pub(super) async fn read_body<S: AsyncRead + Unpin>(
    stream: &mut S,
    head: &Head,
    mut received: BytesMut,
    deadline: Deadline,
) -> Bytes {
    let mut decoder = BodyDecoder::new(head);
    let reading = async {
        loop {
            decoder.take(&received);
            received.clear();
            if decoder.is_complete() || !matches!(stream.read_buf(&mut received).await, Ok(1..)) {
                break;
            }
        }
    };
    deadline.for_body(reading).await;
    decoder.into_body()
}

/// A decoder of a body's framing. A malformed body ends at the fault.
pub(super) struct BodyDecoder {
    framing: Framing,
    framing_bytes: usize,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    UntilClose,
    Length(u64),
    /// Within the digits of a chunk's size.
    ChunkSize(u64),
    /// Within the rest of the line with a chunk's size.
    ChunkExtension(u64),
    Chunk(u64),
    /// Within the line end after a chunk.
    ChunkEnd,
    Complete,
}

impl BodyDecoder {
    pub(super) fn new(head: &Head) -> Self {
        let chunked = || head.header_tokens("Transfer-Encoding").last();
        let length = || head.header_str("Content-Length").map(str::parse);
        let framing = if matches!(head.status(), 101 | 204 | 304) {
            Framing::Complete
        } else if let Some(encoding) = chunked() {
            let chunked = encoding.eq_ignore_ascii_case("chunked");
            if chunked { Framing::ChunkSize(0) } else { Framing::UntilClose }
        } else {
            match length() {
                None => Framing::UntilClose,
                Some(Ok(0) | Err(_)) => Framing::Complete,
                Some(Ok(length)) => Framing::Length(length),
            }
        };
        Self { framing, framing_bytes: 0, body: Vec::new() }
    }

    /// Decodes received bytes.
    pub(super) fn take(&mut self, mut input: &[u8]) {
        while let (Some((&first, rest)), false) = (input.split_first(), self.is_complete()) {
            self.framing = match self.framing {
                Framing::UntilClose => {
                    input = self.keep(input, u64::MAX).0;
                    continue;
                }
                Framing::Length(left) => {
                    let (rest, left) = self.keep(input, left);
                    input = rest;
                    self.framing =
                        if left == 0 { Framing::Complete } else { Framing::Length(left) };
                    continue;
                }
                Framing::Chunk(left) => {
                    let (rest, left) = self.keep(input, left);
                    input = rest;
                    self.framing = if left == 0 { Framing::ChunkEnd } else { Framing::Chunk(left) };
                    continue;
                }
                Framing::ChunkSize(size) => match (char::from(first).to_digit(16), first) {
                    (Some(digit), _) if size < 1 << 32 => {
                        Framing::ChunkSize(size << 4 | u64::from(digit))
                    }
                    (None, b'\n') => after_size(size),
                    (None, b';' | b'\r' | b' ' | b'\t') => Framing::ChunkExtension(size),
                    _ => Framing::Complete,
                },
                Framing::ChunkExtension(size) if first == b'\n' => after_size(size),
                Framing::ChunkEnd if first == b'\n' => Framing::ChunkSize(0),
                Framing::ChunkEnd if first != b'\r' => Framing::Complete,
                framing => framing,
            };
            input = rest;
            self.framing_bytes += 1;
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.framing, Framing::Complete)
            || self.body.len() >= MAX_BODY
            || self.framing_bytes >= MAX_FRAMING
    }

    pub(super) fn into_body(self) -> Bytes {
        self.body.into()
    }

    /// Keeps the next bytes, of which `left` belong to the body; returns the rest of both.
    fn keep<'a>(&mut self, input: &'a [u8], left: u64) -> (&'a [u8], u64) {
        let room = (MAX_BODY - self.body.len()) as u64;
        let length = room.min(left).min(input.len() as u64);
        let (kept, rest) = input.split_at(length as usize);
        self.body.extend_from_slice(kept);
        (rest, left - length)
    }
}

/// Returns the framing after the line with a chunk's size. Only trailers follow the last chunk.
const fn after_size(size: u64) -> Framing {
    if size == 0 { Framing::Complete } else { Framing::Chunk(size) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use websocket_listener_core::handshake::Response;

    use super::*;

    /// The body, whether it was complete, however it is cut.
    fn decoded(head: &str, body: &[u8]) -> (Vec<u8>, bool) {
        let head = Response::parse(Arc::from(format!("{head}\r\n\r\n").as_bytes())).unwrap();
        let mut whole = BodyDecoder::new(&head);
        whole.take(body);
        let mut bytewise = BodyDecoder::new(&head);
        body.iter().for_each(|&byte| bytewise.take(&[byte]));
        assert_eq!(whole.body, bytewise.body);
        assert_eq!(whole.is_complete(), bytewise.is_complete());
        (whole.body.clone(), whole.is_complete())
    }

    #[test]
    fn a_body_ends_where_its_framing_says() {
        let ok = "HTTP/1.1 403 Forbidden";
        let chunked = format!("{ok}\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 2");
        for (head, body, expected, complete) in [
            (ok, "members only", "members only", false),
            (&format!("{ok}\r\nContent-Length: 7"), "members only", "members", true),
            (&format!("{ok}\r\nContent-Length: 70"), "members", "members", false),
            (&format!("{ok}\r\nContent-Length: 0"), "x", "", true),
            (&format!("{ok}\r\nContent-Length: -1"), "x", "", true),
            ("HTTP/1.1 204 No Content", "x", "", true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5", "x", "", true),
            (&chunked, "3\r\nmem\r\nA;x=y\r\nbers only!\r\n0\r\n\r\n", "members only!", true),
            (&chunked, "3\r\nmembers", "mem", true),
            (&chunked, "7\r\nmem", "mem", false),
            (&chunked, "x", "", true),
            (&chunked, "fffffffffffffffff\r\nx", "", true),
        ] {
            assert_eq!(decoded(head, body.as_bytes()), (expected.into(), complete), "{body}");
        }
    }

    #[test]
    fn a_body_is_bounded() {
        let head = "HTTP/1.1 500 Internal Server Error";
        let (body, complete) = decoded(head, &[b'x'; MAX_BODY + 1]);
        assert_eq!((body.len(), complete), (MAX_BODY, true));
        let chunked = format!("{head}\r\nTransfer-Encoding: chunked");
        let (body, complete) = decoded(&chunked, &b"1\r\nx\r\n".repeat(20_000));
        assert!(complete && body.len() < MAX_BODY);
        let (_, complete) = decoded(&chunked, &[b'0'; 2 * MAX_FRAMING]);
        assert!(complete);
    }
}
