//! A WebSocket connection for the application.

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
use crate::connection::turns::without_budget;
use crate::error::Error;
use crate::message::Message;
use crate::message::event::Event;
use crate::message::outgoing::Outgoing;
use crate::transport::Transport;
use byte_stream::ByteStream;
use halves::{WebSocketReader, WebSocketWriter};
use message_reader::MessageReader;
use message_writer::MessageWriter;

/// A WebSocket connection over a stream `S`.
///
/// The connection has no task of its own: [`recv`](Self::recv) and the other methods that receive
/// move its bytes, answer its pings and keep its deadlines while they wait. Methods that only send
/// keep the write deadline alone, so an application that only sends receives as well.
///
/// ```no_run
/// # async fn serve(mut socket: websocket_listener::WebSocket) -> Result<(), websocket_listener::Error> {
/// while let Some(message) = socket.recv().await? {
///     socket.feed(message).await?; // leaves, with all fed messages, before `recv` waits
/// }
/// # Ok(())
/// # }
/// ```
///
/// Dropping it ends the stream without a closing handshake; the peer sees code 1006.
/// [`close`](Self::close) does the closing handshake.
///
/// # Beside `SinkExt` and `StreamExt`
/// A connection is also a `Stream` and a `Sink` of messages. Its own methods come first, also where
/// `futures_util::SinkExt` is in scope: `socket.close()` without arguments, as `SinkExt` has it, does
/// not compile ("this method takes 2 arguments"), and `socket.send(item)` is
/// [`send`](Self::send). These lines close the connection:
///
/// ```
/// use futures_util::SinkExt;
/// use websocket_listener::{CloseCode, Error, WebSocket};
///
/// # async fn own(mut socket: WebSocket) -> Result<(), Error> {
/// socket.close(CloseCode::NORMAL, "").await?;
/// # Ok(())
/// # }
/// # async fn as_sink(mut socket: WebSocket) -> Result<(), Error> {
/// SinkExt::close(&mut socket).await?; // the same, as a `Sink`
/// # Ok(())
/// # }
/// ```
#[doc(alias = "WebSocketStream")]
pub struct WebSocket<S = Transport> {
    connection: Box<Connection<S>>,
    /// The tasks of the `Stream` and the `Sink`.
    tasks: Option<Box<TwoTasks>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    pub(crate) fn new(connection: Box<Connection<S>>) -> Self {
        Self { connection, tasks: None }
    }

    /// Receives the next message; `None` once either side has closed the connection.
    ///
    /// Answers pings, and joins fragments. [Fed](Self::feed) messages leave before this waits. When
    /// the peer closes, this completes the closing handshake and ends the stream, within the [close
    /// timeout](crate::Options::close_timeout), before it returns `None`.
    ///
    /// A message of less than 4 KiB is copied, up to 1 KiB mostly without an allocation. A larger one
    /// that arrived whole shares the memory of its read, up to 128 KiB with its neighbours, which
    /// stays allocated while any of them is kept.
    ///
    /// # Errors
    /// The connection has ended without a closing handshake; every later call returns the same
    /// error. [`Error`] distinguishes the cases.
    ///
    /// # Cancel safety
    /// Cancel-safe. The next call continues a partly received message.
    #[inline]
    pub async fn recv(&mut self) -> Result<Option<Message>, Error> {
        poll_fn(|cx| self.connection.poll_recv(cx)).await
    }

    /// Receives the next message, ping or pong, as [`recv`](Self::recv) receives messages: for
    /// applications that observe control frames, or answer pings themselves
    /// ([`Options::automatic_pongs`](crate::Options::automatic_pongs)).
    ///
    /// A control frame between the frames of a message is returned before the message.
    ///
    /// ```
    /// # use websocket_listener::{Error, Event, WebSocket};
    /// /// The listener's options have `automatic_pongs(false)`.
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

    /// Waits for the next message, to be read as a stream; `None` once the connection is closed.
    ///
    /// Returns as soon as the message begins, and never holds it in memory as a whole. Skips the
    /// unread rest of the previous message first. Messages over
    /// [`max_message_bytes`](crate::Options::max_message_bytes) are refused as well; `u64::MAX`
    /// permits any length.
    ///
    /// The reader borrows the connection until its last use, after which the message can be answered:
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

    /// Sends a message: queues it whole, then waits until the operating system has accepted the whole
    /// queue.
    ///
    /// The message is a string (text) or bytes (binary), a [`Message`], a
    /// [`&PreparedMessage`](crate::PreparedMessage) that was encoded once for many connections, or
    /// [`Outgoing::as_is`] to bypass compression.
    ///
    /// # Errors
    /// [`Error::Closed`] once either side has closed, [`Error::MessageUnfinished`] after a message
    /// writer was dropped halfway, and the error that ended the connection.
    ///
    /// # Cancel safety
    /// The message is sent whole or not at all. Dropped while the write queue is full, or while a
    /// prepared message is being [encoded](crate::PreparedMessage), the future has not sent the
    /// message. Dropped later, it leaves the message queued, and the next call sends it.
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

    /// Sends a message without waiting. Bytes that the stream does not accept at once leave with the
    /// next call. For a slow peer, [`Options::slow_consumer`](crate::Options::slow_consumer) applies.
    /// Takes the same forms of message as [`send`](Self::send).
    ///
    /// If an extension is still encoding an earlier long message, this call first completes that.
    ///
    /// # Errors
    /// [`Error::QueueFull`] if the message was dropped and the connection continues;
    /// [`Error::Closed`] if either side has closed, or this endpoint closes now with 1013 because the
    /// peer is too slow; otherwise as [`send`](Self::send).
    #[doc(alias("backpressure", "nonblocking"))]
    pub fn try_send<'a>(&mut self, message: impl Into<Outgoing<'a>>) -> Result<(), Error> {
        let outgoing = message.into();
        // No task waits, because a wait would borrow the connection as well.
        let mut cx = Context::from_waker(Waker::noop());
        without_budget(|| {
            self.connection.try_send(&mut cx, |connection| sending::start(connection, outgoing))
        })
    }

    /// Returns true once no message can be sent any more: either side has closed, or the connection
    /// has ended.
    #[doc(alias = "is_connected")]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.connection.is_closed()
    }

    /// Queues a message. The queue leaves in one write, before [`recv`](Self::recv) waits, or with the
    /// next [`flush`](Self::flush). Takes the same forms of message as [`send`](Self::send).
    ///
    /// Waits only while the queue holds [`write_queue_bytes`](crate::Options::write_queue_bytes) or
    /// more.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// A dropped future has not queued the message.
    #[inline]
    pub fn feed<'a>(
        &mut self,
        message: impl Into<Outgoing<'a>>,
    ) -> impl Future<Output = Result<(), Error>> {
        let mut outgoing = Some(message.into());
        poll_fn(move |cx| sending::poll_feed(&mut self.connection, cx, &mut outgoing))
    }

    /// Waits until the operating system has accepted the whole queue.
    ///
    /// # Errors
    /// The error that ended the connection.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.connection.poll_flush(cx)).await
    }

    /// Begins a message that is written as a stream. Its bytes leave in frames of up to 16 KiB.
    ///
    /// [`MessageWriter::finish`] ends the message. A writer that is dropped after a part of its
    /// message was sent leaves the message unfinished: later messages are refused with
    /// [`Error::MessageUnfinished`], and only [`close`](Self::close) remains.
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, S> {
        MessageWriter::whole(&mut self.connection, kind)
    }

    /// Sends a ping with at most 125 bytes of payload. The pong updates [`latency`](Self::latency),
    /// once a method that receives has read it. Keepalive pings need no call: see
    /// [`Options::ping_interval`](crate::Options::ping_interval).
    ///
    /// # Errors
    /// [`Error::ControlTooLong`], and as [`send`](Self::send).
    ///
    /// # Cancel safety
    /// As [`send`](Self::send). The next ping replaces one that has not left yet.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.connection.start_ping(payload)?;
        self.flush().await
    }

    /// Sends a pong with at most 125 bytes of payload: the answer to a ping that
    /// [`recv_event`](Self::recv_event) returned, if automatic pongs are off, or an unsolicited one
    /// (RFC 6455 section 5.5.3). It does not replace an automatic pong, nor is it replaced.
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

    /// Closes the connection: sends a Close frame after the queue, waits for the peer's Close frame,
    /// and ends the stream so that no bytes in flight are lost. Ignores messages that arrive
    /// meanwhile. If the connection is already closing or closed, only waits for the end.
    ///
    /// [`CloseCode::NO_STATUS`] sends an empty Close frame.
    ///
    /// # Errors
    /// [`Error::InvalidCloseCode`] and [`Error::ControlTooLong`] (a reason over 123 bytes) do not
    /// change the connection. [`Error::TimedOut`] if the peer does not answer within the [close
    /// timeout](crate::Options::close_timeout), and the error that ends the connection.
    ///
    /// # Cancel safety
    /// A dropped future has queued the Close frame, which leaves with the next call.
    #[doc(alias("disconnect", "wait_closed"))]
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.connection.start_close(code, reason)?;
        poll_fn(|cx| self.connection.poll_close(cx)).await
    }

    /// Returns the stream below. Reading or writing it directly breaks the connection.
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

    /// Converts the connection to a plain stream of bytes, in place of a TCP connection.
    #[must_use]
    pub fn into_byte_stream(self) -> ByteStream<S> {
        self.into()
    }

    /// Queues a Close frame, unless the connection is already closing.
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
