//! The connections that continue with HTTP, bounded in number and ended by a shutdown.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::registry::Registry;
use crate::registry::registration::Registration;

/// The connections with HTTP for longer than one answer.
pub(super) struct HttpConnections {
    registry: Arc<Registry>,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl HttpConnections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            registry: Registry::new(),
            places: Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
            shutdown: CancellationToken::new(),
        }
    }

    /// Takes a place; `None` if all are in use.
    pub(super) fn enter(&self) -> Option<HttpPlace> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let registration = Registration::new(self.registry.clone());
        Some(HttpPlace { registration, shutdown: self.shutdown.clone(), _place: place })
    }

    pub(super) fn len(&self) -> usize {
        self.registry.len()
    }

    /// Returns a token that is cancelled when the listener begins to shut down.
    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Tells all connections that the listener is shutting down.
    pub(super) fn going_away(&self) {
        self.shutdown.cancel();
    }

    /// Waits until every connection has ended.
    pub(super) async fn emptied(&self) {
        self.registry.emptied().await;
    }

    /// Ends the connections that are left; returns their number.
    pub(super) fn abort(&self) -> usize {
        self.registry.abort()
    }
}

/// The place of a connection, which a drop returns.
pub(super) struct HttpPlace {
    registration: Registration,
    shutdown: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl HttpPlace {
    /// Returns a token that is cancelled when the listener begins to shut down.
    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Runs the connection to its end, or until a shutdown no longer waits for it.
    pub(super) async fn run(self, serving: impl Future<Output = ()>) {
        let mut serving = pin!(serving);
        poll_fn(|cx| {
            self.registration.register_waker(cx);
            if self.registration.is_aborted() {
                return Poll::Ready(());
            }
            serving.as_mut().poll(cx)
        })
        .await;
    }
}
