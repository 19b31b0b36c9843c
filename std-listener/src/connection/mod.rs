//! A WebSocket connection over a stream: the engine, and the moving of its bytes.
//!
//! Everything is a `poll_` function over state that lives here and in no future, so that a future
//! can be dropped at any time and nothing is lost.

mod closing;
mod input;
mod output;
mod receiving;
mod sending;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{Connection as Protocol, Role};

use crate::counters::{CounterCells, Tally, count};
use crate::error::Failure;
use crate::registry::Registration;
use crate::{Deadline, Error, Instant, Options, Request, clock};
use input::Input;
use output::Output;

pub(crate) struct Connection<S> {
    stream: S,
    protocol: Protocol,
    /// When the last bytes came, or the last deadline passed.
    now: Instant,
    phase: Phase,
    input: Input,
    output: Output,
    /// Since when the stream has taken nothing of the output.
    stalled: Option<Instant>,
    /// The stream may hold back bytes that were written to it.
    unflushed: bool,
    /// A control frame is in the output, and the engine wants to know when it has left.
    control_queued: bool,
    /// In milliseconds.
    write_timeout: u32,
    write_queue_bytes: u32,
    registration: Registration,
    tally: Tally,
    counters: Option<Arc<CounterCells>>,
    pub(crate) details: Details,
}

/// What is known of a connection from its beginning.
pub(crate) struct Details {
    pub(crate) request: Option<Request>,
    pub(crate) subprotocol: Option<Box<str>>,
    pub(crate) peer_addr: Option<SocketAddr>,
}

/// What a connection starts with.
pub(crate) struct Setup<S> {
    pub(crate) stream: S,
    pub(crate) role: Role,
    pub(crate) options: Options,
    pub(crate) registration: Registration,
    pub(crate) counters: Option<Arc<CounterCells>>,
    /// Bytes that came behind the opening handshake: the first of the frames.
    pub(crate) received: BytesMut,
    pub(crate) details: Details,
}

/// How far the connection has come.
#[derive(Clone, Copy, Debug)]
enum Phase {
    Open,
    /// The closing handshake is over, or the protocol has failed: what is queued goes out, then the
    /// stream is shut down, then drained to its end, so that nothing in flight is lost.
    Closing {
        shut_down: bool,
        failure: Option<Failure>,
    },
    Ended(Option<Failure>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(setup: Setup<S>) -> Box<Self> {
        if let Some(counters) = &setup.counters {
            count(&counters.accepted);
            count(&counters.open);
        }
        let now = clock::now();
        let mut input = Input::default();
        input.preload(setup.received);
        Box::new(Self {
            stream: setup.stream,
            protocol: Protocol::new(setup.role, setup.options.config, now),
            now,
            phase: Phase::Open,
            input,
            output: Output::default(),
            stalled: None,
            unflushed: false,
            control_queued: false,
            write_timeout: setup.options.write_timeout,
            write_queue_bytes: setup.options.write_queue_bytes,
            registration: setup.registration,
            tally: Tally::default(),
            counters: setup.counters,
            details: setup.details,
        })
    }

    /// Sees to what the registry has signalled: deadlines, the listener's shutdown.
    fn see_to_signals(&mut self) -> Result<(), Error> {
        if self.registration.take_expired() {
            self.now = clock::now();
            self.handle_deadlines()?;
        }
        if self.registration.is_aborted() {
            return self.end(Error::Aborted);
        }
        if self.registration.is_going_away() && self.protocol.can_send() {
            self.start_close(crate::CloseCode::GOING_AWAY, "")?;
        }
        Ok(())
    }

    fn handle_deadlines(&mut self) -> Result<(), Error> {
        if self.write_deadline().is_some_and(|deadline| deadline <= self.now) {
            return self.end(Error::TimedOut(Deadline::Write));
        }
        match self.protocol.handle_timeout(self.now) {
            Ok(()) => Ok(()),
            Err(timed_out) => self.end(timed_out.into()),
        }
    }

    fn write_deadline(&self) -> Option<Instant> {
        Some(self.stalled? + Duration::from_millis(self.write_timeout.into()))
    }

    /// Prepares for waiting: from now on a signal or a deadline wakes the task. Ready if there is
    /// one already.
    fn poll_signals(&mut self, cx: &Context<'_>) -> Poll<Result<(), Error>> {
        self.tally.tell(self.counters.as_ref());
        self.schedule();
        self.registration.register_waker(cx);
        if self.registration.needs_attention(self.protocol.can_send()) {
            return Poll::Ready(self.see_to_signals());
        }
        Poll::Pending
    }

    /// Sees to it that the next deadline is noticed, even by a task that never has to wait.
    fn schedule(&mut self) {
        let deadline = match (self.protocol.poll_timeout(), self.write_deadline()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(deadline) = deadline {
            self.registration.wake_at(deadline);
        }
    }

    /// Writes what is queued, control frames among it, until nothing is left.
    ///
    /// Pending means that the stream takes no more; the caller still has to
    /// [`poll_signals`](Self::poll_signals).
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.queue_control();
            if self.output.is_empty() {
                break;
            }
            match self.output.poll_write(&mut self.stream, cx) {
                Poll::Ready(Ok(written)) => {
                    self.tally.bytes_sent += written;
                    self.stalled = None;
                    self.unflushed = true;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(self.end(error.into())),
                Poll::Pending => {
                    if self.stalled.is_none() {
                        self.stalled = Some(clock::now());
                        self.schedule();
                    }
                    return Poll::Pending;
                }
            }
        }
        if self.unflushed {
            if let Err(error) = ready!(Pin::new(&mut self.stream).poll_flush(cx)) {
                return Poll::Ready(self.end(error.into()));
            }
            self.unflushed = false;
        }
        if std::mem::take(&mut self.control_queued) {
            self.protocol.flushed(clock::now());
        }
        Poll::Ready(Ok(()))
    }

    /// Moves waiting control frames into the queue, as far as there is room: whatever the peer does,
    /// the queue stays within its limit and the engine's outbox holds the newest.
    fn queue_control(&mut self) {
        while self.protocol.wants_transmit() && self.has_room() {
            let mut frame = [0; websocket_listener_core::MAX_CONTROL_FRAME];
            let length = self.protocol.transmit(&mut frame, self.now);
            self.output.push_control(&frame[..length]);
            self.control_queued = true;
        }
    }

    /// The connection is over, and this is why, unless it was closing for another reason already.
    /// Its memory is given back.
    fn end(&mut self, error: Error) -> Result<(), Error> {
        let (outcome, result) = match self.phase {
            Phase::Open => (Some(Failure::from(&error)), Err(error)),
            Phase::Closing { failure, .. } => (failure, failure.map_or(Ok(()), |f| Err(f.into()))),
            Phase::Ended(failure) => return failure.map_or(Ok(()), |failure| Err(failure.into())),
        };
        self.protocol.end_of_stream();
        self.phase = Phase::Ended(outcome);
        self.count_end();
        result
    }

    fn count_end(&mut self) {
        self.input.clear();
        self.output.clear();
        self.stalled = None;
        self.tally.tell(self.counters.as_ref());
        let Some(counters) = &self.counters else { return };
        let Phase::Ended(failure) = self.phase else { return };
        count(match failure {
            None => &counters.closed_clean,
            Some(Failure::Protocol(_)) => &counters.closed_protocol_error,
            Some(Failure::TimedOut(_)) => &counters.closed_timed_out,
            Some(Failure::Aborted) => &counters.closed_aborted,
            Some(Failure::Disconnected | Failure::Io { .. }) => &counters.closed_disconnected,
        });
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    pub(crate) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.input.clear();
        self.output.clear();
        self.tally.tell(self.counters.as_ref());
        if let Some(counters) = &self.counters {
            counters.open.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            if !matches!(self.phase, Phase::Ended(_)) {
                count(&counters.closed_dropped);
            }
        }
    }
}
