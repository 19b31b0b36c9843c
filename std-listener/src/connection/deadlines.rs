//! Waiting: for a signal, and for the next deadline.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;
use websocket_listener_core::{CloseCode, Instant};

use super::Connection;
use super::tasks::Side;
use super::turns::poll_others;
use crate::error::{Deadline, Error};
use crate::registry::clock;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Closes, or ends, the connection if the listener shuts down.
    #[inline]
    pub(super) fn heed_shutdown(&mut self) -> Result<(), Error> {
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
    pub(super) fn poll_wait(&mut self, cx: &Context<'_>, side: Side) -> Poll<Result<(), Error>> {
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

    pub(super) fn judge_deadlines(&mut self, side: Side) -> Result<(), Error> {
        self.now = clock::now();
        if self.write_deadline().is_some_and(|deadline| deadline <= self.now) {
            return self.end(Error::TimedOut(Deadline::Write));
        }
        let only_closing = !self.protocol.can_send();
        self.overdue = !only_closing && matches!(side, Side::Writer);
        if self.overdue {
            return Ok(());
        }
        match self.protocol.handle_timeout(websocket_listener_core::Side::Reader, self.now) {
            Ok(()) => Ok(()),
            Err(timed_out) => self.end(timed_out.into()),
        }
    }

    fn write_deadline(&self) -> Option<Instant> {
        Some(self.stalled? + Duration::from_millis(self.write_timeout.into()))
    }

    /// Makes sure that the next deadline is noticed, even by a task that never has to wait.
    pub(super) fn schedule(&mut self) {
        let protocol = if self.overdue {
            None
        } else {
            self.protocol.poll_timeout(websocket_listener_core::Side::Reader)
        };
        let deadline = match (protocol, self.write_deadline()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(deadline) = deadline {
            self.registration.wake_at(deadline);
        }
    }
}
