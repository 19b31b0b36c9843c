//! The ways to a connection: alone, or shared with the other half.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::connection::Connection;
use crate::connection::tasks::{Side, TwoTasks};
use crate::error::Error;

/// The shared state of the halves. The lock is held within a poll, never across an await.
pub(crate) struct Shared<S> {
    connection: Mutex<Box<Connection<S>>>,
    tasks: TwoTasks,
}

impl<S> Shared<S> {
    pub(super) fn new(connection: Box<Connection<S>>) -> Self {
        Self { connection: Mutex::new(connection), tasks: TwoTasks::new() }
    }

    pub(super) fn into_connection(self) -> Box<Connection<S>> {
        self.connection.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Box<Connection<S>>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn poll<R>(
        &self,
        side: Side,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut Connection<S>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let mut both = self.tasks.context(side, cx);
        poll(&mut self.lock(), &mut both)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Shared<S> {
    /// Sends for a task that does not wait. Wakes the waiting tasks if bytes are left.
    pub(super) fn try_send(
        &self,
        start: impl FnOnce(&mut Connection<S>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.lock().try_send(&mut Context::from_waker(self.tasks.waker()), start)
    }

    pub(super) fn try_ping(&self, payload: &[u8]) -> Result<(), Error> {
        self.lock().try_ping(&mut Context::from_waker(self.tasks.waker()), payload)
    }
}

/// The access of a message reader or writer to its connection.
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
