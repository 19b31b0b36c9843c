//! Anything with `embedded_io_async::{Read, Write}`, over buffers of the caller's.

use core::ops::Range;
use core::pin::pin;
use core::task::{Context, Poll, ready};

use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};

use super::{ReadHalf, WriteHalf};

/// A [`ReadHalf`] made of a reader and a buffer.
///
/// The buffer may have any size, one byte included: messages of any length pass through it. A
/// larger one saves calls of the reader.
///
/// # What is asked of the reader
/// Its `read` is begun anew for every poll, and dropped if it is not ready. It must not have taken
/// bytes from the stream then, and the waker that it was polled with must be woken all the same.
/// Sockets and pipes are so; a reader that hands its buffer to DMA may not be.
#[derive(Debug)]
pub struct BufferedReader<'b, R> {
    inner: R,
    buffer: &'b mut [u8],
    /// What was read and not taken.
    filled: Range<usize>,
}

impl<'b, R: Read> BufferedReader<'b, R> {
    /// Of a stream of which nothing was read that is not used up.
    pub fn new(inner: R, buffer: &'b mut [u8]) -> Self {
        Self::with_received(inner, buffer, 0..0)
    }

    /// Of a stream whose next bytes lie in that part of the buffer already: those that came behind
    /// the opening handshake.
    pub fn with_received(inner: R, buffer: &'b mut [u8], received: Range<usize>) -> Self {
        let end = received.end.min(buffer.len());
        Self { inner, buffer, filled: received.start.min(end)..end }
    }

    /// The reader. What was read from it and not taken is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> ErrorType for BufferedReader<'_, R> {
    type Error = R::Error;
}

impl<R: Read> ReadHalf for BufferedReader<'_, R> {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>> {
        if self.filled.is_empty() {
            let count = ready!(pin!(self.inner.read(self.buffer)).poll(cx))?;
            if count == 0 {
                return Poll::Ready(Ok(()));
            }
            self.filled = 0..count.min(self.buffer.len());
        }
        let taken = take(self.buffer.get_mut(self.filled.clone()).unwrap_or_default());
        self.filled.start = self.filled.start.saturating_add(taken).min(self.filled.end);
        Poll::Ready(Ok(()))
    }
}

/// A [`WriteHalf`] made of a writer and a buffer of 131 bytes or more.
///
/// The longest frame written is as long as the buffer. A longer message goes out in fragments of
/// that size.
///
/// `embedded_io_async` knows no way to end a stream: the peer sees the end when the writer is
/// dropped, which should be soon after the connection is over.
///
/// # What is asked of the writer
/// As of a [`BufferedReader`]'s: a `write` or `flush` that is dropped must not have taken bytes, and
/// the waker that it was polled with must be woken all the same.
#[derive(Debug)]
pub struct BufferedWriter<'b, W> {
    inner: W,
    buffer: &'b mut [u8],
    /// What was not handed to the writer yet.
    filled: Range<usize>,
}

impl<'b, W: Write> BufferedWriter<'b, W> {
    /// Of a stream and an empty buffer.
    pub fn new(inner: W, buffer: &'b mut [u8]) -> Self {
        Self { inner, buffer, filled: 0..0 }
    }

    /// The writer. What was not flushed is lost.
    pub fn into_inner(self) -> W {
        self.inner
    }

    fn poll_drained(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        while !self.filled.is_empty() {
            let bytes = self.buffer.get(self.filled.clone()).unwrap_or_default();
            let written = ready!(pin!(self.inner.write(bytes)).poll(cx));
            let count = written.map_err(|error| error.kind())?;
            if count == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero));
            }
            self.filled.start = self.filled.start.saturating_add(count).min(self.filled.end);
        }
        self.filled = 0..0;
        Poll::Ready(Ok(()))
    }
}

impl<W: Write> ErrorType for BufferedWriter<'_, W> {
    type Error = ErrorKind;
}

impl<W: Write> WriteHalf for BufferedWriter<'_, W> {
    fn capacity(&self) -> usize {
        self.buffer.len()
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>> {
        if self.buffer.len().saturating_sub(self.filled.end) < room {
            ready!(self.poll_drained(cx))?;
        }
        let written = put(self.buffer.get_mut(self.filled.end..).unwrap_or_default());
        self.filled.end = self.filled.end.saturating_add(written).min(self.buffer.len());
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.poll_drained(cx))?;
        pin!(self.inner.flush()).poll(cx).map_err(|error| error.kind())
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Self::Error>> {
        self.poll_flush(cx).map_ok(|()| false)
    }
}
