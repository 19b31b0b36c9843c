//! A WebSocket connection, as the application sees it.

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
/// It only works while its task waits for it. During [`recv`](Self::recv),
/// [`next_message`](Self::next_message), a read of a message or [`close`](Self::close), pings are
/// answered, keepalive pings sent and all deadlines kept. So keep receiving, even if you only send:
/// beside sending in one task, or in two tasks ([`split`](Self::split)).
///
/// Dropping it ends the stream without a closing handshake; the peer sees code 1006. Use
/// [`close`](Self::close) to be polite. Either way the slot is free again within the
/// [close timeout](crate::Options::close_timeout), whatever the peer does.
pub struct WebSocket {
    inner: Inner,
    opened: Opened,
    compressed: Compressed,
    lease: Lease,
}

/// What a connection takes besides its rings and the futures that its task waits in.
#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<WebSocket>() + size_of::<crate::slot::Slot>() <= MOST);
#[cfg(target_pointer_width = "32")]
const MOST: usize = if cfg!(feature = "deflate") { 576 } else { 512 };

impl WebSocket {
    /// Not inlined: otherwise it would be moved piece by piece, each piece by a call.
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
        let inner = io::WebSocket::new(reader, writer, EmbassyClock, role, options.config)
            .write_timeout(Duration::from_millis(u64::from(options.write_timeout)));
        let inner = compressed.begin(inner);
        Self { inner, opened, compressed, lease }
    }

    /// How messages are compressed; `None` if they are not.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn permessage_deflate(&self) -> Option<&crate::permessage_deflate::Agreement> {
        self.compressed.agreement()
    }

    /// Receives a whole message into the buffer. `None` after a closing handshake, whoever began
    /// it.
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
    /// that has not arrived whole, and the call continues after that. A buffer that does not start
    /// with these bytes is refused with [`RecvError::BufferChanged`].
    /// [`next_message`](Self::next_message) skips that message instead.
    pub fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        self.inner.recv(buffer)
    }

    /// Waits for the next message, to be read as a stream. Whatever was not read of the previous
    /// one is skipped. `None` after a closing handshake, as for [`recv`](Self::recv).
    ///
    /// # Errors
    /// All are final.
    ///
    /// # Cancel safety
    /// Safe: a future that is dropped has taken nothing of the next message.
    pub fn next_message(
        &mut self,
    ) -> impl Future<Output = Result<Option<MessageReader<'_>>, RecvError>> {
        self.inner.next_message()
    }

    /// Begins a message that is written as a stream, of any length. Nothing is sent before the first
    /// write.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_> {
        self.inner.message_writer(kind)
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
        self.inner.send_text(text)
    }

    /// Sends a binary message; otherwise as [`send_text`](Self::send_text).
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
    /// [`MAX_SENT_CONTROL_PAYLOAD`](crate::MAX_SENT_CONTROL_PAYLOAD) bytes. An earlier ping that
    /// has not been sent yet is replaced. [`latency`](Self::latency) is updated when a method that
    /// receives sees its pong.
    ///
    /// # Errors
    /// [`SendError::TooLong`], or the connection is closing or over.
    ///
    /// # Cancel safety
    /// Safe: the ping is queued at once, and goes out later if the future is dropped.
    pub fn ping(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), SendError>> {
        self.inner.ping(payload)
    }

    /// Closes the connection: sends a Close frame (with [`CloseCode::NO_STATUS`] an empty one),
    /// discards what the peer still sends until its own Close frame comes, ends the stream, and
    /// waits for the peer to end its side. All of this within the close timeout.
    ///
    /// If the peer is already closing, this completes it.
    ///
    /// # Errors
    /// [`Error::Send`] with [`SendError::InvalidCloseCode`] or [`SendError::TooLong`] (a reason of
    /// more than [`MAX_SENT_CONTROL_PAYLOAD`](crate::MAX_SENT_CONTROL_PAYLOAD) bytes): nothing has
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
        self.inner.close(code, reason)
    }

    /// How the connection ended; `None` while the peer may still say.
    pub fn close_reason(&mut self) -> Option<CloseReason<'_>> {
        self.inner.close_reason()
    }

    /// How long the last answered ping took.
    pub fn latency(&self) -> Option<Duration> {
        self.inner.latency()
    }

    /// The subprotocol that was agreed on.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&'static str> {
        self.opened.subprotocol
    }

    /// Path and query of the request that opened the connection; `None` if its target has more than
    /// [`MAX_TARGET`](crate::MAX_TARGET) bytes. Only
    /// [`OnRequest::answer`](crate::OnRequest::answer) sees the rest of the request, because its
    /// bytes make way for messages.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        self.opened.resource_name()
    }

    /// The address of the peer; `None` when the connection is over.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.lease.slot.socket.peer_addr()
    }

    /// A reader and a writer that can be used at the same time, in one task or in two of one
    /// executor. Either works while the other is not used. When both are gone, the connection is
    /// whole again.
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

/// One incoming message, read as it arrives; see [`io::MessageReader`].
pub type MessageReader<'s> = io::MessageReader<'s, SlotReader, SlotWriter, EmbassyClock>;

/// One outgoing message, written piece by piece; see [`io::MessageWriter`].
pub type MessageWriter<'s> = io::MessageWriter<'s, SlotWriter, EmbassyClock>;

/// The receiving half of a [`WebSocket`]; see [`io::WebSocketReader`].
pub type WebSocketReader<'s> = io::WebSocketReader<'s, SlotReader, SlotWriter, EmbassyClock>;

/// The sending half of a [`WebSocket`]; see [`io::WebSocketWriter`].
pub type WebSocketWriter<'s> = io::WebSocketWriter<'s, SlotWriter, EmbassyClock>;
