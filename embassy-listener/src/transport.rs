//! The byte stream of a connection: the rings of its slot, as the transport of core's `io`.

use core::task::{Context, Poll};

use embedded_io_async::{ErrorKind, ErrorType};
use websocket_listener_core::io::{self, ReadHalf, WriteHalf};

use crate::clock::EmbassyClock;
use crate::slot::Slot;

/// The WebSocket that moves its bytes through a slot.
pub(crate) type Inner = io::WebSocket<SlotReader, SlotWriter, EmbassyClock>;

/// The receiving direction of a connection's byte stream.
#[derive(Debug)]
pub struct SlotReader(&'static Slot);

impl SlotReader {
    pub(crate) const fn new(slot: &'static Slot) -> Self {
        Self(slot)
    }
}

/// The sending direction of a connection's byte stream.
#[derive(Debug)]
pub struct SlotWriter(&'static Slot);

impl SlotWriter {
    pub(crate) const fn new(slot: &'static Slot) -> Self {
        Self(slot)
    }
}

impl ErrorType for SlotReader {
    type Error = ErrorKind;
}

impl ReadHalf for SlotReader {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        self.0.socket.poll_read(cx, take)
    }

    /// Is ready once the listener shuts down.
    fn poll_going_away(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_going_away(cx)
    }
}

impl ErrorType for SlotWriter {
    type Error = ErrorKind;
}

impl WriteHalf for SlotWriter {
    fn capacity(&self) -> usize {
        self.0.socket.send_capacity()
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        self.0.socket.poll_write(cx, room, put)
    }

    /// Does nothing: TCP sends written bytes without a flush.
    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        self.0.begin_close();
        self.0.socket.poll_acknowledged(cx)
    }
}
