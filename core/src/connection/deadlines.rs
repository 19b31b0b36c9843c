//! The deadlines of a connection: which comes next, and what is done then.

use super::keepalive::Due;
use super::{Connection, ControlMemory};
use crate::error::{Failure, TimedOut};
use crate::time::Instant;

/// The half of a connection that asks for its deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The half that reads, and may write control frames.
    Reader,
    /// The half that only writes. It cannot tell whether the peer is silent, so neither the pong
    /// deadline nor that of the peer's Close frame is its own.
    Writer,
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Returns when to call [`handle_timeout`](Self::handle_timeout) for this half; `None` if
    /// never. Changes with every other call.
    #[must_use]
    pub fn poll_timeout(&self, side: Side) -> Option<Instant> {
        if self.ending.is_over() {
            return None;
        }
        let written = self.progress.deadline(side, &self.limits);
        match (self.peer_timeout(side), written) {
            (Some(peer), Some(written)) => Some(peer.min(written)),
            (peer, written) => peer.or(written),
        }
    }

    /// The deadline for what the peer sends, or, once nothing more is received, for its end of the
    /// stream.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn peer_timeout(&self, side: Side) -> Option<Instant> {
        match (self.ending.deadline(), side) {
            (Some(_), Side::Writer) if self.ending.can_receive() => None,
            (Some(deadline), _) => Some(deadline),
            (None, Side::Reader) => self.keepalive.poll_timeout(&self.limits),
            (None, Side::Writer) => None,
        }
    }

    /// Does what is due for this half at `now`: queues a ping, or gives up the peer, be it a server
    /// that does not end its stream (RFC 6455 section 7.1.1). Does nothing when nothing is due.
    ///
    /// All but the write deadline depend on the peer's silence. What the peer sent in time may not
    /// have been looked at in time, so an owner calls this only after [`receive`](Self::receive)
    /// has had what can be read at once, at most 64 KiB, or one ring of a board. A peer that never
    /// pauses gets no more time than that.
    ///
    /// # Errors
    /// The deadline has ended the connection, and its stream is of no further use.
    /// [`outcome`](Self::outcome) says how: a closing handshake that was complete remains so.
    pub fn handle_timeout(&mut self, side: Side, now: Instant) -> Result<(), TimedOut> {
        if self.ending.is_over() {
            return Ok(());
        }
        if self.peer_timeout(side).is_some_and(|deadline| deadline <= now) {
            if self.ending.deadline().is_some() {
                return Err(self.time_out(TimedOut::Close));
            }
            match self.keepalive.due() {
                Due::Ping => {
                    self.control.queue_keepalive_ping(now);
                    self.keepalive.ping_queued();
                }
                Due::GiveUp => return Err(self.time_out(TimedOut::Pong)),
            }
        }
        let written = self.progress.deadline(side, &self.limits);
        if written.is_some_and(|deadline| deadline <= now) {
            return Err(self.time_out(TimedOut::Write));
        }
        Ok(())
    }

    fn time_out(&mut self, timed_out: TimedOut) -> TimedOut {
        self.give_up(Failure::TimedOut(timed_out));
        timed_out
    }
}
