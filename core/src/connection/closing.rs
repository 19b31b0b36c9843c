//! The closing handshake (RFC 6455 section 7.1).

use crate::{CloseCode, CloseReason, Initiator, Instant, ProtocolError};

#[derive(Debug)]
pub(super) struct Closing {
    receiving: Receiving,
    initiator: Option<Initiator>,
    /// When to drop the transport, whatever the peer does.
    deadline: Option<Instant>,
    over: bool,
}

/// Why no more is received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiving {
    Open,
    /// The peer's Close frame came. Its code and reason lie in the inbound control payload.
    Closed,
    Failed(ProtocolError),
    /// The stream ended, or a deadline passed, without a Close frame.
    Lost,
}

impl Closing {
    pub(super) const fn new() -> Self {
        Self { receiving: Receiving::Open, initiator: None, deadline: None, over: false }
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

    pub(super) const fn is_over(&self) -> bool {
        self.over
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        if self.over { None } else { self.deadline }
    }

    /// A Close frame has been queued or received. The first to do so names the initiator and sets
    /// the deadline: a peer cannot prolong it.
    pub(super) fn begin(&mut self, initiator: Initiator, deadline: Instant) {
        self.initiator.get_or_insert(initiator);
        self.deadline.get_or_insert(deadline);
    }

    /// Sets the deadline again, if it was a frame of the peer that set it.
    pub(super) fn set_deadline(&mut self, deadline: Instant) {
        let by_peer = self.initiator == Some(Initiator::Peer)
            || matches!(self.receiving, Receiving::Failed(_));
        if by_peer && self.deadline.is_some() {
            self.deadline = Some(deadline);
        }
    }

    pub(super) fn close_received(&mut self, deadline: Instant) {
        self.receiving = Receiving::Closed;
        self.begin(Initiator::Peer, deadline);
    }

    pub(super) fn fail(&mut self, error: ProtocolError, deadline: Instant) {
        self.receiving = Receiving::Failed(error);
        self.begin(Initiator::Local, deadline);
    }

    /// The transport's stream ended.
    pub(super) fn end(&mut self) {
        self.initiator.get_or_insert(Initiator::Peer);
        self.lose();
    }

    /// This endpoint no longer waits for the peer.
    pub(super) fn give_up(&mut self) {
        self.initiator.get_or_insert(Initiator::Local);
        self.lose();
    }

    fn lose(&mut self) {
        if self.can_receive() {
            self.receiving = Receiving::Lost;
        }
        self.over = true;
    }

    pub(super) fn reason<'a>(&self, payload: &'a [u8]) -> Option<CloseReason<'a>> {
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
            Receiving::Failed(_) | Receiving::Lost => (CloseCode::ABNORMAL, ""),
        };
        Some(CloseReason { code, reason, initiator })
    }
}
