//! The rate at which the peer takes what is written, and the deadline of a peer that takes too
//! little.
//!
//! A wait begins when the stream takes no more, and ends when it takes something. Waits add up
//! until the peer has taken as much as the least rate asks for in a write timeout, or everything
//! has left; then the measurement begins anew. So time in which nothing waits to be written counts
//! for nothing, and a byte now and then does not hold a connection.

use super::Connection;
use super::deadlines::Side;
use crate::config::Limits;
use crate::time::{CoarseInstant, Instant};

/// If the deadline passed longer ago than this, the owner was not there to look at it, and did not
/// write either: the wait says nothing about the peer if the stream takes something after all.
const UNOBSERVED: u64 = 1_000_000;

/// The measurement of one connection.
#[derive(Debug)]
pub(super) struct WriteProgress {
    /// The time since which the stream takes nothing, while something waits.
    blocked_since: Option<Instant>,
    /// The time of the last piece of a message that was received during these waits; or their
    /// start.
    last_message: CoarseInstant,
    /// The waits before this one, in microseconds.
    waited: u32,
    /// The bytes that were taken since the measurement began.
    taken: u32,
    /// The owner's last report.
    unsent: u32,
}

impl WriteProgress {
    pub(super) const fn new() -> Self {
        let last_message = CoarseInstant::ORIGIN;
        Self { blocked_since: None, last_message, waited: 0, taken: 0, unsent: 0 }
    }

    /// The time at which the wait is too long.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn deadline(&self, side: Side, limits: &Limits) -> Option<Instant> {
        let since = self.blocked_since?;
        let left = limits.write_timeout.as_micros().saturating_sub(u64::from(self.waited));
        let deadline = since.after_micros(left);
        Some(match side {
            Side::Reader => {
                let last = self.last_message.near(since);
                deadline.max(last.after(limits.write_timeout))
            }
            Side::Writer => deadline,
        })
    }

    /// Notes that a piece of a message was received.
    #[inline]
    pub(super) fn message_received(&mut self, now: Instant) {
        if self.blocked_since.is_some() {
            self.last_message = now.coarse();
        }
    }

    /// Notes that the stream takes no more. The first wait of a measurement begins it.
    fn begin_wait(&mut self, now: Instant) {
        if self.blocked_since.is_none() {
            self.blocked_since = Some(now);
            if self.waited == 0 {
                self.last_message = now.coarse();
            }
        }
    }

    /// Notes that nothing waits to be written.
    pub(super) const fn end_wait(&mut self) {
        self.blocked_since = None;
        self.waited = 0;
        self.taken = 0;
    }

    /// Notes that the stream, or the peer, has taken this much.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn advance(&mut self, bytes: u64, now: Instant, limits: &Limits) {
        let Some(since) = self.blocked_since.take() else {
            if self.waited > 0 {
                self.add_taken(bytes, limits);
            }
            return;
        };
        let waited = u64::from(self.waited).saturating_add(now.micros_since(since));
        if waited > limits.write_timeout.as_micros().saturating_add(UNOBSERVED) {
            self.end_wait();
            return;
        }
        self.waited = u32::try_from(waited).unwrap_or(u32::MAX);
        self.add_taken(bytes, limits);
    }

    fn add_taken(&mut self, bytes: u64, limits: &Limits) {
        if bytes == 0 {
            return;
        }
        match u32::try_from(bytes).ok().and_then(|bytes| self.taken.checked_add(bytes)) {
            Some(taken) if !limits.is_enough(taken) => self.taken = taken,
            _ => self.end_wait(),
        }
    }
}

impl<I, O> Connection<I, O> {
    /// Notes that the stream has taken this many bytes; or 0, if nothing waits to be written any
    /// more, because its writer has gone. Asks for the time only while the stream
    /// [is blocked](Self::is_write_blocked).
    pub fn written(&mut self, bytes: u64, now: impl FnOnce() -> Instant) {
        let now = if self.is_write_blocked() { now() } else { Instant::default() };
        self.progress.advance(bytes, now, &self.limits);
    }

    /// Notes that the stream takes no more for now, though something waits to be written or
    /// flushed. From here on the [write timeout](crate::Config::write_timeout) counts, until
    /// [`written`](Self::written) or [`flushed`](Self::flushed). May be called again at each
    /// attempt.
    pub fn write_blocked(&mut self, now: Instant) {
        if self.ending.can_write() {
            self.progress.begin_wait(now);
        }
    }

    /// Returns whether the last attempt to write found that the stream takes no more.
    #[must_use]
    pub const fn is_write_blocked(&self) -> bool {
        self.progress.blocked_since.is_some()
    }

    /// Notes how many bytes the peer has not acknowledged, for an owner that can tell: those in its
    /// own queue and in that of the system's socket or of a board's ring.
    ///
    /// Fewer than at the last call are progress of the write, and a sign of life that puts off the
    /// pong deadline. An owner calls it after it has written, and before
    /// [`handle_timeout`](Self::handle_timeout).
    pub fn unsent(&mut self, bytes: u64, now: Instant) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let taken = self.progress.unsent.saturating_sub(bytes);
        self.progress.unsent = bytes;
        if bytes == 0 {
            self.progress.end_wait();
        } else if taken > 0 && self.is_write_blocked() {
            self.progress.advance(u64::from(taken), now, &self.limits);
            self.progress.begin_wait(now);
        }
        if taken > 0 {
            self.keepalive.acknowledged(now);
        }
    }

    /// Notes that the stream has taken everything that was written. From here on a ping can be
    /// overdue: one that waits behind a long write is never held against the peer.
    pub fn flushed(&mut self, now: Instant) {
        self.keepalive.flushed(now);
        self.ending.flushed();
        if self.progress.unsent == 0 {
            self.progress.end_wait();
        } else {
            self.progress.advance(0, now, &self.limits);
        }
    }
}
