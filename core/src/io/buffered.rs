//! Anything with `embedded_io_async::{Read, Write}`, over buffers of the caller's.

use core::ops::Range;

use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};

use super::{ReadHalf, WriteHalf};

/// A [`ReadHalf`] made of a reader and a buffer.
///
/// The buffer may have any size, one byte included: messages of any length pass through it. A
/// larger one saves calls of the reader.
///
/// # Cancel safety
/// That of `R`'s `read`: a read that was dropped must not have taken bytes from the stream.
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
    async fn read_with<T>(
        &mut self,
        f: impl FnOnce(&mut [u8]) -> (usize, T),
    ) -> Result<Option<T>, Self::Error> {
        if self.filled.is_empty() {
            let count = self.inner.read(self.buffer).await?;
            if count == 0 {
                return Ok(None);
            }
            self.filled = 0..count.min(self.buffer.len());
        }
        let (taken, result) = f(self.buffer.get_mut(self.filled.clone()).unwrap_or_default());
        self.filled.start = self.filled.start.saturating_add(taken).min(self.filled.end);
        Ok(Some(result))
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
/// # Cancel safety
/// That of `W`'s `write`: a write that was dropped must not have taken bytes.
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

    async fn drain(&mut self) -> Result<(), ErrorKind> {
        while !self.filled.is_empty() {
            let bytes = self.buffer.get(self.filled.clone()).unwrap_or_default();
            let count = self.inner.write(bytes).await.map_err(|error| error.kind())?;
            if count == 0 {
                return Err(ErrorKind::WriteZero);
            }
            self.filled.start = self.filled.start.saturating_add(count).min(self.filled.end);
        }
        self.filled = 0..0;
        Ok(())
    }
}

impl<W: Write> ErrorType for BufferedWriter<'_, W> {
    type Error = ErrorKind;
}

impl<W: Write> WriteHalf for BufferedWriter<'_, W> {
    fn capacity(&self) -> usize {
        self.buffer.len()
    }

    async fn write_with<T>(
        &mut self,
        room: usize,
        f: impl FnOnce(&mut [u8]) -> (usize, T),
    ) -> Result<T, Self::Error> {
        if self.buffer.len().saturating_sub(self.filled.end) < room {
            self.drain().await?;
        }
        let room = self.buffer.get_mut(self.filled.end..).unwrap_or_default();
        let (written, result) = f(room);
        self.filled.end = self.filled.end.saturating_add(written).min(self.buffer.len());
        Ok(result)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.drain().await?;
        self.inner.flush().await.map_err(|error| error.kind())
    }

    async fn shutdown(&mut self) -> Result<bool, Self::Error> {
        self.flush().await?;
        Ok(false)
    }
}
