//! A connection with both halves in one value.

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
/// The connection makes progress only while one of its futures is polled. During
/// [`recv`](Self::recv), [`next_message`](Self::next_message), a read of a message or
/// [`close`](Self::close), it answers pings, sends keepalive pings and checks all deadlines. A send
/// writes pending control frames before its own frame and checks the write timeout, but reads
/// nothing. A program that only sends should therefore wait for messages as well, in the same task
/// (every wait for a message may be dropped and begun again) or in another
/// ([`split`](Self::split)).
///
/// It takes the memory of the engine and a few words; the buffers belong to the transport and the
/// caller.
///
/// ```
/// use embedded_io_async::Write;
/// use websocket_listener_core::io::{Clock, Error, Message, ReadHalf, WebSocket, WriteHalf};
/// use websocket_listener_core::{CloseCode, Config, MessageKind, Role};
///
/// async fn greet<R: ReadHalf, W: WriteHalf, C: Clock>(
///     reader: R,
///     writer: W,
///     clock: C,
/// ) -> Result<(), Error> {
///     let mut socket = WebSocket::new(reader, writer, clock, Role::Server, Config::new());
///     socket.send_text("What is your name?").await?;
///     let mut buffer = [0; 256];
///     if let Some(Message::Text(name)) = socket.recv(&mut buffer).await? {
///         let mut greeting = socket.message_writer(MessageKind::Text);
///         greeting.write_all(b"Hello, ").await?;
///         greeting.write_all(name.as_bytes()).await?;
///         greeting.finish().await?;
///     }
///     socket.close(CloseCode::NORMAL, "").await
/// }
/// ```
pub struct WebSocket<R, W, C> {
    incoming: Incoming<R>,
    shared: Shared<W, C>,
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> WebSocket<R, W, C> {
    /// Creates a connection over the halves of a stream whose next byte is the first one after the
    /// opening handshake. [`WriteHalf::shutdown_is_seen`] replaces [`Config::half_close`].
    pub fn new(reader: R, writer: W, clock: C, role: Role, config: Config) -> Self {
        let (received, sent) = (ControlArray::new(), ControlArray::new());
        let config = config.half_close(writer.shutdown_is_seen());
        let engine = Engine::with_memory(role, config, clock.now(), received, sent);
        Self { incoming: Incoming::new(reader), shared: Shared::new(engine, writer, clock) }
    }

    /// Enables permessage-deflate (RFC 7692) as agreed in the opening handshake: outgoing messages
    /// are compressed and compressed incoming ones inflated, in the codec's memory. Without this
    /// call, messages are sent uncompressed, and a compressed message from the peer is a protocol
    /// error.
    ///
    /// A compressed incoming message is read like any other; the message limit counts inflated
    /// bytes. Outgoing messages are compressed frame by frame, so a message that is written in
    /// small pieces does not shrink. A whole message of at most 8 bytes is sent uncompressed.
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

    /// Takes the codec back, for use by another connection. No messages should be sent or received
    /// after that.
    #[cfg(feature = "deflate")]
    pub fn take_codec(&mut self) -> Option<super::Codec> {
        let inflater = self.incoming.decoder.inflation.take_inflater()?;
        let deflater = self.shared.deflation_mut().take_deflater()?;
        Some(super::Codec { inflater, deflater })
    }

    /// Receives a whole message into the buffer. Returns `None` after a closing handshake,
    /// whichever end began it: the stream can be dropped.
    ///
    /// If the peer closes or breaks the protocol, or the message is longer than the buffer (1009),
    /// this call sends the Close frame, ends the stream and waits for the peer's end, within the
    /// close timeout, before it returns.
    ///
    /// # Errors
    /// All errors except [`RecvError::BufferChanged`] are final, and returned again by every later
    /// call.
    ///
    /// # Cancel safety
    /// Safe, if the next call is given the same buffer, unchanged: it holds the start of a message
    /// that has not arrived whole, and the next call continues after it. Resuming takes constant
    /// time, so not every byte is compared: of a start of up to 96 bytes all, of a longer one the
    /// first 32, the last 32 and 32 in between. A buffer that differs there, or is shorter, is
    /// refused with [`RecvError::BufferChanged`]. The address may change.
    /// [`next_message`](Self::next_message) skips that message instead.
    pub fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        self.receiving().recv(buffer)
    }

    /// Waits for the next message, to be read as a stream. Skips the unread rest of the previous
    /// message. Returns `None` after a closing handshake, as [`recv`](Self::recv) does.
    ///
    /// # Errors
    /// All errors are final.
    ///
    /// # Cancel safety
    /// Safe: a dropped future has consumed nothing of the next message.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, R, W, C>>, RecvError> {
        let Self { incoming, shared } = self;
        let mut receiver = Receiver { incoming, shared };
        let kind = receiver.receiving().next_message().await?;
        Ok(kind.map(|kind| MessageReader::new(receiver, kind)))
    }

    /// Returns a writer for a message that is sent as a stream. Nothing is sent before the first
    /// write.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, W, C> {
        MessageWriter::new(&self.shared, kind)
    }

    /// Sends a text message of any length: in one frame if there is room for it at once, otherwise
    /// in fragments. Waits for room, but never longer than the write timeout without progress.
    ///
    /// # Errors
    /// The message was not sent, or only in part. After a part, later messages are refused.
    ///
    /// # Cancel safety
    /// If dropped before its first frame, nothing was sent. If dropped between two frames, the
    /// message stays unfinished: later messages are refused with [`SendError::MessageUnfinished`],
    /// while pings and a close still go out. No frame is ever cut.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Text, text.as_bytes())
    }

    /// Sends a binary message. Otherwise works as [`send_text`](Self::send_text) does.
    ///
    /// # Errors
    /// The same as those of `send_text`.
    ///
    /// # Cancel safety
    /// The same as that of `send_text`.
    pub fn send_binary(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.send(MessageKind::Binary, bytes)
    }

    /// Sends a ping with a payload of at most
    /// [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes. It replaces a keepalive
    /// ping or an earlier ping that has not been sent yet. Its pong updates
    /// [`latency`](Self::latency).
    ///
    /// # Errors
    /// [`SendError::TooLong`], or an error that says that the connection is closing or over.
    ///
    /// # Cancel safety
    /// Safe: the ping is queued at once, and goes out later if the future is dropped.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.shared.ping(payload)
    }

    /// Closes the connection: sends a Close frame (an empty one for [`CloseCode::NO_STATUS`]),
    /// discards the peer's messages until its Close frame arrives, ends the stream, and waits for
    /// the peer to end its side, all within the close timeout. The stream can then be dropped.
    ///
    /// If the peer is already closing, this call completes the closing handshake.
    ///
    /// # Errors
    /// [`Error::Send`] with [`SendError::InvalidCloseCode`] or [`SendError::TooLong`] (a reason of
    /// more than [`MAX_SENT_CONTROL_PAYLOAD`](super::MAX_SENT_CONTROL_PAYLOAD) bytes): the
    /// connection is unchanged. Otherwise [`Error::Recv`], final: the connection ended without a
    /// closing handshake.
    ///
    /// # Cancel safety
    /// Safe: the Close frame is queued at once, and a later wait for a message, or another close,
    /// continues the closing handshake.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> impl Future<Output = Result<(), Error>> {
        self.receiving().close(code, reason)
    }

    /// Returns the reason for which the connection ended; `None` while the peer may still give one.
    pub fn close_reason(&mut self) -> Option<CloseReason<'_>> {
        self.shared.engine_mut().close_reason()
    }

    /// Returns the round-trip time of the last answered ping.
    pub fn latency(&self) -> Option<Duration> {
        self.shared.with_engine(None, |engine| engine.latency())
    }

    /// Returns a reader and a writer that can be used at the same time, in one task or in two tasks
    /// of one executor. Each works without the other. Once both are dropped, the connection can be
    /// used as a whole again.
    pub fn split(&mut self) -> (WebSocketReader<'_, R, W, C>, WebSocketWriter<'_, W, C>) {
        let Self { incoming, shared } = self;
        (
            WebSocketReader::new(Receiver { incoming, shared: &*shared }),
            WebSocketWriter::new(shared),
        )
    }

    /// Returns the halves of the transport.
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
