//! The end of a connection: what is given back, told and counted.

use std::sync::atomic::Ordering;

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::CloseCode;

use super::{Connection, Phase};
use crate::counters::count;
use crate::error::{Error, Failure};

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Ends the connection with this error, unless it was already closing for another reason.
    /// Returns what the operation that noticed has to return.
    pub(super) fn end(&mut self, error: Error) -> Result<(), Error> {
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

    /// Gives back what an ended connection has no use for, logs the end (RFC 6455 section 7.1.7),
    /// and wakes the other half.
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
}
