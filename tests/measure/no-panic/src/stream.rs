//! A stream and a clock of which nothing is known: whatever they are asked may wait, fail or do.

use core::future::poll_fn;
use core::hint::black_box;
use core::task::{Context, Poll};

use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};
use websocket_listener_core::Instant;
use websocket_listener_core::io::{Clock, ReadHalf, WriteHalf};

use crate::engine::instant;
use crate::{any, any_bytes};

/// A stream that copies, as the traits of embedded-io want it.
pub struct Pipe;

/// A stream that lends its own bytes.
pub struct Ring {
    bytes: [u8; 256],
}

/// A clock that tells any time.
pub struct AnyClock;

/// An error of a stream.
#[derive(Debug)]
pub struct Fault;

impl Ring {
    /// One that holds anything.
    pub fn new() -> Self {
        Self { bytes: any([0; 256]) }
    }
}

impl core::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("fault")
    }
}

impl core::error::Error for Fault {}

impl Error for Fault {
    fn kind(&self) -> ErrorKind {
        any(ErrorKind::Other)
    }
}

impl ErrorType for Pipe {
    type Error = Fault;
}

impl Read for Pipe {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        outcome().await?;
        black_box(buffer);
        Ok(any(0))
    }
}

impl Write for Pipe {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        outcome().await?;
        black_box(bytes);
        Ok(any(0))
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        outcome().await
    }
}

impl ErrorType for Ring {
    type Error = Fault;
}

impl ReadHalf for Ring {
    fn poll_read_with(
        &mut self,
        _: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Fault>> {
        if any(true) {
            black_box(take(any_bytes(&mut self.bytes)));
        }
        poll_outcome(())
    }

    fn poll_going_away(&mut self, _: &mut Context<'_>) -> Poll<()> {
        any(Poll::Pending)
    }
}

impl WriteHalf for Ring {
    fn capacity(&self) -> usize {
        any(256)
    }

    fn poll_write_with(
        &mut self,
        _: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Fault>> {
        black_box(room);
        if any(true) {
            black_box(put(any_bytes(&mut self.bytes)));
        }
        poll_outcome(())
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        poll_outcome(())
    }

    fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        poll_outcome(())
    }

    fn shutdown_is_seen(&self) -> bool {
        any(true)
    }
}

impl Clock for AnyClock {
    fn now(&self) -> Instant {
        instant()
    }

    fn poll_until(&self, _: &mut Context<'_>, until: Instant) -> Poll<()> {
        black_box(until);
        any(Poll::Pending)
    }
}

/// Is ready when it likes, and fails if it likes.
fn poll_outcome<T>(ready: T) -> Poll<Result<T, Fault>> {
    if any(true) {
        return Poll::Pending;
    }
    Poll::Ready(if any(true) { Ok(ready) } else { Err(Fault) })
}

/// Waits as long as it likes, and fails if it likes.
async fn outcome() -> Result<(), Fault> {
    wait().await;
    if any(true) { Ok(()) } else { Err(Fault) }
}

/// Waits as long as it likes.
fn wait() -> impl Future<Output = ()> {
    poll_fn(|context| {
        if any(true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
