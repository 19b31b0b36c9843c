//! The connections that go on with HTTP: bounded, and seen by a shutdown.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::registry::Registry;
use crate::registry::registration::Registration;

/// Connections that speak HTTP for longer than one answer.
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

    /// `None`: there are too many already.
    pub(super) fn enter(&self) -> Option<HttpPlace> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        let registration = Registration::new(self.registry.clone());
        Some(HttpPlace { registration, shutdown: self.shutdown.clone(), _place: place })
    }

    pub(super) fn len(&self) -> usize {
        self.registry.len()
    }

    /// Cancelled when the listener begins to shut down.
    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Tells all of them that the listener is shutting down.
    pub(super) fn going_away(&self) {
        self.shutdown.cancel();
    }

    /// Waits until none is left.
    pub(super) async fn emptied(&self) {
        self.registry.emptied().await;
    }

    /// Ends those that are left; returns their number.
    pub(super) fn abort(&self) -> usize {
        self.registry.abort()
    }
}

/// One of those connections. Its place is free again when this is dropped.
pub(super) struct HttpPlace {
    registration: Registration,
    shutdown: CancellationToken,
    _place: OwnedSemaphorePermit,
}

impl HttpPlace {
    /// Cancelled when the listener begins to shut down.
    pub(super) fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Runs it to its end, or until a shutdown no longer waits for it.
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
