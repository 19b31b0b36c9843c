//! A stream and a clock of which nothing is known: whatever they are asked may wait, fail or do.

use core::future::poll_fn;
use core::hint::black_box;
use core::task::Poll;

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

/// What fails on a stream.
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
    async fn read_with<T>(
        &mut self,
        f: impl FnOnce(&mut [u8]) -> (usize, T),
    ) -> Result<Option<T>, Fault> {
        outcome().await?;
        let (taken, result) = f(any_bytes(&mut self.bytes));
        black_box(taken);
        Ok(any(true).then_some(result))
    }
}

impl WriteHalf for Ring {
    fn capacity(&self) -> usize {
        any(256)
    }

    async fn write_with<T>(
        &mut self,
        room: usize,
        f: impl FnOnce(&mut [u8]) -> (usize, T),
    ) -> Result<T, Fault> {
        black_box(room);
        outcome().await?;
        let (written, result) = f(any_bytes(&mut self.bytes));
        black_box(written);
        Ok(result)
    }

    async fn flush(&mut self) -> Result<(), Fault> {
        outcome().await
    }

    async fn shutdown(&mut self) -> Result<bool, Fault> {
        outcome().await?;
        Ok(any(true))
    }
}

impl Clock for AnyClock {
    fn now(&self) -> Instant {
        instant()
    }

    async fn wait_until(&self, until: Instant) {
        black_box(until);
        wait().await;
    }
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
