//! The connection as two halves.

use core::fmt;
use core::time::Duration;

use super::clock::Clock;
use super::receiving::Receiver;
use super::shared::Shared;
use super::{
    Error, Message, MessageReader, MessageWriter, ReadHalf, RecvError, SendError, WriteHalf,
};
use crate::{CloseCode, CloseReason, MessageKind};

/// The receiving half of a [`WebSocket`](super::WebSocket).
///
/// It also answers pings, sends keepalive pings, keeps the deadlines and closes, whether the other
/// half is used or not; in the middle of a message that the other half writes, too.
///
/// One half at a time writes to the stream, for one frame. A future of either half that waits for
/// room keeps the other from writing: keep polling it or drop it, do not set it aside.
pub struct WebSocketReader<'s, R, W, C> {
    receiver: Receiver<'s, R, W, C>,
}

/// The sending half of a [`WebSocket`](super::WebSocket).
pub struct WebSocketWriter<'s, W, C> {
    shared: &'s Shared<W, C>,
}

impl<'s, R: ReadHalf, W: WriteHalf, C: Clock> WebSocketReader<'s, R, W, C> {
    pub(super) fn new(receiver: Receiver<'s, R, W, C>) -> Self {
        Self { receiver }
    }

    /// As [`WebSocket::recv`](super::WebSocket::recv).
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Safe, if the next call is given the same buffer, unchanged.
    pub fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        self.receiver.receiving().recv(buffer)
    }

    /// As [`WebSocket::next_message`](super::WebSocket::next_message).
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Safe.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, R, W, C>>, RecvError> {
        let Receiver { incoming, shared } = &mut self.receiver;
        let mut receiver = Receiver { incoming, shared };
        let kind = receiver.receiving().next_message().await?;
        Ok(kind.map(|kind| MessageReader::new(receiver, kind)))
    }

    /// As [`WebSocket::close`](super::WebSocket::close): closes and waits for the peer. A message
    /// that the other half is writing is cut short between two frames.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Safe.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> impl Future<Output = Result<(), Error>> {
        self.receiver.receiving().close(code, reason)
    }

    /// Calls `f` with how the connection ended, or with `None` while the peer may still say.
    pub fn close_reason<T>(&self, f: impl FnOnce(Option<CloseReason<'_>>) -> T) -> Option<T> {
        self.receiver.shared.with_engine(None, |engine| Some(f(engine.close_reason())))
    }

    /// As [`WebSocket::latency`](super::WebSocket::latency).
    pub fn latency(&self) -> Option<Duration> {
        self.receiver.shared.with_engine(None, |engine| engine.latency())
    }
}

impl<'s, W: WriteHalf, C: Clock> WebSocketWriter<'s, W, C> {
    pub(super) fn new(shared: &'s Shared<W, C>) -> Self {
        Self { shared }
    }

    /// As [`WebSocket::message_writer`](super::WebSocket::message_writer).
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, W, C> {
        MessageWriter::new(self.shared, kind)
    }

    /// As [`WebSocket::send_text`](super::WebSocket::send_text).
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there: a message cut between two frames stays unfinished.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Text, text.as_bytes())
    }

    /// As [`WebSocket::send_binary`](super::WebSocket::send_binary).
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there: a message cut between two frames stays unfinished.
    pub fn send_binary(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Binary, bytes)
    }

    /// As [`WebSocket::ping`](super::WebSocket::ping).
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Safe.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.ping(payload)
    }

    /// Sends the Close frame. The other half goes on receiving until the peer's comes, or the close
    /// timeout has passed, then ends the stream and returns.
    ///
    /// # Errors
    /// [`SendError::InvalidCloseCode`], [`SendError::TooLong`] (a reason of more than
    /// [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes), [`SendError::Closed`]
    /// if the connection is already closing.
    ///
    /// # Cancel safety
    /// Safe: the Close frame is queued at once, and goes out later if the future is dropped.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> impl Future<Output = Result<(), SendError>> {
        self.shared.close(code, reason)
    }

    /// As [`WebSocket::latency`](super::WebSocket::latency).
    pub fn latency(&self) -> Option<Duration> {
        self.shared.with_engine(None, |engine| engine.latency())
    }
}

impl<R, W, C> fmt::Debug for WebSocketReader<'_, R, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketReader").finish_non_exhaustive()
    }
}

impl<W, C> fmt::Debug for WebSocketWriter<'_, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketWriter").finish_non_exhaustive()
    }
}
