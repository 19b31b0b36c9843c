//! Counters of what a listener has seen.

#[cfg(feature = "metrics")]
mod metrics;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A snapshot of what a listener has counted since it was bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Opening handshakes that succeeded.
    pub accepted: u64,
    /// Opening handshakes that did not succeed, by reason.
    pub refused: Refused,
    /// Failures to accept a connection from the system, for want of file descriptors or memory;
    /// after each the listener waits a moment.
    pub accept_errors: u64,
    /// HTTP requests that the application took over.
    pub taken_over: u64,
    /// Connections that are open now.
    pub open: u64,
    /// Connections that have ended, by reason.
    pub closed: Closed,
    /// Messages received whole.
    pub messages_received: u64,
    /// Messages queued to be sent.
    pub messages_sent: u64,
    /// Messages that were not queued, because the peer was too slow for a sender that does not wait.
    pub messages_dropped: u64,
    /// Bytes read from the connections, frame headers included.
    pub bytes_received: u64,
    /// Bytes written to them.
    pub bytes_sent: u64,
}

/// Opening handshakes that did not succeed, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// Not HTTP, or not a valid WebSocket request: 400, 405, 426, 431.
    pub malformed: u64,
    /// Not finished before the deadline: 408.
    pub timed_out: u64,
    /// Too many at once, or the queue of accepted connections full: 503.
    pub overloaded: u64,
    /// Too many from one address, open or within a second: 429.
    pub by_address: u64,
    /// Refused by the application.
    pub rejected: u64,
    /// TLS handshakes that failed, and plain HTTP on an endpoint with TLS.
    pub tls: u64,
    /// Trusted peers that had to send the header of the PROXY protocol and did not.
    pub proxy_header: u64,
    /// The peer went away in the middle.
    pub disconnected: u64,
    /// The listener was shutting down: 503.
    pub shutting_down: u64,
}

/// Connections that have ended, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// With a closing handshake.
    pub clean: u64,
    /// Without one: the stream ended or failed.
    pub disconnected: u64,
    /// The peer broke the protocol or a limit.
    pub protocol_error: u64,
    /// A deadline passed.
    pub timed_out: u64,
    /// The application dropped the connection without closing it.
    pub dropped: u64,
    /// A shutdown's deadline passed.
    pub aborted: u64,
}

macro_rules! cells {
    ($($(#[$meta:meta])* $name:ident => $($field:ident).+;)*) => {
        /// The counters themselves.
        #[derive(Debug, Default)]
        pub(crate) struct CounterCells { $($(#[$meta])* pub(crate) $name: AtomicU64,)* }

        impl CounterCells {
            pub(crate) fn snapshot(&self) -> Counters {
                let mut counters = Counters::default();
                $(counters.$($field).+ = self.$name.load(Ordering::Relaxed);)*
                counters
            }
        }
    };
}

cells! {
    accepted => accepted;
    refused_malformed => refused.malformed;
    refused_timed_out => refused.timed_out;
    refused_overloaded => refused.overloaded;
    refused_by_address => refused.by_address;
    refused_rejected => refused.rejected;
    refused_tls => refused.tls;
    refused_proxy_header => refused.proxy_header;
    refused_disconnected => refused.disconnected;
    refused_shutting_down => refused.shutting_down;
    accept_errors => accept_errors;
    taken_over => taken_over;
    open => open;
    closed_clean => closed.clean;
    closed_disconnected => closed.disconnected;
    closed_protocol_error => closed.protocol_error;
    closed_timed_out => closed.timed_out;
    closed_dropped => closed.dropped;
    closed_aborted => closed.aborted;
    messages_received => messages_received;
    messages_sent => messages_sent;
    messages_dropped => messages_dropped;
    bytes_received => bytes_received;
    bytes_sent => bytes_sent;
}

pub(crate) fn count(cell: &AtomicU64) {
    cell.fetch_add(1, Ordering::Relaxed);
}

/// What one connection has counted but not yet added to the counters: threads must not fight over a
/// cache line for every message.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) messages_received: u32,
    pub(crate) messages_sent: u32,
    pub(crate) bytes_received: usize,
    pub(crate) bytes_sent: usize,
}

impl Tally {
    /// Adds the tally to the counters, and starts a new one.
    pub(crate) fn add_to(&mut self, counters: Option<&Arc<CounterCells>>) {
        let tally = std::mem::take(self);
        let Some(counters) = counters else { return };
        for (cell, counted) in [
            (&counters.messages_received, u64::from(tally.messages_received)),
            (&counters.messages_sent, u64::from(tally.messages_sent)),
            (&counters.bytes_received, tally.bytes_received as u64),
            (&counters.bytes_sent, tally.bytes_sent as u64),
        ] {
            if counted != 0 {
                cell.fetch_add(counted, Ordering::Relaxed);
            }
        }
    }
}
