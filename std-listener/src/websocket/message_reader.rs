//! Incoming messages as streams.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use websocket_listener_core::MessageKind;

use super::access::{Access, Shared};
use crate::connection::Connection;
use crate::connection::tasks::Side;
use crate::error::Error;
use crate::transport::Transport;

/// An incoming message: an [`AsyncRead`] that ends where the message ends.
///
/// The payload passes through: memory holds no more of it than one read of the socket has returned.
/// Text has been validated as UTF-8, but a read may end inside a character.
///
/// The next call that receives skips the unread rest of the message. If the connection ends inside
/// the message, reading fails, so a message that was read to its end is complete.
///
/// ```no_run
/// # async fn f(socket: websocket_listener::WebSocket) -> Result<(), Box<dyn std::error::Error>> {
/// let (mut reader, mut writer) = socket.split();
/// while let Some(mut incoming) = reader.next_message().await? {
///     let mut outgoing = writer.message_writer(incoming.kind());
///     tokio::io::copy(&mut incoming, &mut outgoing).await?;
///     outgoing.finish().await?;
/// }
/// # Ok(())
/// # }
/// ```
// No `Drop`, so that the borrow of the connection ends with the reader's last use, even inside a
// `while let`.
pub struct MessageReader<'a, S: AsyncRead + AsyncWrite + Unpin = Transport> {
    access: Access<'a, S>,
    kind: MessageKind,
}

impl<'a, S: AsyncRead + AsyncWrite + Unpin> MessageReader<'a, S> {
    pub(crate) fn whole(connection: &'a mut Connection<S>, kind: MessageKind) -> Self {
        Self { access: Access::Whole(connection), kind }
    }

    pub(crate) fn half(shared: &'a Shared<S>, kind: MessageKind) -> Self {
        Self { access: Access::Half(shared, Side::Reader), kind }
    }

    /// Returns the kind of the message.
    #[must_use]
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Returns the next piece of the message, as the socket has returned it; `None` at the message's
    /// end. Pieces of 4 KiB and more are not copied.
    ///
    /// # Errors
    /// The error that ended the connection.
    ///
    /// # Cancel safety
    /// Cancel-safe.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        poll_fn(|cx| self.access.poll(cx, Connection::poll_chunk)).await
    }
}

/// # Cancel safety
/// Reads are cancel-safe.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for MessageReader<'_, S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let access = &mut self.get_mut().access;
        ready!(access.poll(cx, |connection, cx| connection.poll_read_payload(cx, buffer)))?;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> fmt::Debug for MessageReader<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageReader").field("kind", &self.kind).finish_non_exhaustive()
    }
}
