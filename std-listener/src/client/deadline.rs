//! The one deadline of a connect.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::error::{ConnectError, ConnectStep};

/// How long the body of a refusal may take: what counts is in the head.
const BODY: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(timeout: Duration) -> Self {
        // A century is as good as never, and an `Instant` has room for it.
        Self(Instant::now() + timeout.min(Duration::from_secs(100 * 365 * 24 * 3600)))
    }

    /// The operation's outcome, or that the deadline passed in the middle of this step.
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

    /// Lets the body of a refusal come, for a while.
    pub(super) async fn for_body(self, reading: impl Future<Output = ()>) {
        let _ = timeout_at(self.0.min(Instant::now() + BODY), reading).await;
    }
}
