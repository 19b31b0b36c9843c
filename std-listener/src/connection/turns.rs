//! Turns of the tasks of a thread: a busy connection yields, a sender that never waits is exempt.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::task::{unconstrained, yield_now};

/// Wakes the task again once the others have had their turn. Always pending.
///
/// A task that woke itself at once would come before those that wait for a stream: Tokio looks at
/// the streams only after dozens of such turns.
pub(super) fn poll_others<T>(cx: &Context<'_>) -> Poll<T> {
    let mut cx = Context::from_waker(cx.waker());
    let _ = pin!(yield_now()).poll(&mut cx);
    Poll::Pending
}

/// Runs `work` without Tokio's budget, which limits a task's operations on sockets before it yields.
/// A caller that never waits needs no budget, and bytes would otherwise stay in a queue.
pub(crate) fn without_budget<T>(work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let working = pin!(unconstrained(async { result = Some(work()) }));
    let done = working.poll(&mut Context::from_waker(Waker::noop()));
    debug_assert!(done.is_ready());
    result.expect("it never waits")
}
