//! One connection for two tasks.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Wake;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use atomic_waker::AtomicWaker;
use futures_core::Stream;
use futures_sink::Sink;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::payload::Borrowed;
use crate::transport::Transport;
use crate::{
    CloseCode, Error, Message, MessageKind, MessageReader, MessageWriter, PreparedMessage,
};

/// What the halves share. The lock is held within a poll, never across an await.
pub(crate) struct Shared<S> {
    connection: Mutex<Box<Connection<S>>>,
    wakers: Arc<Wakers>,
    /// Wakes both tasks. The stream and the registry know one waker each, and what either half waits
    /// for may be noticed, and the other's control frames written, by whichever comes first.
    both: Waker,
}

#[derive(Default)]
struct Wakers {
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.reader.wake();
        self.writer.wake();
    }
}

/// Whose task a poll is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Reader,
    Writer,
}

impl<S> Shared<S> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<Connection<S>>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn poll<R>(
        &self,
        side: Side,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        match side {
            Side::Reader => self.wakers.reader.register(cx.waker()),
            Side::Writer => self.wakers.writer.register(cx.waker()),
        }
        poll(&mut self.lock(), &mut Context::from_waker(&self.both))
    }
}

pub(crate) fn split<S>(connection: Box<Connection<S>>) -> (ReadHalf<S>, WriteHalf<S>) {
    let wakers = Arc::new(Wakers::default());
    let both = Waker::from(wakers.clone());
    let shared = Arc::new(Shared { connection: Mutex::new(connection), wakers, both });
    (ReadHalf { shared: shared.clone() }, WriteHalf { shared })
}

/// The receiving half of a connection.
///
/// Keep receiving, even if you only send: pings are answered, deadlines kept and a close noticed by
/// whoever waits here. The connection is dropped with the second of its halves.
pub struct ReadHalf<S = Transport> {
    shared: Arc<Shared<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> ReadHalf<S> {
    /// As [`WebSocket::recv`](crate::WebSocket::recv).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn recv(&mut self) -> Result<Option<Message>, Error> {
        poll_fn(|cx| self.shared.poll(Side::Reader, cx, Connection::poll_recv)).await
    }

    /// As [`WebSocket::next_message`](crate::WebSocket::next_message).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn next_message(&mut self) -> Result<Option<MessageReader<'_, S>>, Error> {
        let kind =
            poll_fn(|cx| self.shared.poll(Side::Reader, cx, Connection::poll_next_message)).await?;
        Ok(kind.map(|kind| MessageReader::half(&self.shared, kind)))
    }

    /// As [`WebSocket::latency`](crate::WebSocket::latency).
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.shared.lock().protocol().latency()
    }

    /// The code of the peer's Close frame and its reason, once the connection has ended; see
    /// [`WebSocket::close_reason`](crate::WebSocket::close_reason).
    #[must_use]
    pub fn close_reason(&self) -> Option<(CloseCode, String)> {
        close_reason(&self.shared)
    }
}

/// The sending half of a connection.
///
/// Needs someone at the [`ReadHalf`] for pings to be answered and a close to be noticed.
pub struct WriteHalf<S = Transport> {
    shared: Arc<Shared<S>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WriteHalf<S> {
    /// As [`WebSocket::send`](crate::WebSocket::send).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn send(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        self.feed(message).await?;
        self.flush().await
    }

    /// As [`WebSocket::send_text`](crate::WebSocket::send_text).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn send_text(&mut self, text: &str) -> Result<(), Error> {
        self.start(|connection| {
            connection.start_send_payload(MessageKind::Text, Borrowed(text.as_bytes()))
        })
        .await?;
        self.flush().await
    }

    /// As [`WebSocket::send_binary`](crate::WebSocket::send_binary).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn send_binary(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.start(|connection| {
            connection.start_send_payload(MessageKind::Binary, Borrowed(payload))
        })
        .await?;
        self.flush().await
    }

    /// As [`WebSocket::send_prepared`](crate::WebSocket::send_prepared).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn send_prepared(&mut self, message: &PreparedMessage) -> Result<(), Error> {
        self.start(|connection| connection.start_send_prepared(message)).await?;
        self.flush().await
    }

    /// As [`WebSocket::feed`](crate::WebSocket::feed).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn feed(&mut self, message: impl Into<Message>) -> Result<(), Error> {
        let message = message.into();
        self.start(|connection| connection.start_send(message)).await
    }

    /// As [`WebSocket::flush`](crate::WebSocket::flush).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn flush(&mut self) -> Result<(), Error> {
        poll_fn(|cx| self.shared.poll(Side::Writer, cx, Connection::poll_flush)).await
    }

    /// As [`WebSocket::message_writer`](crate::WebSocket::message_writer).
    pub fn message_writer(&mut self, kind: MessageKind) -> MessageWriter<'_, S> {
        MessageWriter::half(&self.shared, kind)
    }

    /// As [`WebSocket::ping`](crate::WebSocket::ping).
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.shared.lock().start_ping(payload)?;
        self.flush().await
    }

    /// As [`WebSocket::close`](crate::WebSocket::close). Messages that the other half has not
    /// received by then may be ignored.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.shared.lock().start_close(code, reason)?;
        poll_fn(|cx| self.shared.poll(Side::Writer, cx, Connection::poll_close)).await
    }

    /// As [`WebSocket::latency`](crate::WebSocket::latency).
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.shared.lock().protocol().latency()
    }

    /// As [`ReadHalf::close_reason`].
    #[must_use]
    pub fn close_reason(&self) -> Option<(CloseCode, String)> {
        close_reason(&self.shared)
    }

    /// Waits for room in the queue and queues, under one lock.
    async fn start(
        &mut self,
        start: impl FnOnce(&mut Connection<S>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut start = Some(start);
        poll_fn(|cx| {
            self.shared.poll(Side::Writer, cx, |connection, cx| {
                ready!(connection.poll_ready(cx))?;
                Poll::Ready(start.take().map_or(Ok(()), |start| start(connection)))
            })
        })
        .await
    }
}

fn close_reason<S: AsyncRead + AsyncWrite + Unpin>(
    shared: &Shared<S>,
) -> Option<(CloseCode, String)> {
    let connection = shared.lock();
    let reason = connection.protocol().close_reason()?;
    Some((reason.code, reason.reason.to_owned()))
}

/// Messages until the connection is closed, or an error once.
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for ReadHalf<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.shared.poll(Side::Reader, cx, Connection::poll_next_item)
    }
}

/// `start_send` is [`feed`](WriteHalf::feed), `close` sends code 1000.
impl<S: AsyncRead + AsyncWrite + Unpin> Sink<Message> for WriteHalf<S> {
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

impl<S> fmt::Debug for ReadHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for WriteHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}
