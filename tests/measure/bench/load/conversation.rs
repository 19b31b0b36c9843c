//! One connection: sends a batch, waits for its echo, repeats.

use std::io::{self, ErrorKind, Read, Write};

use crate::fragments::Fragments;
use crate::frames::{Batch, Shape};
use crate::server::{Protocol, Server};
use crate::stream::Stream;

pub(crate) struct Conversation {
    pub(crate) stream: Stream,
    shape: Shape,
    batch: Batch,
    /// How much of the batch at hand has gone and come back.
    sent: usize,
    received: usize,
    fragments: Fragments,
    /// Batches to come, with the one at hand.
    batches_left: u64,
}

impl Conversation {
    /// Opens a connection that has this many batches to send.
    pub(crate) fn open(server: Server, shape: Shape, batches: u64) -> io::Result<Self> {
        Ok(Self {
            stream: Stream::open(server)?,
            shape,
            batch: Batch::new(shape),
            sent: 0,
            received: 0,
            fragments: Fragments::default(),
            batches_left: batches,
        })
    }

    /// Has other messages to send, once what was said before is done.
    pub(crate) fn continue_with(&mut self, bytes: usize, batches: u64) {
        self.shape.bytes = bytes;
        self.batch = Batch::new(self.shape);
        self.batches_left = batches;
    }

    /// Sends and receives until the socket does neither; returns the number of messages echoed.
    pub(crate) fn advance(&mut self, buffer: &mut [u8]) -> io::Result<u64> {
        let mut echoed = 0;
        while self.batches_left > 0 {
            self.send()?;
            if !self.receive(buffer)? {
                break;
            }
            echoed += self.shape.depth as u64;
            self.batches_left -= 1;
            self.batch.renew();
            (self.sent, self.received) = (0, 0);
        }
        Ok(echoed)
    }

    fn send(&mut self) -> io::Result<()> {
        while self.sent < self.batch.outgoing.len() {
            match self.stream.write(&self.batch.outgoing[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the echo is complete, every byte of it being as it was sent.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        while !self.is_complete() {
            // The length of the headers of fragments is not known in advance.
            let room = match self.shape.protocol {
                Protocol::Fragments => buffer.len(),
                _ => buffer.len().min(self.batch.expected.len() - self.received),
            };
            match self.stream.read(&mut buffer[..room]) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.compare(&buffer[..count])?,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        // An echo can be complete before it was sent only if the server makes it up.
        if self.sent == self.batch.outgoing.len() {
            Ok(true)
        } else {
            Err(io::Error::other("the echo came before its message"))
        }
    }

    fn is_complete(&mut self) -> bool {
        self.received == self.batch.expected.len()
            && (self.shape.protocol != Protocol::Fragments || self.fragments.end())
    }

    fn compare(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let piece = match self.shape.protocol {
                Protocol::Fragments => self.fragments.take(&mut bytes)?,
                _ => std::mem::take(&mut bytes),
            };
            let expected = self.batch.expected.get(self.received..self.received + piece.len());
            if expected != Some(piece) {
                return Err(io::Error::other("the echo differs from what was sent"));
            }
            self.received += piece.len();
        }
        Ok(())
    }
}
