//! The deadline of a connect, for all its steps.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{ConnectError, ConnectStep};

/// The time for the body of a refusal, whose head is complete.
const BODY: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(timeout: Duration) -> Self {
        // A century, because an `Instant` cannot hold every duration.
        Self(Instant::now() + timeout.min(Duration::from_secs(100 * 365 * 24 * 3600)))
    }

    /// Returns the operation's outcome, or the step in which the deadline passed.
    pub(super) async fn within<T, E: Into<ConnectError>>(
        self,
        step: ConnectStep,
        operation: impl Future<Output = Result<T, E>>,
    ) -> Result<T, ConnectError> {
        match timeout_at(self.0, operation).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_) => Err(ConnectError::TimedOut(step)),
        }
    }

    /// Reads the body of a refusal, for at most two seconds.
    pub(super) async fn for_body(self, reading: impl Future<Output = ()>) {
        let _ = timeout_at(self.0.min(Instant::now() + BODY), reading).await;
    }
}
