//! A WebSocket connection, as the application sees it.

mod access;
pub(crate) mod broadcast;
pub(crate) mod byte_stream;
pub(crate) mod close_reason;
mod details;
pub(crate) mod halves;
pub(crate) mod message_reader;
pub(crate) mod message_writer;
mod sending;
mod stream_and_sink;

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Waker};

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{CloseCode, MessageKind};

use crate::connection::Connection;
use crate::connection::tasks::TwoTasks;
use crate::error::Error;
use crate::message::Message;
use crate::message::event::Event;
use crate::message::outgoing::Outgoing;
use crate::transport::Transport;
use broadcast::unhindered;
use byte_stream::ByteStream;
use halves::{WebSocketReader, WebSocketWriter};
use message_reader::MessageReader;
use message_writer::MessageWriter;

/// A WebSocket connection over a stream `S`.
///
/// It has no task of its own: [`recv`](Self::recv) and the other methods that receive move its
/// bytes, answer its pings and keep its deadlines while they wait. Methods that only send keep the
/// write deadline alone. So keep receiving, even if you only send.
///
/// ```no_run
/// # async fn serve(mut socket: websocket_listener::WebSocket) -> Result<(), websocket_listener::Error> {
/// while let Some(message) = socket.recv().await? {
///     socket.feed(message).await?; // leaves, with all that is fed, before `recv` waits
/// }
/// # Ok(())
/// # }
/// ```
///
/// Dropping it ends the stream without a closing handshake; the peer sees code 1006. Use
/// [`close`](Self::close) to be polite.
pub struct WebSocket<S = Transport> {
    connection: Box<Connection<S>>,
    /// Only if it is used as a `Stream` and a `Sink`.
    tasks: Option<Box<TwoTasks>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    pub(crate) fn new(connection: Box<Connection<S>>) -> Self {
        Self { connection, tasks: None }
    }

    /// The next message; `None` once the connection is closed, by whichever side.
    ///
    /// Pings are answered and fragments put together unseen. Everything that was [fed](Self::feed)
    /// is sent before this waits. When the peer closes, this finishes the closing handshake and
    /// ends the stream, for which it takes at most a [close
    /// timeout](crate::Options::close_timeout), before it returns `None`.
    ///
    /// A message of less than 4 KiB is copied, up to 1 KiB mostly without an allocation; a larger
    /// one that arrived whole shares the bytes it was read into, up to 128 KiB with its neighbours,
    /// which stay in memory as long as any of them is kept.
    ///
    /// # Errors
    /// The connection has ended without a closing handshake; every later call returns the same
    /// error. See [`Error`] for how to tell the cases apart.
    ///
    /// # Cancel safety
    /// Cancel-safe. A message of which a part has been received is continued by the next call.
    #[inline]
    pub async fn recv(&mut self) -> Result<Option<Message>, Error> {
        poll_fn(|cx| self.connection.poll_recv(cx)).await
    }

    /// The next message, ping or pong; `None` once the connection is closed. For applications that want
    /// to see control frames, or to answer pings by themselves
    /// ([`Options::automatic_pongs`](crate::Options::automatic_pongs)). Otherwise as
    /// [`recv`](Self::recv).
    ///
    /// A control frame in the middle of a message is returned before that message.
    ///
    /// ```
    /// # use websocket_listener::{Error, Event, WebSocket};
    /// /// Set up with `Options::new().automatic_pongs(false)`.
    /// async fn serve(mut socket: WebSocket, is_healthy: impl Fn() -> bool) -> Result<(), Error> {
    ///     while let Some(event) = socket.recv_event().await? {
    ///         match event {
    ///             Event::Message(message) => socket.feed(message).await?,
    ///             Event::Ping(payload) if is_healthy() => socket.pong(&payload).await?,
    ///             _ => {}
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn recv_event(&mut self) -> Result<Option<Event>, Error> {
        poll_fn(|cx| self.connection.poll_event(cx)).await
    }

    /// The next message, to be read as a stream; `None` once the connection is closed.
    ///
    /// The message need not have arrived, and is never held in memory as a whole. If the last
    /// message was not read to its end, the rest of it is skipped first.
    /// Messages over [`max_message_bytes`](crate::Options::max_message_bytes) are refused here,
    /// too: set it to the most that you accept, or to `u64::MAX`.
    ///
    /// The reader borrows the connection until its last use; after it, the message can be answered:
    ///
    /// ```
    /// # use tokio::io::AsyncWrite;
    /// # use websocket_listener::WebSocket;
    /// async fn store(mut socket: WebSocket, mut file: impl AsyncWrite + Unpin) -> std::io::Result<()> {
    ///     while let Some(mut message) = socket.next_message().await? {
    ///         let bytes = tokio::io::copy(&mut message, &mut file).await?;
    ///         socket.send(format!("stored {bytes} bytes")).await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, S>>, Error> {
        let kind = poll_fn(|cx| self.connection.poll_next_message(cx)).await?;
        Ok(kind.map(|kind| MessageReader::whole(&mut self.connection, kind)))
    }

    /// Sends a message: queues it whole, then waits until the operating system has taken everything
    /// that is queued.
    ///
    /// The message is a string (text) or bytes (binary), a [`Message`], a
    /// [`&PreparedMessage`](crate::PreparedMessage) that was encoded once for many connections, or
    /// [`Outgoing::as_is`] to bypass compression.
    ///
    /// # Errors
    /// [`Error::Closed`] once either side has closed, [`Error::MessageUnfinished`] after a message
    /// writer was dropped halfway, and any error that ended the connection.
    ///
    /// # Cancel safety
    /// Cancel-safe in this sense: the message is sent whole or not at all. If the call is cancelled
    /// while the write queue is full, or while a prepared message is being
    /// [encoded](crate::PreparedMessage), the message is not sent. If it is cancelled later, the
    /// message is sent by whichever method is called next.
    #[inline]
    pub fn send<'a>(
        &mut self,
        message: impl Into<Outgoing<'a>>,
    ) -> impl Future<Output = Result<(), Error>> {
        // Not an `async fn`, which would hold the message twice, in every waiting task.
        let mut outgoing = Some(message.into());
        poll_fn(move |cx| sending::poll_send(&mut self.connection, cx, &mut outgoing))
    }

    /// Sends a text message. [`send`](Self::send) does the same.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), Error>> {
        self.send(text)
    }

    /// Sends a binary message. [`send`](Self::send) does the same.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    pub fn send_binary(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), Error>> {
        self.send(payload)
    }

    /// Sends a message without waiting: bytes that the stream does not take at once are sent by
    /// whichever method is called next. If the peer is too slow,
    /// [`Options::slow_consumer`](crate::Options::slow_consumer) says what happens. Takes the same
    /// forms of message as [`send`](Self::send).
    ///
    /// If an extension is still encoding a long message sent before, this call finishes that first.
    ///
    /// # Errors
    /// [`Error::QueueFull`] if the message was dropped and the connection goes on;
    /// [`Error::Closed`] if either side has closed, or this end has just closed with 1013 because
    /// the peer is too slow; otherwise as [`send`](Self::send).
    #[doc(alias("backpressure", "nonblocking"))]
    pub fn try_send<'a>(&mut self, message: impl Into<Outgoing<'a>>) -> Result<(), Error> {
        let outgoing = message.into();
        // No task waits: that would take this same reference.
        let mut cx = Context::from_waker(Waker::noop());
        unhindered(|| {
            self.connection.try_send(&mut cx, |connection| sending::start(connection, outgoing))
        })
    }

    /// Whether no message can be sent any more: either side has closed, or the connection has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Queues a message. It leaves with everything else that is queued, in one write, before
    /// [`recv`](Self::recv) waits, or with the next [`flush`](Self::flush). Takes the same forms of
    /// message as [`send`](Self::send).
    ///
    /// Waits only while the queue holds [`write_queue_bytes`](crate::Options::write_queue_bytes) or
    /// more.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// Cancelled, the message is not queued.
    #[inline]
    pub fn feed<'a>(
        &mut self,
        message: impl Into<Outgoing<'a>>,
    ) -> impl Future<Output = Result<(), Error>> {
        let mut outgoing = Some(message.into());
        poll_fn(move |cx| sending::poll_feed(&mut self.connection, cx, &mut outgoing))
    }

    /// Waits until the operating system has taken everything that is queued.
    ///
    /// # Errors
    /// What the connection ended with.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.connection.poll_flush(cx)).await
    }

    /// Begins a message to be written as a stream. Its bytes leave in frames of up to 16 KiB.
    ///
    /// Call [`MessageWriter::finish`] at its end. A writer that is dropped unfinished after a part
    /// of its message was sent leaves a message without an end: later messages are refused with
    /// [`Error::MessageUnfinished`], and only [`close`](Self::close) makes sense.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, S> {
        MessageWriter::whole(&mut self.connection, kind)
    }

    /// Sends a ping of at most 125 bytes of payload. [`latency`](Self::latency) is updated when a
    /// method that receives sees its pong.
    ///
    /// # Errors
    /// [`Error::ControlTooLong`], and as [`send`](Self::send).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send). A ping that has not left when the next is sent is replaced by it.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.connection.start_ping(payload)?;
        self.flush().await
    }

    /// Sends a pong of at most 125 bytes of payload: the answer to a ping that
    /// [`recv_event`](Self::recv_event) returned, if automatic pongs are off, or an unsolicited one
    /// (RFC 6455 section 5.5.3). It replaces no automatic pong, and none replaces it.
    ///
    /// # Errors
    /// [`Error::ControlTooLong`], and as [`send`](Self::send).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send).
    pub async fn pong(&mut self, payload: &[u8]) -> Result<(), Error> {
        poll_fn(|cx| self.connection.poll_pong(cx, payload)).await?;
        self.flush().await
    }

    /// Closes the connection: sends a Close frame after what is queued, waits for the peer's, and
    /// ends the stream so that nothing in flight is lost. Messages that arrive meanwhile are
    /// ignored. If the connection is already closing or closed, it just waits for the end.
    ///
    /// [`CloseCode::NO_STATUS`] sends no code.
    ///
    /// # Errors
    /// [`Error::InvalidCloseCode`] and [`Error::ControlTooLong`] (a reason over 123 bytes) leave the
    /// connection as it was. [`Error::TimedOut`] if the peer does not answer within the [close
    /// timeout](crate::Options::close_timeout), and whatever else the connection ends with.
    ///
    /// # Cancel safety
    /// Cancelled, the Close frame is queued and goes out with whichever method is called next.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection.start_close(code, reason)?;
        poll_fn(|cx| self.connection.poll_close(cx)).await
    }

    /// The stream below. Reading or writing it by other means breaks the connection.
    #[must_use]
    pub fn stream(&self) -> &S {
        self.connection.stream()
    }

    /// Splits the connection into two halves that two tasks can use at once. The half that receives
    /// answers pings and keeps deadlines, even while the other half is in the middle of a message.
    #[must_use]
    pub fn split(self) -> (WebSocketReader<S>, WebSocketWriter<S>) {
        halves::split(self.connection)
    }

    /// The connection as a plain stream of bytes, for what expects a TCP connection.
    #[must_use]
    pub fn into_byte_stream(self) -> ByteStream<S> {
        self.into()
    }

    /// Queues the Close frame, unless the connection is closing already.
    pub(crate) fn start_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection.start_close(code, reason)
    }
}

impl<S> fmt::Debug for WebSocket<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("peer_addr", &self.connection.details.peer_addr())
            .field("subprotocol", &self.connection.details.subprotocol)
            .finish_non_exhaustive()
    }
}
