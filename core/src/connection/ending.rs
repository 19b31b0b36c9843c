//! The end of a connection: the closing handshake (RFC 6455 section 7.1), then that of its stream.
//!
//! A connection ends in this order. Each step may be the last, because the stream may break or a
//! deadline pass at any time.
//!
//! 1. The closing handshake: a Close frame in each direction, or one from this end alone that tells
//!    the peer what it did wrong. A stream that ends without one has lost the connection.
//! 2. The end of this direction of the stream. Section 7.1.1 says which end goes first:
//!    [`Connection::wants`] decides it, here and nowhere else.
//! 3. The end of the peer's direction. Until then the owner reads and drops what still comes: a
//!    socket that is closed with unread bytes in it resets the connection, and the reset overtakes
//!    what was sent.
//!
//! The outcome is that of step 1. What happens to the stream after a complete closing handshake
//! does not change it.

use super::{Connection, ControlMemory};
use crate::close::{CloseCode, CloseReason, Initiator};
use crate::config::Role;
use crate::error::{Failure, ProtocolError};
use crate::time::Instant;

/// The progress of a connection towards its end.
#[derive(Debug)]
pub(super) struct Ending {
    receiving: Receiving,
    initiator: Option<Initiator>,
    /// The time at which the connection is over, whatever the peer does.
    deadline: Option<Instant>,
    /// True if the peer's direction of the stream has ended.
    input_ended: bool,
    output: Output,
    /// True if the peer can see that this end's direction has ended.
    sees_half_close: bool,
    /// True if a control frame was written and may not have left.
    unflushed: bool,
}

/// The reason for which nothing more is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiving {
    Open,
    /// The peer's Close frame came. Its code and reason lie in the received control payload.
    Closed,
    Failed(ProtocolError),
    /// The stream ended, or a deadline passed, without a Close frame.
    Lost(Failure),
}

/// This end's direction of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Open {
        /// True if a message was begun and has not ended.
        in_message: bool,
    },
    ShutDown,
    Failed,
}

/// The needs of a connection. Several can hold at once: a peer may take more only once
/// it has been read from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wants {
    /// A control frame waits for [`Connection::transmit`].
    pub transmit: bool,
    /// Once everything that is queued has left, this end's direction is to be shut down, and
    /// [`Connection::shut_down`] called.
    pub shut_down: bool,
    /// The stream is to be read. After the closing handshake this only keeps what was sent from
    /// being lost; [`Connection::receive`] drops it.
    pub read: bool,
    /// The connection is over, and its [outcome](Connection::outcome) known: the stream is to be
    /// dropped.
    pub over: bool,
}

impl Ending {
    pub(super) const fn new(sees_half_close: bool) -> Self {
        Self {
            receiving: Receiving::Open,
            initiator: None,
            deadline: None,
            input_ended: false,
            output: Output::Open { in_message: false },
            sees_half_close,
            unflushed: false,
        }
    }

    pub(super) const fn receiving(&self) -> Receiving {
        self.receiving
    }

    pub(super) const fn can_receive(&self) -> bool {
        matches!(self.receiving, Receiving::Open)
    }

    pub(super) const fn can_send(&self) -> bool {
        self.initiator.is_none()
    }

    /// Returns whether the stream is of no further use.
    pub(super) const fn is_over(&self) -> bool {
        match self.output {
            Output::Open { .. } => false,
            Output::ShutDown => self.input_ended,
            // What came before is still read.
            Output::Failed => self.input_ended || !self.can_receive(),
        }
    }

    /// The deadline of the closing handshake and of the stream's end.
    pub(super) const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// A Close frame has been queued or received (RFC 6455 section 7.1.3). The first to do so names
    /// the initiator and sets the deadline: a peer cannot prolong it.
    pub(super) fn begin(&mut self, initiator: Initiator, deadline: Instant) {
        self.initiator.get_or_insert(initiator);
        self.deadline.get_or_insert(deadline);
    }

    pub(super) fn close_received(&mut self, deadline: Instant) {
        self.receiving = Receiving::Closed;
        self.begin(Initiator::Peer, deadline);
    }

    pub(super) fn fail(&mut self, error: ProtocolError, deadline: Instant) {
        self.receiving = Receiving::Failed(error);
        self.begin(Initiator::Local, deadline);
    }

    /// Sets the deadline again, if it was a frame of the peer that set it.
    fn set_deadline(&mut self, deadline: Instant) {
        let by_peer = self.initiator == Some(Initiator::Peer)
            || matches!(self.receiving, Receiving::Failed(_));
        if by_peer && self.deadline.is_some() {
            self.deadline = Some(deadline);
        }
    }

    /// Ends receiving for this failure, unless it has ended already.
    fn lose(&mut self, failure: Failure) {
        if self.can_receive() {
            self.receiving = Receiving::Lost(failure);
        }
        self.initiator.get_or_insert(match failure {
            Failure::Protocol(_) | Failure::TimedOut(_) | Failure::Aborted => Initiator::Local,
            Failure::Disconnected | Failure::Transport => Initiator::Peer,
        });
    }

    fn give_up(&mut self, failure: Failure) {
        self.lose(failure);
        self.input_ended = true;
        self.output = Output::Failed;
    }

    /// A control frame has been written.
    pub(super) const fn control_written(&mut self) {
        self.unflushed = true;
    }

    pub(super) const fn flushed(&mut self) {
        self.unflushed = false;
    }

    /// Returns whether a message was begun, if messages can still be sent.
    #[inline]
    pub(super) const fn open_output(&mut self) -> Option<&mut bool> {
        match &mut self.output {
            Output::Open { in_message } if self.initiator.is_none() => Some(in_message),
            _ => None,
        }
    }

    pub(super) const fn can_write(&self) -> bool {
        matches!(self.output, Output::Open { .. })
    }

    fn outcome(&self) -> Result<(), Failure> {
        match self.receiving {
            Receiving::Open | Receiving::Closed => Ok(()),
            Receiving::Failed(error) => Err(Failure::Protocol(error)),
            Receiving::Lost(failure) => Err(failure),
        }
    }

    /// The code (RFC 6455 section 7.1.5) and the reason (RFC 6455 section 7.1.6).
    fn reason<'a>(&self, payload: &'a [u8]) -> Option<CloseReason<'a>> {
        let initiator = self.initiator?;
        let (code, reason) = match self.receiving {
            Receiving::Open => return None,
            Receiving::Closed => match payload.split_first_chunk() {
                Some((code, reason)) => (
                    CloseCode::new(u16::from_be_bytes(*code)),
                    // Checked when the frame came.
                    core::str::from_utf8(reason).unwrap_or_default(),
                ),
                None => (CloseCode::NO_STATUS, ""),
            },
            Receiving::Failed(_) | Receiving::Lost(_) => (CloseCode::ABNORMAL, ""),
        };
        Some(CloseReason { code, reason, initiator })
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// Returns what the connection needs of its stream now, also to end it cleanly
    /// (RFC 6455 section 7.1.1). Changes with every other call.
    #[must_use]
    pub const fn wants(&self) -> Wants {
        let over = self.ending.is_over();
        let transmit = self.wants_transmit();
        let has_left = !transmit && !self.ending.unflushed;
        Wants {
            transmit,
            shut_down: self.ending.can_write()
                && self.is_closed()
                && has_left
                && !self.waits_for_server(),
            read: !over && !self.ending.input_ended,
            over,
        }
    }

    /// Returns whether the peer has to end its direction of the stream first: a client leaves it to
    /// the server (RFC 6455 section 7.1.1), unless it has failed the connection
    /// (RFC 6455 section 7.1.7), or the server would not see that its turn has come.
    const fn waits_for_server(&self) -> bool {
        let is_client = matches!(self.role, Role::Client { .. });
        let has_closed = matches!(self.ending.receiving, Receiving::Closed);
        is_client && has_closed && self.ending.sees_half_close && !self.ending.input_ended
    }

    /// Notes that the peer's direction of the stream has ended: without a Close frame before, the
    /// connection is lost (RFC 6455 section 7.2.1). What is queued can still leave, within the
    /// close timeout.
    ///
    /// An owner whose writing has [failed](Self::write_failed) calls it as soon as nothing more can
    /// be read at once.
    pub fn end_of_input(&mut self, now: Instant) {
        let failed = self.ending.output == Output::Failed;
        self.ending.lose(if failed { Failure::Transport } else { Failure::Disconnected });
        self.ending.input_ended = true;
        let deadline = now.after(self.limits.close_timeout);
        self.ending.deadline.get_or_insert(deadline);
    }

    /// Notes that nothing more can be written. What the peer sent before can still be received.
    pub fn write_failed(&mut self) {
        if self.ending.can_write() {
            self.ending.output = Output::Failed;
            self.ending.initiator.get_or_insert(Initiator::Peer);
            self.progress.end_wait();
        }
    }

    /// Notes that this end's direction of the stream has ended, as [`Wants::shut_down`] asked for.
    pub fn shut_down(&mut self) {
        if self.ending.can_write() {
            self.ending.output = Output::ShutDown;
            self.ending.input_ended |= !self.ending.sees_half_close;
            self.progress.end_wait();
        }
    }

    /// Ends the connection at once, for this failure: the peer gets no Close frame. The outcome is
    /// this failure, unless the closing handshake was complete, or the connection had failed
    /// before.
    pub fn give_up(&mut self, failure: Failure) {
        if !self.ending.is_over() {
            self.ending.give_up(failure);
        }
    }

    /// Returns how the connection ended, the same at every call; `None` while it has not. A closing
    /// handshake that was complete is `Ok`, whatever happened to the stream afterwards.
    #[must_use]
    pub fn outcome(&self) -> Option<Result<(), Failure>> {
        self.ending.is_over().then(|| self.ending.outcome())
    }

    /// Counts the deadline of a closing handshake that the peer began, or of a failure, from `now`.
    ///
    /// For an owner that passes bytes to [`receive`](Self::receive) later than they came, with the
    /// time at which they came. Does nothing if this end was the first to close.
    pub fn restart_close_deadline(&mut self, now: Instant) {
        self.ending.set_deadline(now.after(self.limits.close_timeout));
    }

    /// Returns whether a Close frame has been both received, or the connection failed, and sent
    /// (RFC 6455 section 5.5.1): the stream is to be flushed and ended (RFC 6455 section 7.1.2).
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.ending.is_over()
            || match self.ending.receiving {
                Receiving::Open => false,
                Receiving::Closed | Receiving::Failed(_) => self.control.close_sent(),
                Receiving::Lost(_) => true,
            }
    }

    /// Returns whether a message was begun and not ended, so that no other can begin.
    #[must_use]
    pub const fn is_amid_message(&self) -> bool {
        matches!(self.ending.output, Output::Open { in_message: true })
    }

    /// Returns how the connection ended; `None` while the peer may still say.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason<'_>> {
        self.ending.reason(self.control.payload())
    }
}
