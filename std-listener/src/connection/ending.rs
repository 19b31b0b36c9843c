//! The outcome of a connection, and what is released, logged and counted once it is known.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::Failure;

use super::Connection;
use crate::counters::count;
use crate::error::Error;

/// An error of the stream, kept to be returned again.
#[derive(Clone, Debug)]
pub(super) struct StreamError(Arc<io::Error>);

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for StreamError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<&StreamError> for Error {
    fn from(error: &StreamError) -> Self {
        match error.0.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code).into(),
            None => io::Error::new(error.0.kind(), error.clone()).into(),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Returns how the connection ended; `None` while it has not.
    pub(super) fn outcome(&self) -> Option<Result<(), Error>> {
        let outcome = self.has_ended.then(|| self.protocol.outcome()).flatten()?;
        Some(outcome.map_err(|failure| match failure {
            Failure::Protocol(error) => error.into(),
            Failure::TimedOut(timed_out) => timed_out.into(),
            Failure::Aborted => Error::Aborted,
            Failure::Transport => {
                self.stream_error.as_ref().map_or(Error::Disconnected, Error::from)
            }
            _ => Error::Disconnected,
        }))
    }

    /// Notes an error of writing. What the peer sent before can still be read.
    pub(super) fn fail_writing(&mut self, error: io::Error) {
        self.stream_error.get_or_insert_with(|| StreamError(Arc::new(error)));
        self.protocol.write_failed();
        self.output.clear();
        self.end_if_over();
        // A reader that waits no longer has anything to wait for.
        self.registration.wake();
    }

    /// Notes an error of reading, with which the stream is of no further use.
    pub(super) fn fail_reading(&mut self, error: io::Error) {
        self.stream_error.get_or_insert_with(|| StreamError(Arc::new(error)));
        self.give_up(Failure::Transport);
    }

    /// Ends the connection without waiting for the peer.
    pub(super) fn give_up(&mut self, failure: Failure) {
        self.protocol.give_up(failure);
        self.end_if_over();
    }

    /// Called after everything that may have ended the connection.
    pub(super) fn end_if_over(&mut self) {
        if !self.has_ended && self.protocol.wants().over {
            self.has_ended = true;
            self.tear_down();
        }
    }

    /// Releases what an ended connection has no use for, logs the end (RFC 6455 section 7.1.7), and
    /// wakes the other half.
    fn tear_down(&mut self) {
        self.input.clear();
        self.output.clear();
        self.extended = None;
        self.seat = None;
        self.details.in_span(|| {
            let peer_addr = self.details.peer_addr();
            let failure = self.outcome().and_then(Result::err);
            tracing::debug!(id = self.id, ?peer_addr, ?failure, "ended");
        });
        self.count_end();
        // Only now, because a shutdown that has waited for this connection reads the counters next.
        self.registration.leave();
        // The other half may be waiting for something that will not come.
        self.registration.wake();
    }

    fn count_end(&mut self) {
        self.tally.add_to(self.counters.as_ref());
        let Some(counters) = &self.counters else { return };
        counters.open.fetch_sub(1, Ordering::Relaxed);
        count(match self.protocol.outcome() {
            None | Some(Ok(())) => &counters.closed_clean,
            Some(Err(Failure::Protocol(_))) => &counters.closed_protocol_error,
            Some(Err(Failure::TimedOut(_))) => &counters.closed_timed_out,
            Some(Err(Failure::Aborted)) => &counters.closed_aborted,
            Some(Err(_)) => &counters.closed_disconnected,
        });
    }
}
