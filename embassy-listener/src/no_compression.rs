//! The stand-in for `compression` without the feature `deflate`: no code and no memory.

use websocket_listener_core::Role;
use websocket_listener_core::handshake::ExtensionOffer;
use websocket_listener_core::permessage_deflate::{AnswerError, ExtensionValue};

use crate::transport::Inner;

#[derive(Clone, Copy)]
pub(crate) struct Compressing;

/// No agreement is possible.
#[derive(Clone, Copy)]
pub(crate) enum Agreement {}

impl Agreement {
    pub(crate) const fn answer(&self) -> ExtensionValue {
        match *self {}
    }
}

pub(crate) struct Offered;

pub(crate) struct Compressed;

impl Compressing {
    pub(crate) const NONE: Self = Self;

    pub(crate) fn select<'a>(
        &self,
        _: impl Iterator<Item = ExtensionOffer<'a>>,
    ) -> Option<Agreement> {
        None
    }

    pub(crate) const fn begin(&self, _: Option<Agreement>) -> Compressed {
        Compressed
    }

    pub(crate) const fn offer(&self, _: Role) -> Offered {
        Offered
    }
}

impl Offered {
    pub(crate) const fn value(&self) -> Option<ExtensionValue> {
        None
    }

    pub(crate) fn verify<'a>(
        &mut self,
        _: impl Iterator<Item = ExtensionOffer<'a>>,
    ) -> Result<Compressed, AnswerError> {
        Ok(Compressed)
    }
}

impl Compressed {
    pub(crate) const fn begin(&self, inner: Inner) -> Inner {
        inner
    }

    pub(crate) const fn end(&self, _: &mut Inner) {}
}
