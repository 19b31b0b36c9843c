//! A read half made of an `embedded_io_async::Read` and the caller's buffer.

use core::cell::Cell;
use core::fmt;
use core::future::poll_fn;
use core::ops::Range;
use core::pin::Pin;
use core::task::{Context, Poll};

use embedded_io_async::{Error, ErrorType, Read};

use super::ReadHalf;

/// The receive buffer of a [`BufferedReader`]: holds bytes from the stream until the connection
/// takes them.
///
/// It may have any size from one byte: messages of any length pass through it. A larger one saves
/// calls of the reader.
pub struct ReadBuffer<'b> {
    /// Taken out while it is read into.
    bytes: Cell<&'b mut [u8]>,
    /// The range of the bytes that were read but not taken.
    start: Cell<usize>,
    end: Cell<usize>,
}

impl<'b> ReadBuffer<'b> {
    /// Creates the buffer of a stream from which nothing was read in advance.
    #[must_use]
    pub fn new(bytes: &'b mut [u8]) -> Self {
        Self::with_received(bytes, 0..0)
    }

    /// Creates the buffer of a stream whose next bytes are already in the `received` part of it:
    /// those that came after the opening handshake.
    #[must_use]
    pub fn with_received(bytes: &'b mut [u8], received: Range<usize>) -> Self {
        let end = received.end.min(bytes.len());
        Self {
            bytes: Cell::new(bytes),
            start: Cell::new(received.start.min(end)),
            end: Cell::new(end),
        }
    }

    /// Reads whenever a [`BufferedReader`] finds the buffer empty, to the end of the stream.
    ///
    /// # Errors
    /// The errors of the reader; the `BufferedReader` returns them.
    ///
    /// # Cancel safety
    /// Dropped with the `BufferedReader` that polls it; bytes that were read and not taken are
    /// lost.
    pub async fn fill_from<R: Read>(&self, mut reader: R) -> Result<(), R::Error> {
        loop {
            poll_fn(|_| if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }).await;
            let bytes = self.bytes.take();
            let count = reader.read(bytes).await;
            self.start.set(0);
            self.end.set(count.as_ref().map_or(0, |count| bytes.len().min(*count)));
            self.bytes.set(bytes);
            if count? == 0 {
                return Ok(());
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.start.get() >= self.end.get()
    }

    /// Calls `take` with the bytes, and drops as many from their front as it returns.
    fn take_with(&self, take: &mut dyn FnMut(&mut [u8]) -> usize) {
        let bytes = self.bytes.take();
        let (start, end) = (self.start.get(), self.end.get());
        let taken = take(bytes.get_mut(start..end).unwrap_or_default());
        self.start.set(start.saturating_add(taken).min(end));
        self.bytes.set(bytes);
    }
}

/// A [`ReadHalf`] made of a buffer and a reader. The caller pins the future that fills the buffer
/// from the reader:
///
/// ```
/// use core::pin::pin;
/// use websocket_listener_core::io::{BufferedReader, ReadBuffer};
///
/// # async fn receive(serial: impl embedded_io_async::Read) {
/// let mut bytes = [0; 64];
/// let buffer = ReadBuffer::new(&mut bytes);
/// let filling = pin!(buffer.fill_from(serial));
/// let reader = BufferedReader::new(&buffer, filling);
/// # let _ = reader;
/// # }
/// ```
///
/// A read in progress continues from one wait of the connection to the next, and is dropped only
/// with the connection. The reader may therefore be one that loses bytes when a read is dropped,
/// such as one that hands its buffer to DMA.
pub struct BufferedReader<'s, 'b, F> {
    buffer: &'s ReadBuffer<'b>,
    /// `None` at the end of the stream.
    filling: Option<Pin<&'s mut F>>,
}

impl<'s, 'b, F> BufferedReader<'s, 'b, F> {
    /// Creates a read half of a buffer and the future that its [`fill_from`](ReadBuffer::fill_from)
    /// returned.
    pub fn new(buffer: &'s ReadBuffer<'b>, filling: Pin<&'s mut F>) -> Self {
        Self { buffer, filling: Some(filling) }
    }
}

impl<E: Error, F: Future<Output = Result<(), E>>> ErrorType for BufferedReader<'_, '_, F> {
    type Error = E;
}

impl<E: Error, F: Future<Output = Result<(), E>>> ReadHalf for BufferedReader<'_, '_, F> {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), E>> {
        if self.buffer.is_empty()
            && let Some(filling) = &mut self.filling
            && let Poll::Ready(ended) = filling.as_mut().poll(cx)
        {
            self.filling = None;
            ended?;
        }
        if !self.buffer.is_empty() {
            self.buffer.take_with(take);
        } else if self.filling.is_some() {
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for ReadBuffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBuffer")
            .field("start", &self.start)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for BufferedReader<'_, '_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedReader").field("buffer", self.buffer).finish_non_exhaustive()
    }
}
