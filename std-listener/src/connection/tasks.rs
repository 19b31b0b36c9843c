//! The tasks that may wait for one connection at the same time.

use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use atomic_waker::AtomicWaker;
/// The half whose task polls.
pub(crate) use websocket_listener_core::Side;

/// The tasks that may wait for one connection at the same time.
///
/// The stream and the registry know one waker each; but either task may notice what the other waits
/// for, or write its control frames. So the waker that they know wakes both.
pub(crate) struct TwoTasks {
    wakers: Arc<Wakers>,
    both: Waker,
}

#[derive(Default)]
struct Wakers {
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.reader.wake();
        self.writer.wake();
    }
}

impl TwoTasks {
    pub(crate) fn new() -> Self {
        let wakers = Arc::new(Wakers::default());
        Self { both: Waker::from(wakers.clone()), wakers }
    }

    /// Returns the context to poll with on behalf of a task.
    pub(crate) fn context(&self, side: Side, cx: &Context<'_>) -> Context<'_> {
        match side {
            Side::Reader => self.wakers.reader.register(cx.waker()),
            Side::Writer => self.wakers.writer.register(cx.waker()),
        }
        Context::from_waker(&self.both)
    }

    /// Wakes both.
    pub(crate) fn waker(&self) -> &Waker {
        &self.both
    }
}
