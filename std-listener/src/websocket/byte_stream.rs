//! A connection as a stream of bytes without messages.

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

/// The limit of a message in bytes.
const MESSAGE: usize = 64 * 1024;

/// A [`WebSocket`] as a plain stream of bytes, in place of a TCP connection: for a tunnel, SSH, or a
/// database's protocol. [`WebSocket::into_byte_stream`] returns it.
///
/// Each write is sent at once, as a binary message of at most 64 KiB. Reads return the payloads of
/// the received binary messages, without the boundaries between them.
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
/// The stream ends when the peer closes with code 1000, or without a code. Every other end, including
/// a shutdown of the listener, is an error, so end-of-file means that every byte arrived. A text
/// message is refused with 1003.
///
/// `shutdown` [closes](WebSocket::close) the connection with code 1000, in both directions, because a
/// WebSocket has no half-close. Later bytes from the peer are ignored.
///
/// As with the `WebSocket` itself, reading answers pings and keeps deadlines. Two tasks can use the
/// stream at once through [`tokio::io::split`].
///
/// # Errors
/// Each [`io::Error`] contains the [`Error`] of the connection ([`io::Error::downcast`]). A closing
/// handshake with another code is [`ConnectionAborted`](io::ErrorKind::ConnectionAborted), a text
/// message [`InvalidData`](io::ErrorKind::InvalidData).
///
/// # Cancel safety
/// Reads and writes are cancel-safe: a dropped one has consumed or sent nothing.
pub struct ByteStream<S = Transport> {
    socket: WebSocket<S>,
    state: State,
}

/// The state of the reading direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two messages.
    Between,
    /// Within a message.
    Inside,
    /// Refused, because of a text message.
    Refused,
    /// Ended, because this endpoint has closed.
    ShutDown,
}

impl<S> ByteStream<S> {
    /// Returns the connection, for its request, its addresses or its end.
    #[must_use]
    pub const fn websocket(&self) -> &WebSocket<S> {
        &self.socket
    }

    /// Returns the connection, for its messages. The unread rest of the last message is skipped.
    #[must_use]
    pub fn into_websocket(self) -> WebSocket<S> {
        self.socket
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> ByteStream<S> {
    /// Reads payload into `buffer`; nothing at the stream's end.
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
                    let text = "unexpected text message";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
                }
                State::ShutDown => {
                    ready!(self.poll(cx, Connection::poll_close))?;
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    /// Polls the connection for the reading task.
    fn poll<R>(
        &mut self,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        self.socket.poll_as(Side::Reader, cx, poll)
    }

    /// Returns an error unless the closing handshake shows that the peer has sent all its bytes. The
    /// peer's answer to a Close frame, such as that of the listener's shutdown, does not show it.
    fn end(&self) -> io::Result<()> {
        let text = match self.socket.close_reason() {
            Some(end) => match (end.initiator, end.code) {
                (_, CloseCode::NORMAL) | (Initiator::Peer, CloseCode::NO_STATUS) => return Ok(()),
                (Initiator::Peer, code) => format!("the peer closed with {code}: {}", end.reason),
                (_, code) => format!("closed by this endpoint, answered with {code}"),
            },
            None => "connection closed".to_owned(),
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
            // The message is queued, and the next call returns an error of its write.
            let _ = connection.poll_flush(cx);
            Poll::Ready(Ok::<_, Error>(()))
        }))?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(self.get_mut().socket.poll_as(Side::Writer, cx, Connection::poll_flush)) {
            // The closing handshake began after all bytes had left.
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
