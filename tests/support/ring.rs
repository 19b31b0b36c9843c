//! A stream in memory, with rings as small as a board's.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use websocket_listener_core::io::{ReadHalf, WriteHalf};

/// The writing end of one direction. Dropping it ends the stream.
pub struct RingWriter(Rc<RefCell<Ring>>);

/// The reading end of one direction. Dropping it breaks the stream.
pub struct RingReader(Rc<RefCell<Ring>>);

struct Ring {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
    ended: bool,
    broken: bool,
    /// The most bytes handed over at once.
    portion: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// One direction of a stream, that holds that many bytes on their way.
///
/// As in a TCP socket's ring, what lies across its end is handed out in two pieces, and room in one
/// piece is that up to its end, unless it is empty.
#[must_use]
pub fn ring(capacity: usize) -> (RingWriter, RingReader) {
    let ring = Rc::new(RefCell::new(Ring {
        bytes: vec![0; capacity],
        start: 0,
        length: 0,
        ended: false,
        broken: false,
        portion: usize::MAX,
        reader: None,
        writer: None,
    }));
    (RingWriter(Rc::clone(&ring)), RingReader(ring))
}

/// Both directions of a stream: what one end writes, the other reads.
#[must_use]
pub fn duplex(capacity: usize) -> ((RingReader, RingWriter), (RingReader, RingWriter)) {
    let (to_b, from_a) = ring(capacity);
    let (to_a, from_b) = ring(capacity);
    ((from_b, to_b), (from_a, to_a))
}

impl Ring {
    fn room(&mut self) -> &mut [u8] {
        if self.length == 0 {
            self.start = 0;
        }
        let capacity = self.bytes.len();
        let from = (self.start + self.length) % capacity;
        let to = if self.length == capacity {
            from
        } else if from < self.start {
            self.start
        } else {
            capacity
        };
        &mut self.bytes[from..to]
    }

    fn filled(&mut self) -> &mut [u8] {
        let end = (self.start + self.length).min(self.bytes.len());
        let end = end.min(self.start.saturating_add(self.portion));
        &mut self.bytes[self.start..end]
    }

    fn wake(&mut self) {
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }
}

impl RingWriter {
    /// Breaks the stream for both ends; what is on its way is lost.
    pub fn reset(&self) {
        let mut ring = self.0.borrow_mut();
        ring.broken = true;
        ring.length = 0;
        ring.wake();
    }

    /// Bytes that were written and not read.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.borrow().length
    }

    /// Hands over that many bytes at once at most.
    #[must_use]
    pub fn in_portions(self, bytes: usize) -> Self {
        self.0.borrow_mut().portion = bytes;
        self
    }

    fn poll_written<T>(
        &self,
        cx: &Context<'_>,
        f: impl FnOnce(&mut Ring) -> Poll<T>,
    ) -> Poll<Result<T, ErrorKind>> {
        let mut ring = self.0.borrow_mut();
        if ring.broken {
            return Poll::Ready(Err(ErrorKind::ConnectionReset));
        }
        let result = f(&mut ring);
        match result {
            Poll::Ready(_) => ring.reader.take().into_iter().for_each(Waker::wake),
            Poll::Pending => ring.writer = Some(cx.waker().clone()),
        }
        result.map(Ok)
    }
}

impl Drop for RingWriter {
    fn drop(&mut self) {
        let mut ring = self.0.borrow_mut();
        ring.ended = true;
        ring.wake();
    }
}

impl Drop for RingReader {
    fn drop(&mut self) {
        let mut ring = self.0.borrow_mut();
        ring.broken = true;
        ring.wake();
    }
}

impl ErrorType for RingReader {
    type Error = ErrorKind;
}

impl ReadHalf for RingReader {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        let mut ring = self.0.borrow_mut();
        if ring.length == 0 {
            if ring.broken {
                return Poll::Ready(Err(ErrorKind::ConnectionReset));
            }
            if ring.ended {
                return Poll::Ready(Ok(()));
            }
            ring.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let filled = ring.filled();
        let offered = filled.len();
        let taken = take(filled);
        assert!(taken <= offered, "{taken} bytes taken of {offered}");
        ring.start = (ring.start + taken) % ring.bytes.len();
        ring.length -= taken;
        if taken > 0 {
            ring.writer.take().into_iter().for_each(Waker::wake);
        }
        Poll::Ready(Ok(()))
    }
}

impl Read for RingReader {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        let read = read_with(self, |bytes| {
            let count = bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&bytes[..count]);
            (count, count)
        });
        Ok(read.await?.unwrap_or(0))
    }
}

impl ErrorType for RingWriter {
    type Error = ErrorKind;
}

impl WriteHalf for RingWriter {
    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), ErrorKind>> {
        assert!(room <= self.capacity(), "room for {room} bytes asked of {}", self.capacity());
        self.poll_written(cx, |ring| {
            let offered = ring.room().len();
            if offered < room.max(1) {
                return Poll::Pending;
            }
            let written = put(ring.room());
            assert!(written <= offered, "{written} bytes written into {offered}");
            ring.length += written;
            Poll::Ready(())
        })
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        self.poll_written(cx, |ring| {
            ring.ended = true;
            ring.reader.take().into_iter().for_each(Waker::wake);
            if ring.length == 0 { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

impl Write for RingWriter {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let written = write_with(self, 1, |room| {
            let count = room.len().min(bytes.len());
            room[..count].copy_from_slice(&bytes[..count]);
            (count, count)
        });
        Ok(written.await?.expect("a ring has room for a byte"))
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// Waits for bytes; gives what `take` does beside their number, or `None` at the end of the stream.
pub async fn read_with<H: ReadHalf, T>(
    half: &mut H,
    mut take: impl FnMut(&mut [u8]) -> (usize, T),
) -> Result<Option<T>, H::Error> {
    let mut result = None;
    let mut take = |bytes: &mut [u8]| {
        let (taken, given) = take(bytes);
        result = Some(given);
        taken
    };
    poll_fn(|cx| half.poll_read_with(cx, &mut take)).await?;
    Ok(result)
}

/// Waits for so much room; gives what `put` does beside the number of bytes it has written, or `None`
/// if there will never be so much.
pub async fn write_with<H: WriteHalf, T>(
    half: &mut H,
    room: usize,
    mut put: impl FnMut(&mut [u8]) -> (usize, T),
) -> Result<Option<T>, H::Error> {
    let mut result = None;
    let mut put = |bytes: &mut [u8]| {
        let (written, given) = put(bytes);
        result = Some(given);
        written
    };
    poll_fn(|cx| half.poll_write_with(cx, room, &mut put)).await?;
    Ok(result)
}
