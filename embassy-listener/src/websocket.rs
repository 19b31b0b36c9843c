//! An open WebSocket connection and its halves.

use core::net::SocketAddr;
use core::time::Duration;

use websocket_listener_core::io::{self, Error, Message, RecvError, SendError};
use websocket_listener_core::{CloseCode, CloseReason, MessageKind, Role};

use crate::clock::EmbassyClock;
use crate::compression::Compressed;
use crate::opened::Opened;
use crate::options::Options;
use crate::pool::Lease;
use crate::transport::{Inner, SlotReader, SlotWriter};

/// A WebSocket connection in a slot of a [`Resources`](crate::Resources).
///
/// ```
/// use websocket_listener_embassy::{CloseCode, Error, Message, WebSocket};
///
/// /// Answers the question `ping`, and closes the connection at any other message.
/// async fn serve(mut socket: WebSocket) -> Result<(), Error> {
///     let mut buffer = [0; 64]; // longer messages are refused with 1009
///     while let Some(message) = socket.recv(&mut buffer).await? {
///         match message {
///             Message::Text("ping") => socket.send_text("pong").await?,
///             _ => socket.close(CloseCode::POLICY_VIOLATION, "expected ping").await?,
///         }
///     }
///     Ok(()) // the peer has closed, or `close` has
/// }
/// ```
///
/// The connection makes progress only while its task waits for it. [`recv`](Self::recv),
/// [`next_message`](Self::next_message), a read of a message and [`close`](Self::close) answer
/// pings, send keepalive pings and keep all deadlines; sending does not. An application that only
/// sends therefore receives as well, beside sending: see [`split`](Self::split).
///
/// Dropping the connection ends the stream without a closing handshake, which the peer sees as code
/// 1006; [`close`](Self::close) performs the handshake. Either way the slot is available again
/// within the [close timeout](crate::Options::close_timeout).
#[doc(alias("connection", "disconnect"))]
pub struct WebSocket {
    inner: Inner,
    opened: Opened,
    compressed: Compressed,
    lease: Lease,
}

/// The memory of a connection, besides its rings and the futures that its task waits in.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<WebSocket>() + size_of::<crate::slot::Slot>() <= MOST);
#[cfg(target_pointer_width = "32")]
const MOST: usize = if cfg!(feature = "deflate") { 576 } else { 512 };

impl WebSocket {
    /// Not inlined, because its fields would then be moved one by one, each by a call.
    #[inline(never)]
    pub(crate) fn new(
        lease: Lease,
        opened: Opened,
        compressed: Compressed,
        role: Role,
        options: &Options,
    ) -> Self {
        lease.slot.mark_open();
        let reader = SlotReader::new(lease.slot);
        let writer = SlotWriter::new(lease.slot);
        let inner = io::WebSocket::new(reader, writer, EmbassyClock, role, options.config);
        let inner = compressed.begin(inner);
        Self { inner, opened, compressed, lease }
    }

    /// Returns the agreed parameters of permessage-deflate; `None` without compression.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn permessage_deflate(&self) -> Option<&crate::permessage_deflate::Agreement> {
        self.compressed.agreement()
    }

    /// Receives a whole message into the buffer. Returns `None` after a closing handshake, begun by
    /// either side.
    ///
    /// If the peer closes or breaks the protocol, or the message is longer than the buffer (1009),
    /// this call first sends the Close frame, ends the stream and waits for the peer to end it,
    /// within the close timeout.
    ///
    /// # Errors
    /// All but [`RecvError::BufferChanged`] are final: every later call returns the same error.
    ///
    /// # Cancel safety
    /// Safe, if the next call gets the same buffer, unchanged: the buffer holds the beginning of a
    /// message, and the call continues after it. A buffer with other contents, as far as 96 of its
    /// bytes show, is refused with [`RecvError::BufferChanged`].
    /// [`next_message`](Self::next_message) skips the unfinished message instead.
    pub fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        self.inner.recv(buffer)
    }

    /// Waits for the next message, to be read as a stream. Skips the unread rest of the previous
    /// message. Returns `None` after a closing handshake, as [`recv`](Self::recv) does.
    ///
    /// ```
    /// use websocket_listener_embassy::{Error, WebSocket};
    ///
    /// /// Counts the bytes of messages of any length.
    /// async fn count(socket: &mut WebSocket) -> Result<usize, Error> {
    ///     let (mut piece, mut total) = ([0; 128], 0);
    ///     while let Some(mut message) = socket.next_message().await? {
    ///         loop {
    ///             match message.read(&mut piece).await? {
    ///                 0 => break, // the end of the message
    ///                 count => total += count,
    ///             }
    ///         }
    ///     }
    ///     Ok(total)
    /// }
    /// ```
    ///
    /// # Errors
    /// All are final: every later call returns the same error.
    ///
    /// # Cancel safety
    /// Safe: a dropped future has consumed nothing of the next message.
    pub fn next_message(
        &mut self,
    ) -> impl Future<Output = Result<Option<MessageReader<'_>>, RecvError>> {
        self.inner.next_message()
    }

    /// Begins a message of any length that is written as a stream. The first write sends its first
    /// frame.
    ///
    /// ```
    /// use websocket_listener_embassy::{MessageKind, SendError, WebSocket};
    ///
    /// async fn send_lines(socket: &mut WebSocket, lines: &[&str]) -> Result<(), SendError> {
    ///     let mut message = socket.message_writer(MessageKind::Text);
    ///     for line in lines {
    ///         let mut rest = line.as_bytes();
    ///         while !rest.is_empty() {
    ///             let written = message.write(rest).await?;
    ///             rest = &rest[written..];
    ///         }
    ///     }
    ///     message.finish().await
    /// }
    /// ```
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_> {
        self.inner.message_writer(kind)
    }

    /// Sends a text message of any length: in one frame if the transmit ring has room for it,
    /// otherwise in fragments. Waits for room, each time at most for the write timeout.
    ///
    /// # Errors
    /// The message was not sent, or only in part; after a part, later messages are refused.
    ///
    /// # Cancel safety
    /// Dropped before its first frame, it has sent nothing. Dropped between two frames, it leaves
    /// the message unfinished: later messages are refused with [`SendError::MessageUnfinished`],
    /// while pings and a Close frame still leave. Frames are never cut.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), SendError>> {
        self.inner.send_text(text)
    }

    /// Sends a binary message, as [`send_text`](Self::send_text) sends text.
    ///
    /// # Errors
    /// As `send_text`.
    ///
    /// # Cancel safety
    /// As `send_text`.
    pub fn send_binary(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.inner.send_binary(bytes)
    }

    /// Sends a ping with a payload of at most
    /// [`MAX_SENT_CONTROL_PAYLOAD`](crate::MAX_SENT_CONTROL_PAYLOAD) bytes. Replaces an earlier
    /// ping that has not left yet. The pong updates [`latency`](Self::latency), once a method that
    /// receives has read it. Keepalive pings need no call: see
    /// [`Options::ping_interval`](crate::Options::ping_interval).
    ///
    /// # Errors
    /// [`SendError::TooLong`], or the connection is closing or has ended.
    ///
    /// # Cancel safety
    /// Safe: the ping is queued at once, and leaves later if the future is dropped.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.inner.ping(payload)
    }

    /// Closes the connection within the close timeout: sends a Close frame (an empty one for
    /// [`CloseCode::NO_STATUS`]), discards messages until the peer's Close frame arrives, ends the
    /// stream and waits for the peer to end it.
    ///
    /// If the peer has begun to close, this call completes the closing handshake.
    ///
    /// # Errors
    /// [`Error::Send`] with [`SendError::InvalidCloseCode`] or [`SendError::TooLong`] (a reason of
    /// more than [`MAX_SENT_CONTROL_PAYLOAD`](crate::MAX_SENT_CONTROL_PAYLOAD) bytes): nothing was
    /// sent. Otherwise [`Error::Recv`], which is final: the connection ended without a closing
    /// handshake.
    ///
    /// # Cancel safety
    /// Safe: the Close frame is queued at once, and any later call that receives or closes
    /// continues.
    #[doc(alias = "disconnect")]
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> impl Future<Output = Result<(), Error>> {
        self.inner.close(code, reason)
    }

    /// Returns the end of the connection: code, reason and initiator. `None` before it is known.
    pub fn close_reason(&mut self) -> Option<CloseReason<'_>> {
        self.inner.close_reason()
    }

    /// Returns the round-trip time of the last answered ping.
    #[doc(alias("rtt", "heartbeat"))]
    pub fn latency(&self) -> Option<Duration> {
        self.inner.latency()
    }

    /// Returns the agreed subprotocol.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&'static str> {
        self.opened.subprotocol
    }

    /// Returns the path and query of the request that opened the connection; `None` if the target
    /// has more than [`MAX_TARGET`](crate::MAX_TARGET) bytes. The rest of the request is visible in
    /// [`OnRequest::answer`](crate::OnRequest::answer) only: messages overwrite its bytes.
    #[doc(alias("path", "url"))]
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.opened.resource_name()
    }

    /// Returns the address of the peer; `None` after the end of the connection.
    #[doc(alias("remote_addr", "remote_endpoint"))]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.lease.slot.socket.peer_addr()
    }

    /// Splits the connection into a reader and a writer that can be used at the same time, in one
    /// task or in two tasks of one executor, and one without the other. Once both are dropped, the
    /// connection can be used as a whole again.
    ///
    /// An application that only sends keeps receiving beside it, so that pings are answered and the
    /// end of the connection is noticed:
    ///
    /// ```
    /// use core::future::pending;
    ///
    /// use embassy_futures::select::select;
    /// use embassy_time::Timer;
    /// use websocket_listener_embassy::{WebSocket, WebSocketReader, WebSocketWriter};
    ///
    /// async fn serve(socket: &mut WebSocket) {
    ///     let (reader, writer) = socket.split();
    ///     select(discard(reader), report(writer)).await;
    /// }
    ///
    /// /// Answers pings, and returns at the end of the connection.
    /// async fn discard(mut reader: WebSocketReader<'_>) {
    ///     while let Ok(Some(_)) = reader.next_message().await {}
    /// }
    ///
    /// async fn report(mut writer: WebSocketWriter<'_>) {
    ///     while writer.send_text("21.5").await.is_ok() {
    ///         Timer::after_secs(1).await;
    ///     }
    ///     pending().await // the connection is closing, and `discard` completes that
    /// }
    /// ```
    pub fn split(&mut self) -> (WebSocketReader<'_>, WebSocketWriter<'_>) {
        self.inner.split()
    }
}

impl Drop for WebSocket {
    fn drop(&mut self) {
        self.compressed.end(&mut self.inner);
    }
}

impl core::fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WebSocket")
            .field("request", &self.request())
            .field("subprotocol", &self.subprotocol())
            .finish_non_exhaustive()
    }
}

/// An incoming message, read as it arrives; see [`io::MessageReader`] and the example of
/// [`WebSocket::next_message`].
pub type MessageReader<'s> = io::MessageReader<'s, SlotReader, SlotWriter, EmbassyClock>;

/// An outgoing message, written piece by piece; see [`io::MessageWriter`] and the example of
/// [`WebSocket::message_writer`].
pub type MessageWriter<'s> = io::MessageWriter<'s, SlotWriter, EmbassyClock>;

/// The receiving half of a [`WebSocket`]; see [`io::WebSocketReader`] and the example of
/// [`WebSocket::split`].
pub type WebSocketReader<'s> = io::WebSocketReader<'s, SlotReader, SlotWriter, EmbassyClock>;

/// The sending half of a [`WebSocket`]; see [`io::WebSocketWriter`] and the example of
/// [`WebSocket::split`].
pub type WebSocketWriter<'s> = io::WebSocketWriter<'s, SlotWriter, EmbassyClock>;
