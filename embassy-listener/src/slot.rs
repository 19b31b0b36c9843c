//! A slot: the socket that one connection at a time uses, and its way to the next connection.

use core::cell::Cell;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use embassy_time::{Duration, Instant, with_deadline};

use crate::clock::{deadline, from_millis};
use crate::socket::{Rest, Socket, Stack};

/// The time for a reset to reach the peer.
const ABORTING: Duration = Duration::from_millis(100);

/// The time for the last acknowledgement to leave.
const LINGERING: Duration = Duration::from_millis(20);

/// A socket and its state, used by one connection at a time.
pub(crate) struct Slot {
    pub(crate) socket: Socket,
    leased: Cell<bool>,
    /// A WebSocket uses it.
    open: Cell<bool>,
    /// The listener is shutting down, so the connection has to end.
    going_away: Cell<bool>,
    /// The task to wake when the connection has to end.
    task: Cell<Option<Waker>>,
    /// In milliseconds.
    close_timeout: u32,
    /// The deadline for the last connection to end; `MIN` if it has not begun to.
    close_by: Cell<Instant>,
}

impl Slot {
    pub(crate) const fn new() -> Self {
        Self {
            socket: Socket::new(),
            leased: Cell::new(false),
            open: Cell::new(false),
            going_away: Cell::new(false),
            task: Cell::new(None),
            close_timeout: 0,
            close_by: Cell::new(Instant::MIN),
        }
    }

    /// Opens a socket with these rings. A connection has `close_timeout` milliseconds to end.
    pub(crate) fn init(
        &mut self,
        stack: Stack,
        rx: &'static mut [u8],
        tx: &'static mut [u8],
        close_timeout: u32,
    ) {
        self.socket.init(stack, rx, tx);
        self.close_timeout = close_timeout;
    }

    pub(crate) fn is_leased(&self) -> bool {
        self.leased.get()
    }

    /// Returns a key that is the lower, the sooner the slot is ready for its next connection.
    pub(crate) fn readiness(&self) -> (Rest, Instant) {
        (self.socket.rest(), self.close_by.get())
    }

    pub(crate) fn lease(&self) {
        self.leased.set(true);
    }

    /// Ends the connection, and makes the slot available for the next one.
    pub(crate) fn release(&self) {
        self.begin_close();
        self.open.set(false);
        self.task.take();
        self.leased.set(false);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// Records that a WebSocket uses the slot until its release.
    pub(crate) fn mark_open(&self) {
        self.open.set(true);
    }

    pub(crate) fn is_going_away(&self) -> bool {
        self.going_away.get()
    }

    /// Tells the connection to end, now and for good.
    pub(crate) fn go_away(&self) {
        self.going_away.set(true);
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    /// Waits until the connection has to end.
    pub(crate) fn poll_going_away(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.going_away.get() {
            return Poll::Ready(());
        }
        let known = self.task.take().filter(|known| known.will_wake(cx.waker()));
        self.task.set(Some(known.unwrap_or_else(|| cx.waker().clone())));
        Poll::Pending
    }

    /// Runs the future to its end; `None` if the connection has to end before. The caller pins the
    /// future, because an `async fn` would hold it twice.
    pub(crate) fn until_going_away<'f, F: Future>(
        &'f self,
        mut future: Pin<&'f mut F>,
    ) -> impl Future<Output = Option<F::Output>> {
        poll_fn(move |cx| {
            if self.poll_going_away(cx).is_ready() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
    }

    /// Ends our direction of the stream. From the first call on, the peer has the close timeout to
    /// end its direction.
    pub(crate) fn begin_close(&self) {
        if self.close_by.get() == Instant::MIN {
            let timeout = from_millis(self.close_timeout);
            self.close_by.set(deadline(timeout));
            self.socket.give_up_after(timeout);
        }
        self.socket.close();
    }

    /// Waits for the previous connection to end, and makes the slot ready for the next one.
    pub(crate) async fn make_ready(&self) {
        self.retire().await;
        self.close_by.set(Instant::MIN);
    }

    /// Waits for the connection to end. Data in flight is not lost, unless the peer lets the close
    /// timeout pass.
    pub(crate) async fn retire(&self) {
        let mut due = self.close_by.get();
        let mut stage = Stage::Draining;
        // One wait for all stages: each further `await` adds to the program and to the task.
        loop {
            let done = with_deadline(due, poll_fn(|cx| self.poll_stage(stage, cx))).await.is_ok();
            let timeout = match (stage, self.socket.rest()) {
                (Stage::Draining, Rest::Lingering) if done => {
                    stage = Stage::Lingering;
                    LINGERING
                }
                (Stage::Draining, Rest::InUse) => {
                    self.socket.abort();
                    stage = Stage::Aborting;
                    ABORTING
                }
                _ => return,
            };
            due = deadline(timeout);
        }
    }

    fn poll_stage(&self, stage: Stage, cx: &mut Context<'_>) -> Poll<()> {
        if stage == Stage::Lingering {
            return Poll::Pending;
        }
        // Closing a socket with unread bytes would reset the connection.
        let mut unread = stage == Stage::Draining;
        while unread {
            unread = false;
            let _ = ready!(self.socket.poll_read(cx, &mut |bytes| {
                unread = true;
                bytes.len()
            }));
        }
        self.socket.poll_acknowledged(cx).map(|_| ())
    }
}

/// A stage on the way to the next connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Received bytes are discarded, until both directions have ended.
    Draining,
    /// The last acknowledgement leaves.
    Lingering,
    /// The reset leaves.
    Aborting,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
