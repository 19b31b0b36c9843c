//! A peer that sends whatever a test tells it, byte by byte if need be.

use embedded_io_async::{Read, Write};

use crate::{Frame, RingReader, RingWriter, Side, WireFrame, wire_frames};

/// The far end of a connection, without an engine: its frames are the test's.
pub struct RawPeer {
    reader: RingReader,
    /// `None`: it has ended its side.
    writer: Option<RingWriter>,
    side: Side,
    received: Vec<u8>,
}

impl RawPeer {
    /// The far end of a connection of that side.
    #[must_use]
    pub fn of(side: Side, (reader, writer): (RingReader, RingWriter)) -> Self {
        Self { reader, writer: Some(writer), side, received: Vec::new() }
    }

    /// Sends the frame, masked as it must be. Waits for room.
    pub async fn send(&mut self, frame: Frame) {
        self.send_bytes(&frame.to(self.side).bytes()).await;
    }

    /// Sends bytes. Waits for room.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let writer = self.writer.as_mut().expect("its side has not ended");
        writer.write_all(bytes).await.expect("the other end reads it");
    }

    /// Ends its side of the stream.
    pub fn end(&mut self) {
        self.writer = None;
    }

    /// Breaks both directions.
    pub fn reset(&mut self) {
        if let Some(writer) = &self.writer {
            writer.reset();
        }
    }

    /// The next frame; `None` if the stream ends before it.
    ///
    /// # Panics
    /// If the stream breaks, or ends inside a frame.
    pub async fn frame(&mut self) -> Option<WireFrame> {
        loop {
            if let Some(length) = first_frame(&self.received) {
                let bytes: Vec<u8> = self.received.drain(..length).collect();
                return wire_frames(&bytes).pop();
            }
            let mut bytes = [0; 512];
            let count = self.reader.read(&mut bytes).await.expect("the stream is whole");
            if count == 0 {
                assert!(self.received.is_empty(), "the stream ended inside a frame");
                return None;
            }
            self.received.extend_from_slice(&bytes[..count]);
        }
    }

    /// All frames up to the stream's end.
    pub async fn frames(&mut self) -> Vec<WireFrame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.frame().await {
            frames.push(frame);
        }
        frames
    }

    /// Sees both directions end behind the last Close frame, the server's first (RFC 6455 section
    /// 7.1.1).
    ///
    /// # Panics
    /// If there is another frame.
    pub async fn end_in_turn(&mut self) {
        if self.side == Side::Client {
            self.end();
        }
        assert_eq!(self.frame().await, None);
        self.end();
    }

    /// The next message: its opcode's bits, its payload, and how many frames it came in. Skips
    /// control frames.
    ///
    /// # Panics
    /// If there is none.
    pub async fn message(&mut self) -> (u8, Vec<u8>, usize) {
        let (mut opcode, mut payload, mut count) = (None, Vec::new(), 0);
        loop {
            let frame = self.frame().await.expect("a message");
            if frame.opcode >= 8 {
                continue;
            }
            let opcode = *opcode.get_or_insert(frame.opcode);
            assert_eq!(frame.opcode, if count == 0 { opcode } else { 0 });
            payload.extend_from_slice(&frame.payload);
            count += 1;
            if frame.fin {
                return (opcode, payload, count);
            }
        }
    }
}

/// The length of the frame that the bytes start with, if it is there whole.
fn first_frame(bytes: &[u8]) -> Option<usize> {
    let second = *bytes.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let length = match second & 0x7f {
        126 => 4 + usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)),
        127 => 10 + usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?,
        short => 2 + usize::from(short),
    };
    (bytes.len() >= length + mask).then_some(length + mask)
}
