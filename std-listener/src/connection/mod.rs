//! A WebSocket connection over a stream: the engine, and the code that moves its bytes.
//!
//! Everything is a `poll_` function over state that lives here and not in a future, so that a
//! future can be dropped at any time and nothing is lost.

mod closing;
mod control;
mod deadlines;
pub(crate) mod details;
mod ending;
mod extension;
mod frames;
mod input;
mod message_rate;
mod output;
mod receiving;
pub(crate) mod sending;
#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod sizes;
pub(crate) mod tasks;
pub(crate) mod turns;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::Span;
use websocket_listener_core::{Instant, Role};

use crate::counters::{CounterCells, Tally, count};
use crate::extension::negotiation::Agreed;
use crate::handshake::limits::Seat;
use crate::http::request::Request;
use crate::options::{Options, SlowConsumer};
use crate::registry::clock;
use crate::registry::registration::Registration;
use control::{ControlBox, ControlReport};
use details::Details;
use ending::StreamError;
use extension::Extended;
use input::Input;
use message_rate::MessageRate;
use output::Output;

pub(crate) type Protocol = websocket_listener_core::Connection<ControlBox, ControlBox>;

pub(crate) struct Connection<S> {
    id: u64,
    stream: S,
    protocol: Protocol,
    /// The time at which the last bytes came, or the last deadline passed.
    now: Instant,
    input: Input,
    output: Output,
    /// The extension that was agreed on.
    extended: Option<Box<Extended>>,
    /// The first error of the stream. Of writing, if the connection has not ended.
    stream_error: Option<StreamError>,
    /// Bytes that were read since a deadline passed which the reading half has not checked yet.
    late_input: Option<u16>,
    /// The engine has said so, and everything is released.
    has_ended: bool,
    /// The [`Stream`](futures_core::Stream) has returned how the connection ended.
    end_was_yielded: bool,
    automatic_pongs: bool,
    control_report: ControlReport,
    /// One task may receive while another sends.
    pub(crate) is_shared: bool,
    /// The stream may hold back bytes that were written to it.
    unflushed: bool,
    /// The engine wants to know when everything has left: a control frame is in the output, or the
    /// stream took no more.
    flush_awaited: bool,
    write_queue_bytes: u32,
    slow_consumer: SlowConsumer,
    registration: Registration,
    seat: Option<Box<Seat>>,
    message_rate: Option<Box<MessageRate>>,
    tally: Tally,
    counters: Option<Arc<CounterCells>>,
    pub(crate) details: Details,
}

/// The parts that a connection starts with.
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
            input,
            output: Output::default(),
            extended,
            stream_error: None,
            late_input: None,
            has_ended: false,
            end_was_yielded: false,
            automatic_pongs: setup.options.automatic_pongs,
            control_report: ControlReport::Unwanted,
            is_shared: false,
            unflushed: false,
            flush_awaited: false,
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
            let target = details.request().map(Request::target);
            tracing::debug!(id, ?peer_addr, target, subprotocol, "open");
        });
        connection
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Returns the bytes that were sent and that the stream has not taken.
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
        if self.has_ended {
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
