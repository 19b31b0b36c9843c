//! A connection as bytes without messages.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use websocket_listener_core::{CloseCode, Initiator, MessageKind};

use super::WebSocket;
use crate::connection::Connection;
use crate::connection::tasks::Side;
use crate::error::Error;
use crate::message::payload::Borrowed;
use crate::transport::Transport;

/// How many bytes a message takes at most.
const MESSAGE: usize = 64 * 1024;

/// A [`WebSocket`] used as a plain stream of bytes, for what expects a TCP connection: a tunnel, SSH,
/// a database's protocol. Made by [`WebSocket::into_byte_stream`].
///
/// Each write is sent at once, as a binary message of at most 64 KiB. Reads return the payloads of
/// the binary messages that come, one after another; the ends of messages cannot be seen.
///
/// ```no_run
/// use tokio::io::copy_bidirectional;
/// use tokio::net::TcpStream;
/// use websocket_listener::WebSocket;
///
/// /// Makes a TCP service reachable from browsers.
/// async fn forward(socket: WebSocket, service: &str) -> std::io::Result<()> {
///     let mut tcp = TcpStream::connect(service).await?;
///     copy_bidirectional(&mut socket.into_byte_stream(), &mut tcp).await?;
///     Ok(())
/// }
/// ```
///
/// The stream ends when the peer closes with code 1000, or with none. Any other end is an error, a
/// shutdown of the listener, too, so bytes that were read to their end are all that were sent. A text
/// message is refused with 1003.
///
/// `shutdown` [closes](WebSocket::close) the connection with code 1000, and with it the other
/// direction, too: a WebSocket has no half-close. What the peer sends after that is ignored.
///
/// As with the `WebSocket` itself, reading answers pings and keeps deadlines. Two tasks can use it
/// at once through [`tokio::io::split`].
///
/// # Errors
/// The [`io::Error`]s hold the [`Error`] of the connection
/// ([`io::Error::downcast`]). A closing handshake with another code is
/// [`ConnectionAborted`](io::ErrorKind::ConnectionAborted), a text message
/// [`InvalidData`](io::ErrorKind::InvalidData).
///
/// # Cancel safety
/// Reads and writes are cancel-safe: cancelled, they have taken nothing.
pub struct ByteStream<S = Transport> {
    socket: WebSocket<S>,
    state: State,
}

/// What a read returns next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A message, once it comes.
    Between,
    /// Payload of the message that is coming in.
    Inside,
    /// An error, because a text message came.
    Refused,
    /// The end, because this end has closed.
    ShutDown,
}

impl<S> ByteStream<S> {
    /// The connection, to ask it for its request, its addresses, or how it ended.
    #[must_use]
    pub const fn websocket(&self) -> &WebSocket<S> {
        &self.socket
    }

    /// The connection, to use its messages again. What was not read of the last one is skipped.
    #[must_use]
    pub fn into_websocket(self) -> WebSocket<S> {
        self.socket
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> ByteStream<S> {
    /// Payload into `buffer`; nothing at the stream's end.
    fn poll_payload(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        loop {
            match self.state {
                State::Between => match ready!(self.poll(cx, Connection::poll_next_message))? {
                    Some(MessageKind::Binary) => self.state = State::Inside,
                    Some(MessageKind::Text) => {
                        self.state = State::Refused;
                        let _ = self.socket.start_close(CloseCode::UNSUPPORTED_DATA, "not binary");
                    }
                    None => return Poll::Ready(self.end()),
                },
                State::Inside => {
                    let read = |connection: &mut Connection<S>, cx: &mut Context<'_>| {
                        connection.poll_read_payload(cx, buffer)
                    };
                    ready!(self.poll(cx, read))?;
                    if buffer.remaining() < room {
                        return Poll::Ready(Ok(()));
                    }
                    self.state = State::Between;
                }
                State::Refused => {
                    let _ = ready!(self.poll(cx, Connection::poll_close));
                    let text = "a text message came, where only binary ones are bytes";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
                }
                State::ShutDown => {
                    ready!(self.poll(cx, Connection::poll_close))?;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    /// Polls for whoever reads.
    fn poll<R>(
        &mut self,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        self.socket.poll_as(Side::Reader, cx, poll)
    }

    /// What the closing handshake says about the bytes before it: whether they are all that the peer
    /// wanted to send. It does not say so if it only answers, say the listener's shutdown.
    fn end(&self) -> io::Result<()> {
        let text = match self.socket.close_reason() {
            Some(end) => match (end.initiator, end.code) {
                (_, CloseCode::NORMAL) | (Initiator::Peer, CloseCode::NO_STATUS) => return Ok(()),
                (Initiator::Peer, code) => format!("the peer closed with {code}: {}", end.reason),
                (_, code) => format!("this end closed, and the peer answered with {code}"),
            },
            None => "the connection was closed".to_owned(),
        };
        Err(io::Error::new(io::ErrorKind::ConnectionAborted, text))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for ByteStream<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.get_mut().poll_payload(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ByteStream<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let length = bytes.len().min(MESSAGE);
        if length == 0 {
            return Poll::Ready(Ok(0));
        }
        ready!(self.get_mut().socket.poll_as(Side::Writer, cx, |connection, cx| {
            ready!(connection.poll_ready(cx))?;
            connection.start_send_payload(MessageKind::Binary, Borrowed(&bytes[..length]))?;
            // The message is taken; if its writing fails, whatever is called next tells.
            let _ = connection.poll_flush(cx);
            Poll::Ready(Ok::<_, Error>(()))
        }))?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.get_mut().socket.poll_as(Side::Writer, cx, Connection::poll_flush)) {
            // A closing handshake has let everything leave before.
            Ok(()) | Err(Error::Closed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(error.into())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.state != State::Refused {
            this.socket.start_close(CloseCode::NORMAL, "")?;
            this.state = State::ShutDown;
        }
        ready!(this.socket.poll_as(Side::Writer, cx, Connection::poll_close))?;
        Poll::Ready(Ok(()))
    }
}

impl<S> From<WebSocket<S>> for ByteStream<S> {
    fn from(socket: WebSocket<S>) -> Self {
        Self { socket, state: State::Between }
    }
}

impl<S> fmt::Debug for ByteStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByteStream").field(&self.socket).finish()
    }
}
