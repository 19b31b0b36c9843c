//! Outgoing messages as streams.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{MessageKind, Utf8Validator};

use super::access::{Access, Shared};
use crate::connection::Connection;
use crate::connection::sending::Fragment;
use crate::connection::tasks::Side;
use crate::error::Error;
use crate::transport::Transport;

/// The number of bytes gathered for a frame.
const FRAGMENT: usize = 16 * 1024;

/// An outgoing message: an [`AsyncWrite`] whose bytes leave in frames of up to 16 KiB.
/// [`write_chunk`](Self::write_chunk) sends a piece as a frame of its own.
///
/// [`finish`](Self::finish) ends the message, as `shutdown` does. `flush` sends the gathered bytes as
/// a frame. A writer that is dropped before its first frame sends nothing. Dropped later, it leaves
/// its message unfinished, and every later message on this connection is refused with
/// [`Error::MessageUnfinished`], because the peer must not mistake a part for the whole.
///
/// Text is validated as UTF-8; a write may end inside a character. A write of other bytes fails with
/// [`Error::InvalidUtf8`] and sends nothing. The text before it remains, and `finish` would send it as
/// the whole message; dropping the writer does not.
///
/// ```no_run
/// use tokio::io::AsyncWriteExt;
/// use websocket_listener::{Error, MessageKind, WebSocket};
///
/// async fn count(mut socket: WebSocket) -> Result<(), Error> {
///     let mut numbers = socket.message_writer(MessageKind::Text);
///     for number in 0..1_000_000 {
///         numbers.write_all(format!("{number}\n").as_bytes()).await?;
///     }
///     numbers.finish().await
/// }
/// ```
#[must_use = "a message ends with `finish`"]
pub struct MessageWriter<'a, S: AsyncRead + AsyncWrite + Unpin = Transport> {
    access: Access<'a, S>,
    kind: MessageKind,
    gathered: BytesMut,
    text: Utf8Validator,
    as_is: bool,
    /// A frame of the message has been queued.
    started: bool,
    finished: bool,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> MessageWriter<'a, S> {
    pub(crate) fn whole(connection: &'a mut Connection<S>, kind: MessageKind) -> Self {
        Self::new(Access::Whole(connection), kind)
    }

    pub(crate) fn half(shared: &'a Shared<S>, kind: MessageKind) -> Self {
        Self::new(Access::Half(shared, Side::Writer), kind)
    }

    fn new(access: Access<'a, S>, kind: MessageKind) -> Self {
        Self {
            access,
            kind,
            gathered: BytesMut::new(),
            text: Utf8Validator::new(),
            as_is: false,
            started: false,
            finished: false,
        }
    }

    /// Returns the kind of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Bypasses the agreed extension: for compressed data, or for a secret whose length compression
    /// would reveal. It has to be called before the first write.
    pub fn as_is(mut self) -> Self {
        self.as_is = true;
        self
    }

    /// Adds a piece of the message as a frame of its own, after the gathered bytes; a piece of 16 KiB
    /// or more is not copied. It leaves with the next call, and before a reader waits. The
    /// counterpart of [`MessageReader::chunk`](crate::MessageReader::chunk), to forward a message
    /// while it arrives. An extension encodes a piece without a pause, so pieces should be no larger
    /// than those of a reader, some 100 KiB.
    ///
    /// ```no_run
    /// # use websocket_listener::{Error, WebSocket};
    /// async fn relay(from: WebSocket, to: WebSocket) -> Result<(), Error> {
    ///     let (mut reader, _) = from.split();
    ///     let (_, mut writer) = to.split();
    ///     while let Some(mut incoming) = reader.next_message().await? {
    ///         let mut outgoing = writer.message_writer(incoming.kind());
    ///         while let Some(chunk) = incoming.chunk().await? {
    ///             outgoing.write_chunk(chunk).await?;
    ///         }
    ///         outgoing.finish().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidUtf8`] if the message is text and the piece makes it invalid,
    /// [`Error::Closed`] after the message's end, and the error that ended the connection.
    ///
    /// # Cancel safety
    /// Cancel-safe: a dropped future has added nothing of the piece.
    pub async fn write_chunk(&mut self, chunk: impl Into<Bytes>) -> Result<(), Error> {
        let chunk = chunk.into();
        poll_fn(|cx| self.poll_chunk(cx, &chunk)).await
    }

    /// Ends the message and waits until the operating system has accepted it. The last queued frame
    /// becomes the final one if it has not been written yet and no extension is in use; otherwise an
    /// empty frame follows.
    ///
    /// # Errors
    /// [`Error::InvalidUtf8`] if text ends inside a character, and the error that ended the
    /// connection.
    ///
    /// # Cancel safety
    /// Dropped while the write queue is full, it leaves the message unfinished, as a dropped writer
    /// does. `shutdown` can be resumed.
    pub async fn finish(mut self) -> Result<(), Error> {
        poll_fn(|cx| self.poll_finish(cx)).await
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.finished {
            if !self.text.is_complete() {
                return Poll::Ready(Err(Error::InvalidUtf8));
            }
            if !self.end_with_last_frame() {
                ready!(self.poll_frame(cx, true))?;
            }
        }
        self.access.poll(cx, Connection::poll_flush)
    }

    /// Ends the message with the last queued frame, if no bytes have to follow it.
    fn end_with_last_frame(&mut self) -> bool {
        let kind = self.kind;
        self.finished = self.started
            && self.gathered.is_empty()
            && self.access.with(|connection| connection.end_with_last_fragment(kind));
        self.finished
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>, chunk: &Bytes) -> Poll<Result<(), Error>> {
        if self.finished {
            return Poll::Ready(Err(Error::Closed));
        }
        let text = self.check(chunk)?;
        if !self.gathered.is_empty() {
            ready!(self.poll_frame(cx, false))?;
        }
        if !chunk.is_empty() {
            ready!(self.poll_queue(cx, false, |_| chunk.clone()))?;
        }
        self.text = text;
        Poll::Ready(Ok(()))
    }

    /// Returns the state of the UTF-8 validation after a further piece. Binary messages are not
    /// validated.
    fn check(&self, piece: &[u8]) -> Result<Utf8Validator, Error> {
        let mut text = self.text;
        if self.kind == MessageKind::Text {
            text.push(piece).map_err(|_| Error::InvalidUtf8)?;
        }
        Ok(text)
    }

    /// Queues the gathered bytes as a frame.
    fn poll_frame(&mut self, cx: &mut Context<'_>, last: bool) -> Poll<Result<(), Error>> {
        self.poll_queue(cx, last, |gathered| gathered.split().freeze())
    }

    /// Queues a frame.
    fn poll_queue(
        &mut self,
        cx: &mut Context<'_>,
        last: bool,
        payload: impl FnOnce(&mut BytesMut) -> Bytes,
    ) -> Poll<Result<(), Error>> {
        let fragment = Fragment { kind: self.kind, first: !self.started, last, as_is: self.as_is };
        let Self { access, gathered, .. } = self;
        ready!(access.poll(cx, |connection, cx| {
            ready!(connection.poll_ready(cx))?;
            Poll::Ready(connection.start_send_fragment(fragment, payload(gathered)))
        }))?;
        self.started = true;
        self.finished = last;
        Poll::Ready(Ok(()))
    }

    fn poll_gather(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Error>> {
        if self.finished {
            return Poll::Ready(Err(Error::Closed));
        }
        if self.gathered.len() >= FRAGMENT {
            ready!(self.poll_frame(cx, false))?;
        }
        let length = bytes.len().min(FRAGMENT - self.gathered.len());
        self.text = self.check(&bytes[..length])?;
        self.gathered.extend_from_slice(&bytes[..length]);
        Poll::Ready(Ok(length))
    }

    fn poll_send_gathered(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if !self.gathered.is_empty() {
            ready!(self.poll_frame(cx, false))?;
        }
        self.access.poll(cx, Connection::poll_flush)
    }
}

/// # Cancel safety
/// Writes are cancel-safe: a dropped write has sent nothing.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for MessageWriter<'_, S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_gather(cx, bytes).map_err(io::Error::from)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_send_gathered(cx).map_err(io::Error::from)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_finish(cx).map_err(io::Error::from)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> fmt::Debug for MessageWriter<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageWriter").field("kind", &self.kind).finish_non_exhaustive()
    }
}
