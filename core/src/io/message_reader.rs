//! An incoming message as a stream.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Poll, ready};

use embedded_io_async::{ErrorType, Read};

use super::clock::Clock;
use super::receiving::Receiver;
use super::{ReadHalf, RecvError, WriteHalf};
use crate::MessageKind;

/// An incoming message, read as it arrives: of any length, through buffers of any size.
///
/// It may be dropped before its end: the next wait for a message skips the rest.
pub struct MessageReader<'s, R, W, C> {
    receiver: Receiver<'s, R, W, C>,
    kind: MessageKind,
    ended: bool,
}

impl<'s, R: ReadHalf, W: WriteHalf, C: Clock> MessageReader<'s, R, W, C> {
    pub(super) fn new(receiver: Receiver<'s, R, W, C>, kind: MessageKind) -> Self {
        Self { receiver, kind, ended: false }
    }

    /// Returns the kind of the message. Text is checked to be UTF-8 as it arrives; a read may end
    /// inside a character, except at the end of the message.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// Reads the next bytes of the message, once any have arrived; returns their number, 0 at the
    /// end of the message.
    ///
    /// Meanwhile pings are answered and deadlines checked, as in
    /// [`WebSocket::recv`](super::WebSocket::recv).
    ///
    /// # Errors
    /// The message stays incomplete, and the connection has ended: [`RecvError::Closed`] if the
    /// peer closed it inside the message, otherwise the errors of `recv`.
    ///
    /// # Cancel safety
    /// Safe: a dropped future has consumed nothing.
    pub fn read(&mut self, buffer: &mut [u8]) -> impl Future<Output = Result<usize, RecvError>> {
        let Self { receiver, ended, .. } = self;
        let mut reading =
            (!*ended && !buffer.is_empty()).then(|| receiver.receiving().read(buffer));
        poll_fn(move |cx| {
            let Some(reading) = &mut reading else { return Poll::Ready(Ok(0)) };
            let count = ready!(Pin::new(reading).poll(cx))?;
            *ended = count == 0;
            Poll::Ready(Ok(count))
        })
    }
}

impl<R, W, C> ErrorType for MessageReader<'_, R, W, C> {
    type Error = RecvError;
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Read for MessageReader<'_, R, W, C> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, RecvError> {
        MessageReader::read(self, buffer).await
    }
}

impl<R, W, C> fmt::Debug for MessageReader<'_, R, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageReader").field("kind", &self.kind).finish_non_exhaustive()
    }
}
