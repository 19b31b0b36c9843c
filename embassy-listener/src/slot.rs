//! A slot: what one connection at a time uses, and its way from one connection to the next.

use core::cell::Cell;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use embassy_time::{Duration, Instant, with_deadline};

use crate::clock::{deadline, embassy};
use crate::socket::{Rest, Socket, Stack};

/// How long a peer may be told that a connection was aborted.
const ABORTING: Duration = Duration::from_millis(100);

/// How long the last acknowledgement may wait before it leaves.
const LINGERING: Duration = Duration::from_millis(20);

/// What one connection at a time uses.
pub(crate) struct Slot {
    pub(crate) socket: Socket,
    pub(crate) leased: Cell<bool>,
    /// A WebSocket has it.
    pub(crate) open: Cell<bool>,
    /// Whoever uses it has to end.
    pub(crate) going_away: Cell<bool>,
    pub(crate) task: Cell<Option<Waker>>,
    /// In milliseconds.
    close_timeout: u32,
    /// When what was sent last must have been acknowledged. `MIN`, if nothing was.
    pub(crate) close_by: Cell<Instant>,
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

    /// Gives it a socket with these rings, and this many milliseconds to end a connection.
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

    /// Whether whoever uses the slot has to end; if not yet, the task is woken when it has to.
    pub(crate) fn is_going_away(&self, waker: &Waker) -> bool {
        if !self.going_away.get() {
            let known = self.task.take().filter(|known| known.will_wake(waker));
            self.task.set(Some(known.unwrap_or_else(|| waker.clone())));
        }
        self.going_away.get()
    }

    /// Runs the future to its end, or until the slot's user has to end. The caller pins it, because
    /// an `async fn` would hold it twice.
    pub(crate) fn until_going_away<'f, F: Future>(
        &'f self,
        mut future: Pin<&'f mut F>,
    ) -> impl Future<Output = Option<F::Output>> {
        poll_fn(move |cx| {
            if self.is_going_away(cx.waker()) {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
    }

    /// Ends what we send. From the first call on, the peer has the close timeout to end its side.
    pub(crate) fn begin_close(&self) {
        if self.close_by.get() == Instant::MIN {
            let timeout = embassy(self.close_timeout);
            self.close_by.set(deadline(timeout));
            self.socket.give_up_after(timeout);
        }
        self.socket.close();
    }

    /// Sees the connection to its end, so that no data in flight is lost, and in time.
    pub(crate) async fn retire(&self) {
        let mut due = self.close_by.get();
        let mut stage = Stage::Draining;
        // One wait for all stages: each further one would add to the program and to the task.
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
        // With unread bytes, the end of the stream would be a reset.
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

/// Where a slot is on its way to the next connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Whatever still comes is thrown away, until both ends are done.
    Draining,
    /// The last acknowledgement leaves.
    Lingering,
    /// The peer is told that it was given up.
    Aborting,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
