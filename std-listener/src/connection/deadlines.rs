//! Waiting: for the stream, for a signal, and for the next deadline.

use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop;

use super::Connection;
use super::tasks::Side;
use super::turns::poll_others;
use crate::registry::clock;

/// The bytes that are still read after a deadline has passed: what the deadline waits for may be
/// among them. A peer that always has something to be read gets no more time than that.
const LATE_INPUT: u16 = u16::MAX;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Prepares for waiting, once the stream has nothing to do: from now on a signal or a deadline
    /// wakes the task. Ready if there was something to handle instead.
    ///
    /// Deadlines are checked only after the stream has just been tried, so that a task that was busy
    /// elsewhere does not hold its own absence against the peer.
    pub(super) fn poll_wait(&mut self, cx: &Context<'_>, side: Side) -> Poll<()> {
        self.tally.add_to(self.counters.as_ref());
        if !coop::has_budget_remaining() {
            // The stream has not been tried: it is the other tasks' turn.
            return poll_others(cx);
        }
        self.registration.register_waker(cx);
        let shutting_down = self.registration.is_going_away() && self.can_send();
        if shutting_down || self.registration.is_aborted() {
            // The signal came before the waker was there.
            self.check_shutdown();
            return Poll::Ready(());
        }
        let expired = self.take_expired();
        let is_due = match side {
            // The writing half may have been the one that was woken.
            Side::Reader => self.late_input.is_some(),
            Side::Writer => expired,
        };
        if is_due {
            // A ping may have been queued, or the connection have ended.
            self.check_deadlines(side);
            return Poll::Ready(());
        }
        self.schedule(side);
        Poll::Pending
    }

    /// Counts what was just read, if a deadline has passed.
    #[inline]
    pub(super) fn count_late_input(&mut self, read: usize) {
        if self.take_expired() || self.late_input.is_some() {
            let read = u16::try_from(read).unwrap_or(LATE_INPUT);
            self.late_input = Some(self.late_input.unwrap_or(0).saturating_add(read));
        }
    }

    /// Checks the deadlines of a connection that never has to wait for input, once everything that
    /// was read has been through the engine.
    #[inline]
    pub(super) fn check_late_input(&mut self) {
        if self.late_input == Some(LATE_INPUT) {
            self.check_deadlines(Side::Reader);
            self.schedule(Side::Reader);
        }
    }

    /// Returns whether a deadline has passed since the last call, and notes it for the reading half.
    #[inline]
    fn take_expired(&mut self) -> bool {
        let expired = self.registration.take_expired();
        if expired {
            self.late_input.get_or_insert(0);
        }
        expired
    }

    fn check_deadlines(&mut self, side: Side) {
        if let Side::Reader = side {
            self.late_input = None;
        }
        self.now = clock::now();
        // How it ended, if it did, is the outcome.
        let _ = self.protocol.handle_timeout(side, self.now);
        self.end_if_over();
    }

    /// Makes sure that the next deadline is noticed, even by a task that never has to wait.
    pub(super) fn schedule(&mut self, side: Side) {
        if let Some(deadline) = self.protocol.poll_timeout(side) {
            self.registration.wake_at(deadline);
        }
    }
}
