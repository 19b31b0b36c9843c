//! An outgoing message as a stream.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Poll, ready};

use embedded_io_async::{ErrorType, Write};

use super::clock::Clock;
use super::piece::Piece;
use super::shared::Shared;
use super::{SendError, WriteHalf};
use crate::{MessageKind, Utf8Validator};

/// An outgoing message, written piece by piece: of any length, through a buffer of any size.
///
/// Every write puts one frame into the transport's buffer, with as much of the payload as fits.
///
/// [`finish`](Self::finish) ends the message. If the writer is dropped before that:
/// - if nothing was written, nothing was sent;
/// - otherwise the message stays unfinished, and the peer waits for its end. Every later message is
///   refused with [`SendError::MessageUnfinished`]. Pings, pongs and a close still go out; the
///   application can only close the connection.
pub struct MessageWriter<'s, W, C> {
    shared: &'s Shared<W, C>,
    kind: MessageKind,
    text: Utf8Validator,
    begun: bool,
}

impl<'s, W: WriteHalf, C: Clock> MessageWriter<'s, W, C> {
    pub(super) fn new(shared: &'s Shared<W, C>, kind: MessageKind) -> Self {
        Self { shared, kind, text: Utf8Validator::new(), begun: false }
    }

    /// Returns the kind of the message.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Writes as much of a piece of the message as there is room for; returns the number of bytes.
    /// Waits for room, at most for the write timeout. The bytes may stay in a buffer until
    /// [`flush`](Self::flush) or [`finish`](Self::finish).
    ///
    /// # Errors
    /// Nothing of the piece was written. After [`SendError::InvalidUtf8`], which is for a text
    /// whose bytes are not UTF-8, the message can continue with other bytes.
    ///
    /// # Cancel safety
    /// Safe: a dropped future has written nothing.
    pub fn write<'p>(
        &'p mut self,
        payload: &'p [u8],
    ) -> impl Future<Output = Result<usize, SendError>> {
        self.frame(payload, false)
    }

    /// Flushes the frames that were written so far.
    ///
    /// # Errors
    /// The connection is over.
    ///
    /// # Cancel safety
    /// Safe: no byte is lost or sent twice.
    pub async fn flush(&mut self) -> Result<(), SendError> {
        self.shared.flush_frames().await
    }

    /// Ends the message with a last frame, and flushes it.
    ///
    /// # Errors
    /// The message is unfinished, or could not be flushed. [`SendError::InvalidUtf8`] if it is a
    /// text that ends inside a character.
    ///
    /// # Cancel safety
    /// The last frame is written whole or not at all. If it was not, the message is unfinished, as
    /// with a writer that was dropped.
    pub async fn finish(mut self) -> Result<(), SendError> {
        self.frame(&[], true).await?;
        self.shared.flush_frames().await
    }

    /// Writes a frame, but none for an empty payload in the middle of the message.
    fn frame<'p>(
        &'p mut self,
        payload: &'p [u8],
        last: bool,
    ) -> impl Future<Output = Result<usize, SendError>> {
        let text = (self.kind == MessageKind::Text).then_some(&mut self.text);
        let piece = Piece::part(self.kind, !self.begun, last, payload, text);
        let mut frame = (last || !payload.is_empty()).then(|| self.shared.frame(piece));
        let begun = &mut self.begun;
        poll_fn(move |cx| {
            let Some(frame) = &mut frame else { return Poll::Ready(Ok(0)) };
            let written = ready!(Pin::new(frame).poll(cx))?;
            *begun = true;
            Poll::Ready(Ok(written))
        })
    }
}

impl<W, C> ErrorType for MessageWriter<'_, W, C> {
    type Error = SendError;
}

impl<W: WriteHalf, C: Clock> Write for MessageWriter<'_, W, C> {
    async fn write(&mut self, payload: &[u8]) -> Result<usize, SendError> {
        MessageWriter::write(self, payload).await
    }

    async fn flush(&mut self) -> Result<(), SendError> {
        MessageWriter::flush(self).await
    }
}

impl<W, C> fmt::Debug for MessageWriter<'_, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageWriter").field("kind", &self.kind).finish_non_exhaustive()
    }
}
