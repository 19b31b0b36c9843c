//! A write half made of an `embedded_io_async::Write` and the caller's buffer.

use core::cell::Cell;
use core::convert::Infallible;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use embedded_io_async::{Error, ErrorKind, ErrorType, Write};

use super::WriteHalf;

/// The send buffer of a [`BufferedWriter`]: holds frames until they are written to the stream.
///
/// It needs 131 bytes or more. No frame is longer than the buffer: a longer message goes out in
/// fragments of that size.
pub struct WriteBuffer<'b> {
    /// Taken out while it is written.
    bytes: Cell<&'b mut [u8]>,
    capacity: usize,
    /// The number of bytes to be written.
    filled: Cell<usize>,
    wanted: Cell<Wanted>,
}

/// The work to be done with the bytes; each variant demands more than the one before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Nothing,
    /// Write them, to make room.
    Written,
    /// Write and flush them.
    Flushed,
}

impl<'b> WriteBuffer<'b> {
    /// Creates an empty buffer.
    #[must_use]
    pub fn new(bytes: &'b mut [u8]) -> Self {
        Self {
            capacity: bytes.len(),
            bytes: Cell::new(bytes),
            filled: Cell::new(0),
            wanted: Cell::new(Wanted::Nothing),
        }
    }

    /// Writes whenever a [`BufferedWriter`] needs room in the buffer or is flushed.
    ///
    /// # Errors
    /// The errors of the writer, or [`ErrorKind::WriteZero`] if it takes nothing; the
    /// `BufferedWriter` returns them.
    ///
    /// # Cancel safety
    /// Dropped with the `BufferedWriter` that polls it; bytes that were not flushed are lost.
    pub async fn drain_into<W: Write>(&self, mut writer: W) -> Result<Infallible, ErrorKind> {
        loop {
            poll_fn(|_| if self.is_busy() { Poll::Ready(()) } else { Poll::Pending }).await;
            let bytes = self.bytes.take();
            let mut rest = bytes.get(..self.filled.take()).unwrap_or_default();
            while !rest.is_empty() {
                match writer.write(rest).await.map_err(|error| error.kind())? {
                    0 => return Err(ErrorKind::WriteZero),
                    count => rest = rest.get(count..).unwrap_or_default(),
                }
            }
            if self.wanted.get() == Wanted::Flushed {
                writer.flush().await.map_err(|error| error.kind())?;
            }
            self.bytes.set(bytes);
            self.wanted.set(Wanted::Nothing);
        }
    }

    /// Returns true while the bytes are being written.
    fn is_busy(&self) -> bool {
        self.wanted.get() != Wanted::Nothing
    }

    fn room(&self) -> usize {
        self.capacity.saturating_sub(self.filled.get())
    }

    /// Lets `put` write into the free room, if that is at least `room` bytes.
    fn put_with(&self, room: usize, put: &mut dyn FnMut(&mut [u8]) -> usize) {
        let bytes = self.bytes.take();
        let filled = self.filled.get();
        let free = bytes.get_mut(filled..).unwrap_or_default();
        if free.len() >= room {
            let length = free.len();
            self.filled.set(filled.saturating_add(put(free).min(length)));
        }
        self.bytes.set(bytes);
    }
}

/// A [`WriteHalf`] made of a buffer and a writer. The caller pins the future that drains the buffer
/// into the writer:
///
/// ```
/// use core::pin::pin;
/// use websocket_listener_core::io::{BufferedWriter, WriteBuffer};
///
/// # async fn send(serial: impl embedded_io_async::Write) {
/// let mut bytes = [0; 256];
/// let buffer = WriteBuffer::new(&mut bytes);
/// let draining = pin!(buffer.drain_into(serial));
/// let writer = BufferedWriter::new(&buffer, draining);
/// # let _ = writer;
/// # }
/// ```
///
/// A write in progress is dropped only with the connection, as a read of a
/// [`BufferedReader`](super::BufferedReader) is.
///
/// `embedded_io_async` has no way to end a stream: the peer sees the end once the future that holds
/// the writer is dropped. Drop it soon after the connection is over.
pub struct BufferedWriter<'s, 'b, F> {
    buffer: &'s WriteBuffer<'b>,
    draining: Pin<&'s mut F>,
    failed: Option<ErrorKind>,
}

impl<'s, 'b, F: Future<Output = Result<Infallible, ErrorKind>>> BufferedWriter<'s, 'b, F> {
    /// Creates a write half of a buffer and the future that its
    /// [`drain_into`](WriteBuffer::drain_into) returned.
    pub fn new(buffer: &'s WriteBuffer<'b>, draining: Pin<&'s mut F>) -> Self {
        Self { buffer, draining, failed: None }
    }

    /// Waits until the buffer is empty and, if wanted, flushed.
    fn poll_drained(
        &mut self,
        cx: &mut Context<'_>,
        wanted: Wanted,
    ) -> Poll<Result<(), ErrorKind>> {
        if self.failed.is_none() {
            self.buffer.wanted.set(self.buffer.wanted.get().max(wanted));
            match self.draining.as_mut().poll(cx) {
                Poll::Ready(Ok(never)) => match never {},
                Poll::Ready(Err(kind)) => self.failed = Some(kind),
                Poll::Pending if self.buffer.is_busy() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
        Poll::Ready(self.failed.map_or(Ok(()), Err))
    }
}

impl<F> ErrorType for BufferedWriter<'_, '_, F> {
    type Error = ErrorKind;
}

impl<F: Future<Output = Result<Infallible, ErrorKind>>> WriteHalf for BufferedWriter<'_, '_, F> {
    fn capacity(&self) -> usize {
        self.buffer.capacity
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        if self.buffer.is_busy() || self.buffer.room() < room {
            ready!(self.poll_drained(cx, Wanted::Written))?;
        }
        self.buffer.put_with(room, put);
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        self.poll_drained(cx, Wanted::Flushed)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        self.poll_flush(cx)
    }

    fn shutdown_is_seen(&self) -> bool {
        false
    }
}

impl fmt::Debug for WriteBuffer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteBuffer")
            .field("capacity", &self.capacity)
            .field("filled", &self.filled)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for BufferedWriter<'_, '_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedWriter").field("buffer", self.buffer).finish_non_exhaustive()
    }
}
