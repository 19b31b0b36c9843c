//! The substitute for `compression` without the feature `deflate`, which takes no memory.

use crate::{MessageKind, ProtocolError, ReservedBits};

pub(super) struct Inflation;

pub(super) struct Deflation;

pub(super) struct Inflated {
    pub(super) consumed: usize,
    pub(super) produced: usize,
    pub(super) needs_room: bool,
}

pub(super) struct Deflated {
    pub(super) consumed: usize,
    pub(super) produced: usize,
    pub(super) done: bool,
}

impl Inflation {
    pub(super) const fn none() -> Self {
        Self
    }

    pub(super) const fn begin(&mut self, _: MessageKind, _: ReservedBits) {}

    pub(super) const fn is_under_way(&self) -> bool {
        false
    }

    pub(super) const fn is_stalled(&self) -> bool {
        false
    }

    pub(super) const fn abandon(&mut self) {}

    pub(super) const fn inflate(
        &mut self,
        _: &[u8],
        _: bool,
        _: &mut [u8],
        _: u64,
    ) -> Result<Inflated, ProtocolError> {
        Err(ProtocolError::ReservedBits)
    }

    pub(super) const fn discard(&mut self, _: &[u8], _: bool, _: u64) -> Result<(), ProtocolError> {
        Ok(())
    }
}

impl Deflation {
    pub(super) const LEAST_ROOM: usize = 0;

    pub(super) const fn none() -> Self {
        Self
    }

    pub(super) const fn compresses(&self, _: bool, _: bool, _: usize) -> bool {
        false
    }

    pub(super) const fn begun(&mut self, _: bool) {}

    pub(super) const fn deflate(&mut self, _: &[u8], _: bool, _: &mut [u8]) -> Option<Deflated> {
        None
    }
}
