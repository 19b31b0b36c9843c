//! The counters of a listener.

#[cfg(feature = "metrics")]
mod metrics;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A snapshot of a listener's counters, which start at 0 when it is bound; see
/// [`WebSocketListener::counters`](crate::WebSocketListener::counters).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Opening handshakes that succeeded.
    pub accepted: u64,
    /// Opening handshakes that did not succeed, by reason.
    pub refused: RefusedCounts,
    /// Failures of the system to accept a connection, such as a lack of file descriptors or memory;
    /// the listener pauses after each.
    pub accept_errors: u64,
    /// HTTP requests that the application took over.
    pub taken_over: u64,
    /// Connections that are open now.
    pub open: u64,
    /// Connections that have ended, by reason.
    pub closed: ClosedCounts,
    /// Messages received whole.
    pub messages_received: u64,
    /// Messages queued to be sent.
    pub messages_sent: u64,
    /// Messages that a sender that does not wait has dropped, because the peer was too slow.
    pub messages_dropped: u64,
    /// Bytes read from the connections, frame headers included.
    pub bytes_received: u64,
    /// Bytes written to the connections, frame headers included.
    pub bytes_sent: u64,
}

/// Opening handshakes that did not succeed, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedCounts {
    /// The request was not HTTP, or not a valid opening handshake: 400, 405, 426, 431.
    pub malformed: u64,
    /// The request was not complete before the deadline: 408.
    pub timed_out: u64,
    /// The listener had too many connections, or its queue of accepted connections was full: 503.
    pub overloaded: u64,
    /// One address had too many open connections, or too many requests within a second: 429.
    pub by_address: u64,
    /// The application refused the request.
    pub rejected: u64,
    /// The TLS handshake failed, or an endpoint with TLS received plain HTTP.
    pub tls: u64,
    /// A trusted peer did not send the required header of the PROXY protocol.
    pub proxy_header: u64,
    /// The peer disconnected during the handshake.
    pub disconnected: u64,
    /// The listener was shutting down: 503.
    pub shutting_down: u64,
}

/// Connections that have ended, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClosedCounts {
    /// The connection ended with a closing handshake.
    pub clean: u64,
    /// The stream ended or failed without a closing handshake.
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
        /// The counters, as they are counted.
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

/// The counts of one connection, not yet added to the counters, because threads would contend for
/// a cache line at every message.
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
