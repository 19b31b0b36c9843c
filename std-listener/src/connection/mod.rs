//! A WebSocket connection over a stream: the engine, and the code that moves its bytes.
//!
//! Everything is a `poll_` function over state that lives here and not in a future, so that a
//! future can be dropped at any time and nothing is lost.

mod closing;
mod control;
mod extension;
mod frames;
mod input;
mod message_rate;
mod output;
mod receiving;
pub(crate) mod sending;
#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod sizes;
mod turns;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;
use tracing::Span;
use websocket_listener_core::{CloseCode, Instant, Role, handshake};

use crate::counters::{CounterCells, Tally, count};
use crate::error::{Deadline, Error, Failure};
use crate::extension::negotiation::Agreed;
use crate::handshake::limits::Seat;
use crate::http::request::Request;
use crate::options::{Options, SlowConsumer};
use crate::registry::clock;
use crate::registry::registration::Registration;
use crate::span;
use crate::websocket::halves::Side;
use control::{ControlBox, Heard};
use extension::Extended;
use input::Input;
use message_rate::MessageRate;
use output::Output;
use turns::poll_others;

pub(crate) type Protocol = websocket_listener_core::Connection<ControlBox, ControlBox>;

pub(crate) struct Connection<S> {
    id: u64,
    stream: S,
    protocol: Protocol,
    /// When the last bytes came, or the last deadline passed.
    now: Instant,
    phase: Phase,
    input: Input,
    output: Output,
    /// The extension that was agreed on.
    extended: Option<Box<Extended>>,
    /// The time since which the stream has taken nothing of the output.
    stalled: Option<Instant>,
    /// Nothing more can be written. What the peer sent before may still be read.
    write_failure: Option<Failure>,
    /// A deadline has passed, and counts only if a read now finds nothing.
    overdue: bool,
    /// The [`Stream`](futures_core::Stream) has returned how the connection ended.
    end_was_yielded: bool,
    automatic_pongs: bool,
    heard: Heard,
    /// One task may receive while another sends.
    pub(crate) is_shared: bool,
    /// The stream may hold back bytes that were written to it.
    unflushed: bool,
    /// A control frame is in the output, and the engine wants to know when it has left.
    control_queued: bool,
    /// In milliseconds.
    write_timeout: u32,
    write_queue_bytes: u32,
    slow_consumer: SlowConsumer,
    registration: Registration,
    seat: Option<Box<Seat>>,
    message_rate: Option<Box<MessageRate>>,
    tally: Tally,
    counters: Option<Arc<CounterCells>>,
    pub(crate) details: Details,
}

/// What is known of a connection from its beginning.
pub(crate) struct Details {
    pub(crate) other_end: OtherEnd,
    pub(crate) subprotocol: Option<Box<str>>,
}

/// What is known of the other end.
pub(crate) enum OtherEnd {
    Client(Request),
    Server(Box<ServerEnd>),
}

/// What is known of a server.
pub(crate) struct ServerEnd {
    /// If the transport has addresses.
    pub(crate) addr: Option<SocketAddr>,
    pub(crate) response: handshake::Response<Arc<[u8]>>,
    /// If a subscriber of `tracing` wants it.
    pub(crate) span: Option<Box<Span>>,
}

impl Details {
    pub(crate) fn request(&self) -> Option<&Request> {
        match &self.other_end {
            OtherEnd::Client(request) => Some(request),
            OtherEnd::Server(_) => None,
        }
    }

    pub(crate) fn response(&self) -> Option<&handshake::Response<Arc<[u8]>>> {
        match &self.other_end {
            OtherEnd::Client(_) => None,
            OtherEnd::Server(server) => Some(&server.response),
        }
    }

    pub(crate) fn span(&self) -> Option<&Span> {
        match &self.other_end {
            OtherEnd::Client(request) => request.peer().span(),
            OtherEnd::Server(server) => server.span.as_deref(),
        }
    }

    /// Records in the connection's span which connection it is, and opens a span if the negotiation
    /// had none.
    fn begin_span(&mut self, id: u64) {
        if self.span().is_none()
            && let OtherEnd::Client(request) = &mut self.other_end
        {
            request.peer_mut().open_span();
        }
        if let Some(span) = self.span() {
            span::record(span, id, self);
        }
    }

    /// Calls `tell` in the connection's span.
    fn in_span(&self, tell: impl FnOnce()) {
        match self.span() {
            Some(span) => span.in_scope(tell),
            None => tell(),
        }
    }

    pub(crate) fn peer_addr(&self) -> Option<SocketAddr> {
        match &self.other_end {
            OtherEnd::Client(request) => request.peer_addr(),
            OtherEnd::Server(server) => server.addr,
        }
    }

    pub(crate) fn client_addr(&self) -> Option<SocketAddr> {
        self.request().map_or(self.peer_addr(), Request::client_addr)
    }
}

/// What a connection starts with.
pub(crate) struct Setup<S> {
    pub(crate) stream: S,
    pub(crate) role: Role,
    pub(crate) options: Options,
    pub(crate) registration: Registration,
    pub(crate) counters: Option<Arc<CounterCells>>,
    /// Bytes that came after the opening handshake: the first of the frames.
    pub(crate) received: BytesMut,
    pub(crate) extension: Option<Agreed>,
    /// Its share of the listener's limits.
    pub(crate) seat: Option<Box<Seat>>,
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
        /// The peer's direction has ended.
        heard_out: bool,
        failure: Option<Failure>,
    },
    Ended(Option<Failure>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(mut setup: Setup<S>) -> Box<Self> {
        if let Some(counters) = &setup.counters {
            count(&counters.accepted);
            count(&counters.open);
        }
        let (id, now) = (next_id(), clock::now());
        setup.details.begin_span(id);
        let tally = Tally { bytes_received: setup.received.len(), ..Tally::default() };
        let mut input = Input::default();
        input.preload(setup.received);
        let mut config = setup.options.config;
        let extended = setup.extension.map(|agreed| {
            config = config.reserved_bits(agreed.reserved);
            Extended::new(agreed, setup.options.max_message_bytes)
        });
        let connection = Box::new(Self {
            id,
            stream: setup.stream,
            protocol: Protocol::with_memory(
                setup.role,
                config,
                now,
                ControlBox::default(),
                ControlBox::default(),
            ),
            now,
            phase: Phase::Open,
            input,
            output: Output::default(),
            extended,
            stalled: None,
            write_failure: None,
            overdue: false,
            end_was_yielded: false,
            automatic_pongs: setup.options.automatic_pongs,
            heard: Heard::Deaf,
            is_shared: false,
            unflushed: false,
            control_queued: false,
            write_timeout: setup.options.write_timeout,
            write_queue_bytes: setup.options.write_queue_bytes,
            slow_consumer: setup.options.slow_consumer,
            registration: setup.registration,
            seat: setup.seat,
            message_rate: MessageRate::new(setup.options.max_messages_per_second, now),
            tally,
            counters: setup.counters,
            details: setup.details,
        });
        let details = &connection.details;
        details.in_span(|| {
            let (peer_addr, subprotocol) = (details.peer_addr(), details.subprotocol.as_deref());
            let target = details.request().map(|request| request.target());
            tracing::debug!(id, ?peer_addr, target, subprotocol, "open");
        });
        connection
    }

    /// Closes, or ends, the connection if the listener shuts down.
    #[inline]
    fn heed_shutdown(&mut self) -> Result<(), Error> {
        if !self.registration.is_going_away() || self.has_ended() {
            return Ok(());
        }
        if self.registration.is_aborted() {
            return self.end(Error::Aborted);
        }
        self.start_close(CloseCode::GOING_AWAY, "")
    }

    /// Prepares for waiting, once the stream has nothing to do: from now on a signal or a deadline
    /// wakes the task. Ready if there was something to handle instead.
    ///
    /// Deadlines are judged here, when the stream has just been tried, and nowhere else: a task
    /// that was busy elsewhere must not hold its own absence against the peer. Only a `Reader` can
    /// tell whether the peer is silent.
    fn poll_wait(&mut self, cx: &Context<'_>, side: Side) -> Poll<Result<(), Error>> {
        self.tally.add_to(self.counters.as_ref());
        if !coop::has_budget_remaining() {
            // The stream has not been tried: it is the other tasks' turn.
            return poll_others(cx);
        }
        self.registration.register_waker(cx);
        let shutting_down = self.registration.is_going_away() && self.can_send();
        if shutting_down || self.registration.is_aborted() {
            return Poll::Ready(self.heed_shutdown());
        }
        if self.registration.take_expired() || (self.overdue && matches!(side, Side::Reader)) {
            return Poll::Ready(self.judge_deadlines(side));
        }
        self.schedule();
        Poll::Pending
    }

    fn judge_deadlines(&mut self, side: Side) -> Result<(), Error> {
        self.now = clock::now();
        if self.write_deadline().is_some_and(|deadline| deadline <= self.now) {
            return self.end(Error::TimedOut(Deadline::Write));
        }
        let only_closing = !self.protocol.can_send();
        self.overdue = !only_closing && matches!(side, Side::Writer);
        if self.overdue {
            return Ok(());
        }
        match self.protocol.handle_timeout(self.now) {
            Ok(()) => Ok(()),
            Err(timed_out) => self.end(timed_out.into()),
        }
    }

    fn write_deadline(&self) -> Option<Instant> {
        Some(self.stalled? + Duration::from_millis(self.write_timeout.into()))
    }

    /// Makes sure that the next deadline is noticed, even by a task that never has to wait.
    fn schedule(&mut self) {
        let protocol = if self.overdue { None } else { self.protocol.poll_timeout() };
        let deadline = match (protocol, self.write_deadline()) {
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
    /// [`poll_wait`](Self::poll_wait). An error is the stream's, and final for writing.
    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Some(failure) = self.write_failure {
            self.output.clear();
            return Poll::Ready(Err(failure.into()));
        }
        let written = self.poll_write_all(cx);
        match &written {
            Poll::Ready(Ok(())) => self.stalled = None,
            Poll::Ready(Err(error)) => {
                self.write_failure = Some(error.into());
                self.stalled = None;
                self.output.clear();
                // A reader that waits no longer has anything to wait for.
                self.registration.wake();
            }
            // If it does not wait for other tasks to have their turn, the stream takes no more.
            Poll::Pending
                if self.stalled.is_none() && (self.unflushed || !self.output.is_empty()) =>
            {
                self.stalled = Some(clock::now());
                self.schedule();
            }
            Poll::Pending => {}
        }
        written
    }

    fn poll_write_all(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.queue_control();
            if self.output.is_empty() {
                if !self.is_encoding() {
                    break;
                }
                ready!(self.poll_turn(cx));
                self.encode_more();
                continue;
            }
            let Poll::Ready(written) = self.output.poll_write(&mut self.stream, cx) else {
                self.encode_without_room(cx);
                return Poll::Pending;
            };
            self.tally.bytes_sent += written?;
            self.stalled = None;
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        if std::mem::take(&mut self.control_queued) {
            self.protocol.flushed(clock::now());
            self.schedule();
        }
        Poll::Ready(Ok(()))
    }

    /// Moves waiting control frames into the queue, as far as there is room: whatever the peer does,
    /// the queue stays within its limit and the engine's outbox holds the newest.
    fn queue_control(&mut self) {
        while self.protocol.wants_transmit()
            && self.has_room_for_control()
            && self.write_failure.is_none()
        {
            let mut frame = [0; websocket_listener_core::MAX_CONTROL_FRAME];
            let length = self.protocol.transmit(&mut frame, self.now);
            self.output.push_control(&frame[..length]);
            self.control_queued = true;
        }
    }

    /// Ends the connection with this error, unless it was already closing for another reason.
    /// Returns what the operation that noticed has to return.
    fn end(&mut self, error: Error) -> Result<(), Error> {
        let (outcome, result) = match self.phase {
            Phase::Open => (Some(Failure::from(&error)), Err(error)),
            Phase::Closing { failure, .. } => (failure, failure.map_or(Ok(()), |f| Err(f.into()))),
            Phase::Ended(failure) => return failure.map_or(Ok(()), |failure| Err(failure.into())),
        };
        if matches!(outcome, Some(Failure::Aborted | Failure::TimedOut(_))) {
            // The peer gets no Close frame, but it was this end that gave up.
            let _ = self.protocol.close(CloseCode::NO_STATUS, "", self.now);
        }
        self.protocol.end_of_stream();
        self.phase = Phase::Ended(outcome);
        self.tear_down(outcome);
        result
    }

    /// Gives back what an ended connection has no use for, and notifies everybody concerned.
    fn tear_down(&mut self, outcome: Option<Failure>) {
        self.input.clear();
        self.output.clear();
        self.extended = None;
        self.seat = None;
        self.stalled = None;
        self.details.in_span(|| {
            let peer_addr = self.details.peer_addr();
            tracing::debug!(id = self.id, ?peer_addr, failure = ?outcome, "ended");
        });
        self.count_end(outcome);
        // Only now, because a shutdown that has waited for this connection reads the counters next.
        self.registration.leave();
        // The other half may be waiting for something that will not come.
        self.registration.wake();
    }

    fn count_end(&mut self, outcome: Option<Failure>) {
        self.tally.add_to(self.counters.as_ref());
        let Some(counters) = &self.counters else { return };
        counters.open.fetch_sub(1, Ordering::Relaxed);
        count(match outcome {
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

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// How many bytes were sent that the stream has not taken.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.output.len() + self.encoding_bytes()
    }

    pub(crate) fn span(&self) -> Span {
        self.details.span().cloned().unwrap_or_else(Span::none)
    }

    pub(crate) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    pub(crate) fn stream(&self) -> &S {
        &self.stream
    }
}

/// Unique in a process.
fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        if matches!(self.phase, Phase::Ended(_)) {
            return;
        }
        self.input.clear();
        self.output.clear();
        self.details.in_span(|| {
            tracing::debug!(id = self.id, peer_addr = ?self.details.peer_addr(), "dropped");
        });
        self.tally.add_to(self.counters.as_ref());
        if let Some(counters) = &self.counters {
            counters.open.fetch_sub(1, Ordering::Relaxed);
            count(&counters.closed_dropped);
        }
    }
}
