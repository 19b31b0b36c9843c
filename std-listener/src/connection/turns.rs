//! How a busy connection lets the other tasks of its thread have their turn.

use std::pin::pin;
use std::task::{Context, Poll};

use tokio::task::yield_now;

/// Wakes the task again once the others have had their turn. Always pending.
///
/// A task that woke itself at once would come before those that wait for a stream: Tokio looks at
/// the streams only after dozens of such turns.
pub(super) fn poll_others<T>(cx: &Context<'_>) -> Poll<T> {
    let mut cx = Context::from_waker(cx.waker());
    let _ = pin!(yield_now()).poll(&mut cx);
    Poll::Pending
}
