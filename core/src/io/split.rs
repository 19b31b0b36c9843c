//! A connection as two halves.

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
/// While it is polled it also answers pings, sends keepalive pings, checks the deadlines and
/// closes, even if the writer is unused or is in the middle of a message.
///
/// One half at a time writes to the stream, for one frame. A future of either half that waits for
/// room keeps the other half from writing, so poll it to its end or drop it.
///
/// ```
/// use websocket_listener_core::io::{Clock, ReadHalf, RecvError, WebSocketReader, WriteHalf};
///
/// /// Counts the bytes of all messages until the connection is closed.
/// async fn count<R: ReadHalf, W: WriteHalf, C: Clock>(
///     mut reader: WebSocketReader<'_, R, W, C>,
/// ) -> Result<usize, RecvError> {
///     let (mut buffer, mut total) = ([0; 64], 0);
///     while let Some(mut message) = reader.next_message().await? {
///         loop {
///             match message.read(&mut buffer).await? {
///                 0 => break,
///                 count => total += count,
///             }
///         }
///     }
///     Ok(total)
/// }
/// ```
pub struct WebSocketReader<'s, R, W, C> {
    receiver: Receiver<'s, R, W, C>,
}

/// The sending half of a [`WebSocket`](super::WebSocket).
///
/// It reads nothing: pings are answered and deadlines checked while the [`WebSocketReader`] is
/// polled, in the same task or in another.
///
/// ```
/// use websocket_listener_core::CloseCode;
/// use websocket_listener_core::io::{Clock, SendError, WebSocketWriter, WriteHalf};
///
/// /// Sends the samples, one message each, then closes.
/// async fn report<W: WriteHalf, C: Clock>(
///     mut writer: WebSocketWriter<'_, W, C>,
///     samples: &[[u8; 4]],
/// ) -> Result<(), SendError> {
///     for sample in samples {
///         writer.send_binary(sample).await?;
///     }
///     writer.close(CloseCode::NORMAL, "done").await
/// }
/// ```
pub struct WebSocketWriter<'s, W, C> {
    shared: &'s Shared<W, C>,
}

impl<'s, R: ReadHalf, W: WriteHalf, C: Clock> WebSocketReader<'s, R, W, C> {
    pub(super) fn new(receiver: Receiver<'s, R, W, C>) -> Self {
        Self { receiver }
    }

    /// Receives a whole message, as [`WebSocket::recv`](super::WebSocket::recv) does.
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

    /// Waits for the next message, as
    /// [`WebSocket::next_message`](super::WebSocket::next_message) does.
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

    /// Closes and waits for the peer, as [`WebSocket::close`](super::WebSocket::close) does. A
    /// message that the other half is writing is cut short between two frames.
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

    /// Calls `f` with the reason for which the connection ended, or with `None` while the peer may
    /// still give one.
    pub fn close_reason<T>(&self, f: impl FnOnce(Option<CloseReason<'_>>) -> T) -> Option<T> {
        self.receiver.shared.with_engine(None, |engine| Some(f(engine.close_reason())))
    }

    /// Returns the round-trip time of the last answered ping.
    pub fn latency(&self) -> Option<Duration> {
        self.receiver.shared.with_engine(None, |engine| engine.latency())
    }
}

impl<'s, W: WriteHalf, C: Clock> WebSocketWriter<'s, W, C> {
    pub(super) fn new(shared: &'s Shared<W, C>) -> Self {
        Self { shared }
    }

    /// Returns a writer for a message, as
    /// [`WebSocket::message_writer`](super::WebSocket::message_writer) does.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, W, C> {
        MessageWriter::new(self.shared, kind)
    }

    /// Sends a text message, as [`WebSocket::send_text`](super::WebSocket::send_text) does.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there: a message cut between two frames stays unfinished.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Text, text.as_bytes())
    }

    /// Sends a binary message, as [`WebSocket::send_binary`](super::WebSocket::send_binary) does.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there: a message cut between two frames stays unfinished.
    pub fn send_binary(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Binary, bytes)
    }

    /// Sends a ping, as [`WebSocket::ping`](super::WebSocket::ping) does.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Safe.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.ping(payload)
    }

    /// Sends the Close frame. The other half continues to receive until the peer's Close frame
    /// arrives or the close timeout has passed, then ends the stream and returns.
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

    /// Returns the round-trip time of the last answered ping.
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
