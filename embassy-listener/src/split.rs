//! The receiving half.

use core::pin::pin;
use core::time::Duration;

use websocket_listener_core::{CloseCode, CloseReason, io};

use crate::clock::EmbassyClock;
use crate::resources::Slot;
use crate::websocket::{GoingAway, SlotReader, SlotWriter};
use crate::{Error, Message, MessageReader, RecvError};

/// The receiving half of a [`WebSocket`](crate::WebSocket).
///
/// It also answers pings, sends keepalive pings, keeps the deadlines and closes, whether the other
/// half is used or not; in the middle of a message that the other half writes, too.
pub struct WebSocketReader<'s> {
    inner: io::WebSocketReader<'s, SlotReader, SlotWriter, EmbassyClock>,
    slot: &'static Slot,
}

impl<'s> WebSocketReader<'s> {
    pub(crate) fn new(
        inner: io::WebSocketReader<'s, SlotReader, SlotWriter, EmbassyClock>,
        slot: &'static Slot,
    ) -> Self {
        Self { inner, slot }
    }

    /// As [`WebSocket::recv`](crate::WebSocket::recv).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Safe, if the next call is given the same buffer, unchanged.
    pub async fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> Result<Option<Message<'b>>, RecvError> {
        let going_away = self.going_away();
        going_away.beside(pin!(self.inner.recv(buffer))).await
    }

    /// As [`WebSocket::next_message`](crate::WebSocket::next_message).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_>>, RecvError> {
        let going_away = self.going_away();
        going_away.beside(pin!(self.inner.next_message())).await
    }

    /// As [`WebSocket::close`](crate::WebSocket::close): closes and waits for the peer. A message
    /// that the other half is writing is cut short, between two frames.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.inner.close(code, reason).await
    }

    /// Gives `f` how the connection ended, or `None` while the peer may still say so.
    pub fn close_reason<T>(&self, f: impl FnOnce(Option<CloseReason<'_>>) -> T) -> Option<T> {
        self.inner.close_reason(f)
    }

    /// As [`WebSocket::latency`](crate::WebSocket::latency).
    pub fn latency(&self) -> Option<Duration> {
        self.inner.latency()
    }

    fn going_away(&self) -> GoingAway<'s> {
        GoingAway { slot: self.slot, closer: self.inner.closer() }
    }
}
