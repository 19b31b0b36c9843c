//! The early end of a negotiation: its deadline, an eviction, the listener's shutdown.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::registry::registration::Registration;
use crate::registry::signal::{ABORTED, EVICTED, GOING_AWAY, STOPPED};

/// The stage of a negotiation, which determines what ends it early besides eviction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Below HTTP. A peer that is refused because of a shutdown can only be told after this stage.
    Layers,
    /// The request is read and answered by the listener.
    Request,
    /// A possibly long answer of the application is sent. Only the end of a shutdown ends it.
    Answer,
}

/// The reason for the early end of a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    Deadline,
    Evicted,
    ShuttingDown,
}

/// Runs `negotiating` until an event that ends this stage: its deadline, an eviction, the listener's
/// shutdown.
pub(crate) fn unless_interrupted<T>(
    registration: &mut Registration,
    stage: Stage,
    mut negotiating: Pin<&mut impl Future<Output = T>>,
) -> impl Future<Output = Result<T, Interruption>> {
    poll_fn(move |cx| match poll_interrupted(registration, stage, cx) {
        Poll::Ready(interruption) => Poll::Ready(Err(interruption)),
        Poll::Pending => negotiating.as_mut().poll(cx).map(Ok),
    })
}

/// Waits until the negotiation has to end without success.
fn poll_interrupted(
    registration: &mut Registration,
    stage: Stage,
    cx: &Context<'_>,
) -> Poll<Interruption> {
    registration.register_waker(cx);
    let flags = registration.signal().flags();
    let shutdown = match stage {
        Stage::Layers => STOPPED | ABORTED,
        Stage::Request => GOING_AWAY | STOPPED | ABORTED,
        Stage::Answer => ABORTED,
    };
    if flags & EVICTED != 0 {
        Poll::Ready(Interruption::Evicted)
    } else if flags & shutdown != 0 {
        Poll::Ready(Interruption::ShuttingDown)
    } else if stage != Stage::Answer && registration.take_expired() {
        Poll::Ready(Interruption::Deadline)
    } else {
        Poll::Pending
    }
}
