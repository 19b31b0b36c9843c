//! The connection, both halves in one.

use core::fmt;
use core::time::Duration;

use super::clock::Clock;
use super::receiving::{Incoming, Receiver, Receiving};
use super::shared::Shared;
use super::{
    Engine, Error, Message, MessageReader, MessageWriter, ReadHalf, RecvError, SendError,
    WebSocketReader, WebSocketWriter, WriteHalf,
};
use crate::{CloseCode, CloseReason, Config, ControlArray, MessageKind, Role};

/// A WebSocket connection after its opening handshake, over a transport.
///
/// It only works while its caller waits for it. During [`recv`](Self::recv),
/// [`next_message`](Self::next_message), a read of a message or [`close`](Self::close), pings are
/// answered, keepalive pings sent and all deadlines kept. A send writes waiting control frames
/// before its own frame and keeps the write timeout, but reads nothing. So a program that only
/// sends should wait for messages as well, in the same task (every wait for a message may be
/// dropped and begun again) or in another ([`split`](Self::split)).
///
/// It takes the memory of the engine and a few words; the buffers belong to the transport and the
/// caller.
pub struct WebSocket<R, W, C> {
    incoming: Incoming<R>,
    shared: Shared<W, C>,
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> WebSocket<R, W, C> {
    /// A connection over these halves of a stream, whose next byte is the first one after the
    /// opening handshake. The writer says [itself](WriteHalf::shutdown_is_seen) what
    /// [`Config::half_close`] is about.
    pub fn new(reader: R, writer: W, clock: C, role: Role, config: Config) -> Self {
        let (received, sent) = (ControlArray::new(), ControlArray::new());
        let config = config.half_close(writer.shutdown_is_seen());
        let engine = Engine::with_memory(role, config, clock.now(), received, sent);
        Self { incoming: Incoming::new(reader), shared: Shared::new(engine, writer, clock) }
    }

    /// Compresses what is sent, and inflates compressed messages that are received, as was agreed
    /// on in the opening handshake (RFC 7692), with this memory. Without this call nothing is
    /// compressed, and a peer that sends compressed messages breaks the protocol.
    ///
    /// A message that the peer has compressed is read like any other; the message limit counts
    /// inflated bytes. Outgoing messages are compressed piece by piece, one for each frame, so a
    /// message that is written in small pieces does not get smaller; a whole one of at most 8 bytes
    /// is sent as it is.
    ///
    /// ```
    /// # use websocket_listener_core::io::{Clock, Codec, ReadHalf, WebSocket, WriteHalf};
    /// # use websocket_listener_core::permessage_deflate::Agreement;
    /// # use websocket_listener_core::{Config, Role};
    /// fn open<R: ReadHalf, W: WriteHalf, C: Clock>(
    ///     reader: R,
    ///     writer: W,
    ///     clock: C,
    ///     agreed: Option<(Agreement, Codec)>,
    /// ) -> WebSocket<R, W, C> {
    ///     let socket = WebSocket::new(reader, writer, clock, Role::Server, Config::new());
    ///     match agreed {
    ///         Some((agreement, codec)) => socket.permessage_deflate(&agreement, codec),
    ///         None => socket,
    ///     }
    /// }
    /// ```
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn permessage_deflate(
        mut self,
        agreement: &crate::permessage_deflate::Agreement,
        codec: super::Codec,
    ) -> Self {
        let engine = self.shared.engine_mut();
        engine.permit_reserved_bits(crate::ReservedBits::RSV1);
        let role = engine.role();
        let (inflation, deflation) = codec.begin(agreement, role);
        self.incoming.decoder.inflation = inflation;
        *self.shared.deflation_mut() = deflation;
        self
    }

    /// Returns the memory that this connection compressed with, for use by another. No messages
    /// should be sent or received after that.
    #[cfg(feature = "deflate")]
    pub fn take_codec(&mut self) -> Option<super::Codec> {
        let inflater = self.incoming.decoder.inflation.take_inflater()?;
        let deflater = self.shared.deflation_mut().take_deflater()?;
        Some(super::Codec { inflater, deflater })
    }

    /// Receives a whole message into the buffer. `None` after a closing handshake, whichever end
    /// began it: the stream can be dropped.
    ///
    /// When the peer closes or breaks the protocol, or the message is longer than the buffer
    /// (1009), this call sends the Close frame, ends the stream and waits for the peer's end,
    /// within the close timeout, before it returns.
    ///
    /// # Errors
    /// All but [`RecvError::BufferChanged`] are final, and returned again by every later call.
    ///
    /// # Cancel safety
    /// Safe, if the next call is given the same buffer, unchanged: it holds the start of a message
    /// that has not arrived whole, and the call continues after that. Resuming costs the same however
    /// much that is. So of a start of up to 96 bytes, each is compared, of a longer one the first 32,
    /// the last 32 and 32 in between: a buffer that differs there, or is shorter, is refused with
    /// [`RecvError::BufferChanged`]. The address may change.
    /// [`next_message`](Self::next_message) skips that message instead.
    pub fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        self.receiving().recv(buffer)
    }

    /// Waits for the next message, to be read as a stream. Skips the unread rest of the previous one.
    /// `None` after a closing handshake, as for [`recv`](Self::recv).
    ///
    /// # Errors
    /// All are final.
    ///
    /// # Cancel safety
    /// Safe: a future that is dropped has taken nothing of the next message.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, R, W, C>>, RecvError> {
        let Self { incoming, shared } = self;
        let mut receiver = Receiver { incoming, shared };
        let kind = receiver.receiving().next_message().await?;
        Ok(kind.map(|kind| MessageReader::new(receiver, kind)))
    }

    /// Begins a message that is written as a stream. Nothing is sent before the first write.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, W, C> {
        MessageWriter::new(&self.shared, kind)
    }

    /// Sends a text message of any length: in one frame if there is room for it at once, otherwise
    /// in fragments. Waits for room, but no longer than the write timeout at a time.
    ///
    /// # Errors
    /// The message was not sent, or not completely; in the latter case, later ones are refused.
    ///
    /// # Cancel safety
    /// If dropped before its first frame, nothing was sent. If dropped between two, the message
    /// stays unfinished: later ones are refused with [`SendError::MessageUnfinished`], while pings
    /// and a close still go out. No frame is ever cut.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Text, text.as_bytes())
    }

    /// Sends a binary message; otherwise as [`send_text`](Self::send_text).
    ///
    /// # Errors
    /// As `send_text`.
    ///
    /// # Cancel safety
    /// As `send_text`.
    pub fn send_binary(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Binary, bytes)
    }

    /// Sends a ping with a payload of at most
    /// [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes. A keepalive ping or an
    /// earlier ping that has not been sent yet is replaced. [`latency`](Self::latency) is updated
    /// by its pong.
    ///
    /// # Errors
    /// [`SendError::TooLong`], or the connection is closing or over.
    ///
    /// # Cancel safety
    /// Safe: the ping is queued at once, and goes out later if the future is dropped.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.ping(payload)
    }

    /// Closes the connection: sends a Close frame (with [`CloseCode::NO_STATUS`] an empty one),
    /// discards what the peer still sends until its own Close frame comes, ends the stream, and
    /// waits for the peer to end its side. All of this within the close timeout. The stream can be
    /// dropped then.
    ///
    /// If the peer is already closing, this completes it.
    ///
    /// # Errors
    /// [`Error::Send`] with [`SendError::InvalidCloseCode`] or [`SendError::TooLong`] (a reason of
    /// more than [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes): nothing has
    /// happened. Otherwise [`Error::Recv`], final: the connection ended without a closing
    /// handshake.
    ///
    /// # Cancel safety
    /// Safe: the Close frame is queued at once, and any later wait for a message, or another close,
    /// continues.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> impl Future<Output = Result<(), Error>> {
        self.receiving().close(code, reason)
    }

    /// Returns how the connection ended; `None` while the peer may still say.
    pub fn close_reason(&mut self) -> Option<CloseReason<'_>> {
        self.shared.engine_mut().close_reason()
    }

    /// Returns how long the last answered ping took.
    pub fn latency(&self) -> Option<Duration> {
        self.shared.with_engine(None, |engine| engine.latency())
    }

    /// Returns a reader and a writer that can be used at the same time, in one task or in two of one
    /// executor. Either works while the other is not used. When both are gone, the connection is
    /// whole again.
    pub fn split(&mut self) -> (WebSocketReader<'_, R, W, C>, WebSocketWriter<'_, W, C>) {
        let Self { incoming, shared } = self;
        (
            WebSocketReader::new(Receiver { incoming, shared: &*shared }),
            WebSocketWriter::new(shared),
        )
    }

    /// Returns the transport's halves, to be dropped or used again.
    pub fn into_halves(self) -> (R, W) {
        (self.incoming.into_half(), self.shared.into_writer())
    }

    fn receiving(&mut self) -> Receiving<'_, R, W, C> {
        Receiving { incoming: &mut self.incoming, shared: &self.shared }
    }
}

impl<R, W, C> fmt::Debug for WebSocket<R, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").finish_non_exhaustive()
    }
}
