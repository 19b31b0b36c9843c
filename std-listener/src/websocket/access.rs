//! The access of a message reader or writer to its connection, which it may share with the other half.

use std::task::{Context, Poll};

use super::halves::Shared;
use crate::connection::Connection;
use crate::connection::tasks::Side;

pub(crate) enum Access<'a, S> {
    Whole(&'a mut Connection<S>),
    Half(&'a Shared<S>, Side),
}

impl<S> Access<'_, S> {
    pub(crate) fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        match self {
            Self::Whole(connection) => poll(connection, cx),
            Self::Half(shared, side) => shared.poll(*side, cx, poll),
        }
    }

    pub(crate) fn with<R>(&mut self, act: impl FnOnce(&mut Connection<S>) -> R) -> R {
        match self {
            Self::Whole(connection) => act(connection),
            Self::Half(shared, _) => act(&mut shared.lock()),
        }
    }
}
