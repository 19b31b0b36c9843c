//! Standard input, standard output and the time, for one task. All waits happen in `poll`, so a
//! silent peer or one that reads nothing does not delay a deadline.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio::{stdin, stdout};
use websocket_listener_core::Instant;
use websocket_listener_core::io::Clock;

/// The events that the task waits for.
pub(crate) struct Standard {
    start: std::time::Instant,
    input: Readiness,
    output: Readiness,
    /// The earliest deadline that the task waits for.
    due: Cell<Option<Instant>>,
}

impl Standard {
    pub(crate) fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
            input: Readiness { blocks: Cell::new(true), ..Readiness::default() },
            output: Readiness::default(),
            due: Cell::new(None),
        }
    }

    /// Runs the task, which must not wait for other events.
    pub(crate) fn run<T>(&self, task: impl Future<Output = T>) -> T {
        let mut context = Context::from_waker(Waker::noop());
        let mut task = pin!(task);
        loop {
            if let Poll::Ready(output) = task.as_mut().poll(&mut context) {
                return output;
            }
            self.wait();
        }
    }

    /// Returns the future's result, or `None` at the deadline.
    pub(crate) async fn by<T>(
        &self,
        deadline: Instant,
        future: impl Future<Output = T>,
    ) -> Option<T> {
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => self.poll_until(cx, deadline).map(|()| None),
        })
        .await
    }

    pub(crate) fn input(&self) -> Input<'_> {
        Input(&self.input)
    }

    pub(crate) fn output(&self) -> Output<'_> {
        Output(&self.output)
    }

    /// Blocks until an event that the task waits for. While the task waits for output, input waits
    /// as well: Node's WASI, asked for both, would wait for both.
    fn wait(&self) {
        let (wants_input, wants_output) = (self.input.wanted.take(), self.output.wanted.take());
        let (input, output) = (stdin(), stdout());
        let (readiness, mut polled) = if wants_output {
            (&self.output, [PollFd::new(&output, PollFlags::OUT)])
        } else {
            (&self.input, [PollFd::new(&input, PollFlags::IN)])
        };
        let count = usize::from(wants_input || wants_output);
        let timeout = self.due.take().map(|due| timespec(due.saturating_since(self.now())));
        // After a failure, the next read or write returns the error.
        let failed = poll(&mut polled[..count], timeout.as_ref()).is_err();
        readiness.blocks.set(!failed && polled[0].revents().is_empty());
    }
}

impl Clock for Standard {
    fn now(&self) -> Instant {
        Instant::from_micros(self.start.elapsed().as_micros() as u64)
    }

    fn poll_until(&self, _: &mut Context<'_>, instant: Instant) -> Poll<()> {
        if self.now() >= instant {
            return Poll::Ready(());
        }
        self.due.set(Some(self.due.get().map_or(instant, |due| due.min(instant))));
        Poll::Pending
    }
}

/// The state of one direction: the task waits for it; a call would block, as far as is known.
#[derive(Default)]
struct Readiness {
    wanted: Cell<bool>,
    blocks: Cell<bool>,
}

impl Readiness {
    /// Makes the call once it does not block.
    async fn call(&self, mut call: impl FnMut() -> Result<usize, Errno>) -> io::Result<usize> {
        poll_fn(|_| {
            while !self.blocks.get() {
                match call() {
                    Err(Errno::AGAIN) => self.blocks.set(true),
                    Err(Errno::INTR) => {}
                    outcome => return Poll::Ready(Ok(outcome?)),
                }
            }
            self.wanted.set(true);
            Poll::Pending
        })
        .await
    }
}

/// Standard input.
pub(crate) struct Input<'s>(&'s Readiness);

impl ErrorType for Input<'_> {
    type Error = io::Error;
}

impl Read for Input<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let outcome = self.0.call(|| rustix::io::read(stdin(), &mut *buffer)).await;
        // The next read polls first, because standard input may be blocking.
        self.0.blocks.set(true);
        outcome
    }
}

/// Standard output, unbuffered.
pub(crate) struct Output<'s>(&'s Readiness);

impl ErrorType for Output<'_> {
    type Error = io::Error;
}

impl Write for Output<'_> {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.call(|| rustix::io::write(stdout(), bytes)).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: duration.as_secs() as i64, tv_nsec: i64::from(duration.subsec_nanos()) as _ }
}
