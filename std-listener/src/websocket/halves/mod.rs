//! The halves of a connection, for two tasks.

mod details;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{CloseCode, MessageKind};

use super::WebSocket;
use super::access::Shared;
use super::message_reader::MessageReader;
use super::message_writer::MessageWriter;
use super::sending;
use crate::connection::Connection;
use crate::connection::tasks::Side;
use crate::connection::turns::without_budget;
use crate::error::Error;
use crate::message::Message;
use crate::message::event::Event;
use crate::message::outgoing::Outgoing;
use crate::message::prepared::PreparedMessage;
use crate::transport::Transport;

pub(crate) fn split<S>(
    mut connection: Box<Connection<S>>,
) -> (WebSocketReader<S>, WebSocketWriter<S>) {
    connection.is_shared = true;
    let shared = Arc::new(Shared::new(connection));
    (WebSocketReader { shared: shared.clone() }, WebSocketWriter { shared })
}

/// The receiving half of a connection.
///
/// The task that waits here answers pings, keeps deadlines and notices a close, so an application
/// that only sends receives as well. The connection is dropped with the second of its halves.
///
/// A connection has one reader, which waits for one message at a time:
///
/// ```compile_fail,E0499
/// # async fn f(mut reader: websocket_listener::WebSocketReader) {
/// let (first, second) = (reader.recv(), reader.recv());
/// # tokio::join!(first, second);
/// # }
/// ```
pub struct WebSocketReader<S = Transport> {
    shared: Arc<Shared<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketReader<S> {
    /// As [`WebSocket::recv`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn recv(&mut self) -> Result<Option<Message>, Error> {
        poll_fn(|cx| self.shared.poll(Side::Reader, cx, Connection::poll_recv)).await
    }

    /// As [`WebSocket::recv_event`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn recv_event(&mut self) -> Result<Option<Event>, Error> {
        poll_fn(|cx| self.shared.poll(Side::Reader, cx, Connection::poll_event)).await
    }

    /// As [`WebSocket::next_message`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, S>>, Error> {
        let kind =
            poll_fn(|cx| self.shared.poll(Side::Reader, cx, Connection::poll_next_message)).await?;
        Ok(kind.map(|kind| MessageReader::half(&self.shared, kind)))
    }

    /// Joins the two halves of a connection.
    ///
    /// # Errors
    /// Returns both if they are not halves of the same connection.
    pub fn reunite(
        self,
        writer: WebSocketWriter<S>,
    ) -> Result<WebSocket<S>, (Self, WebSocketWriter<S>)> {
        if !Arc::ptr_eq(&self.shared, &writer.shared) {
            return Err((self, writer));
        }
        let shared = self.shared.clone();
        drop((self, writer));
        match Arc::try_unwrap(shared) {
            Ok(shared) => Ok(WebSocket::new(shared.into_connection())),
            // A connection has two halves.
            Err(_) => unreachable!("a third half"),
        }
    }
}

impl<S> Drop for WebSocketReader<S> {
    /// Leaves the connection to the writer alone.
    fn drop(&mut self) {
        self.shared.lock().is_shared = false;
    }
}

/// The sending half of a connection.
///
/// A task has to receive from the [`WebSocketReader`], so that pings are answered and a close is
/// noticed.
///
/// A connection has one writer. Several tasks that send whole messages pass them through a channel to
/// the task that has the writer:
///
/// ```
/// use tokio::sync::mpsc;
/// use websocket_listener::{Error, Message, WebSocketWriter};
///
/// async fn send_all(mut writer: WebSocketWriter, mut queue: mpsc::Receiver<Message>) -> Result<(), Error> {
///     while let Some(message) = queue.recv().await {
///         writer.feed(message).await?;
///         if queue.is_empty() {
///             writer.flush().await?; // fed messages leave in one write
///         }
///     }
///     Ok(())
/// }
/// ```
pub struct WebSocketWriter<S = Transport> {
    shared: Arc<Shared<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocketWriter<S> {
    /// As [`WebSocket::send`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub fn send<'a>(
        &mut self,
        message: impl Into<Outgoing<'a>>,
    ) -> impl Future<Output = Result<(), Error>> {
        // Not an `async fn`, which would hold the message twice, in every waiting task.
        let mut outgoing = Some(message.into());
        poll_fn(move |cx| {
            self.shared.poll(Side::Writer, cx, |connection, cx| {
                sending::poll_send(connection, cx, &mut outgoing)
            })
        })
    }

    /// As [`WebSocket::send_text`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub fn send_text(&mut self, text: &str) -> impl Future<Output = Result<(), Error>> {
        self.send(text)
    }

    /// As [`WebSocket::send_binary`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub fn send_binary(&mut self, payload: &[u8]) -> impl Future<Output = Result<(), Error>> {
        self.send(payload)
    }

    /// As [`WebSocket::try_send`]. The reader's task writes the bytes that the stream does not accept
    /// at once.
    /// See [`broadcast`](crate::broadcast()) for many writers.
    ///
    /// # Errors
    /// See there.
    #[doc(alias("backpressure", "nonblocking"))]
    pub fn try_send<'a>(&mut self, message: impl Into<Outgoing<'a>>) -> Result<(), Error> {
        let outgoing = message.into();
        without_budget(|| self.shared.try_send(|connection| sending::start(connection, outgoing)))
    }

    pub(crate) fn try_send_prepared_now(&mut self, message: &PreparedMessage) -> Result<(), Error> {
        self.shared.try_send(|connection| connection.start_send_prepared(message))
    }

    pub(crate) fn try_ping_now(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.shared.try_ping(payload)
    }

    /// Returns true once no message can be sent any more: either side has closed, or the connection
    /// has ended.
    #[doc(alias("is_connected", "wait_closed"))]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.lock().is_closed()
    }

    /// As [`WebSocket::feed`], except that a wait of the reader's task does not send the message:
    /// [`flush`](Self::flush) after the last message does.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub fn feed<'a>(
        &mut self,
        message: impl Into<Outgoing<'a>>,
    ) -> impl Future<Output = Result<(), Error>> {
        let mut outgoing = Some(message.into());
        poll_fn(move |cx| {
            self.shared.poll(Side::Writer, cx, |connection, cx| {
                sending::poll_feed(connection, cx, &mut outgoing)
            })
        })
    }

    /// As [`WebSocket::flush`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.shared.poll(Side::Writer, cx, Connection::poll_flush)).await
    }

    /// As [`WebSocket::message_writer`].
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, S> {
        MessageWriter::half(&self.shared, kind)
    }

    /// As [`WebSocket::ping`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.shared.lock().start_ping(payload)?;
        self.flush().await
    }

    /// As [`WebSocket::pong`].
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    pub async fn pong(&mut self, payload: &[u8]) -> Result<(), Error> {
        poll_fn(|cx| {
            self.shared.poll(Side::Writer, cx, |connection, cx| connection.poll_pong(cx, payload))
        })
        .await?;
        self.flush().await
    }

    /// As [`WebSocket::close`]. Messages that the reader has not received by then may be ignored.
    ///
    /// # Errors
    /// See there.
    ///
    /// # Cancel safety
    /// See there.
    #[doc(alias("disconnect", "wait_closed"))]
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.shared.lock().start_close(code, reason)?;
        poll_fn(|cx| self.shared.poll(Side::Writer, cx, Connection::poll_close)).await
    }
}

/// Yields messages until the connection is closed, or an error once.
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for WebSocketReader<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.shared.poll(Side::Reader, cx, Connection::poll_next_item)
    }
}

/// Sends messages: `start_send` is [`feed`](WebSocketWriter::feed), `close` sends code 1000.
impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WebSocketWriter<S> {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.poll(Side::Writer, cx, Connection::poll_ready)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.shared.lock().start_send(message)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.poll(Side::Writer, cx, Connection::poll_flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.shared.lock().start_close(CloseCode::NORMAL, "")?;
        self.shared.poll(Side::Writer, cx, Connection::poll_close)
    }
}

impl<S> fmt::Debug for WebSocketReader<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketReader").finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for WebSocketWriter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketWriter").finish_non_exhaustive()
    }
}
