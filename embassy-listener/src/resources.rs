//! The memory of the connections, and which task has which part of it.

use core::cell::Cell;
use core::fmt;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker, ready};

use embassy_time::{Duration, Instant, with_deadline, with_timeout};

use crate::clock::embassy;
use crate::net::{Rest, Socket, Stack};

/// How long a peer may be told that a connection was aborted.
const ABORTING: Duration = Duration::from_millis(100);

/// How often a task that waits for a slot looks again, if it is not woken.
const LOOKING_AGAIN: Duration = Duration::from_millis(500);

/// How long the last acknowledgement may wait before it leaves.
const LINGERING: Duration = Duration::from_millis(20);

/// Static memory for `SLOTS` connections at once, each with a receive ring of `RX` bytes and a
/// transmit ring of `TX` bytes.
///
/// A ring should have 512 bytes or more. The head of a request has to fit into the receive ring: a
/// larger one is refused with 431. A ring's size is what may be in flight, so larger rings are
/// faster; messages of any size pass through the smallest.
///
/// ```
/// use static_cell::StaticCell;
/// use websocket_listener_embassy::Resources;
///
/// static RESOURCES: StaticCell<Resources<4, 2048, 2048>> = StaticCell::new();
///
/// // On its way it may be on the stack, as a constant only once.
/// let resources = RESOURCES.init(const { Resources::new() });
/// # let _ = resources;
/// ```
pub struct Resources<const SLOTS: usize, const RX: usize, const TX: usize> {
    queue: Queue,
    slots: [Slot; SLOTS],
    receive: [[u8; RX]; SLOTS],
    transmit: [[u8; TX]; SLOTS],
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> Resources<SLOTS, RX, TX> {
    /// Unused memory.
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(SLOTS > 0, "there is nothing to accept with");
            assert!(TX >= 256, "an answer to a request does not fit");
            assert!(RX >= 256, "a browser's request does not fit");
        }
        Self {
            queue: Queue { waiting: [const { Cell::new(None) }; 4] },
            slots: [const { Slot::new() }; SLOTS],
            receive: [[0; RX]; SLOTS],
            transmit: [[0; TX]; SLOTS],
        }
    }

    /// The slots, each of which has this many milliseconds to end a connection.
    pub(crate) fn pool(&'static mut self, stack: Stack, close_timeout: u32) -> Pool {
        let Self { queue, slots, receive, transmit } = self;
        for ((slot, rx), tx) in slots.iter_mut().zip(receive).zip(transmit) {
            slot.socket.init(stack, rx, tx);
            slot.close_timeout = close_timeout;
        }
        Pool { queue, slots }
    }
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> Default for Resources<SLOTS, RX, TX> {
    fn default() -> Self {
        Self::new()
    }
}

/// The slots of one listener or client.
#[derive(Clone, Copy)]
pub(crate) struct Pool {
    queue: &'static Queue,
    slots: &'static [Slot],
}

/// The tasks that wait for a slot to come back. Tasks for which there is no room here look again by
/// themselves.
struct Queue {
    waiting: [Cell<Option<Waker>>; 4],
}

impl Queue {
    fn register(&self, waker: &Waker) {
        for place in &self.waiting {
            let known = place.take();
            let free = known.as_ref().is_none_or(|known| known.will_wake(waker));
            place.set(if free { Some(waker.clone()) } else { known });
            if free {
                return;
            }
        }
    }

    fn wake(&self) {
        self.waiting.iter().filter_map(Cell::take).for_each(Waker::wake);
    }

    /// Waits until `f` returns something, which it may when a slot comes back.
    async fn wait<T>(&self, mut f: impl FnMut() -> Option<T>) -> T {
        loop {
            let given = poll_fn(|cx| match f() {
                Some(given) => Poll::Ready(given),
                None => {
                    self.register(cx.waker());
                    Poll::Pending
                }
            });
            if let Ok(given) = with_timeout(LOOKING_AGAIN, given).await {
                return given;
            }
        }
    }
}

/// What one connection at a time uses.
pub(crate) struct Slot {
    pub(crate) socket: Socket,
    leased: Cell<bool>,
    /// A WebSocket has it.
    open: Cell<bool>,
    /// Whoever uses it has to end.
    going_away: Cell<bool>,
    task: Cell<Option<Waker>>,
    /// In milliseconds.
    close_timeout: u32,
    /// When what was sent last must have been acknowledged. `MIN`, if nothing was.
    close_by: Cell<Instant>,
}

impl Slot {
    const fn new() -> Self {
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
    async fn retire(&self) {
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

/// This long from now; never, if that is beyond the clock.
#[inline(never)]
pub(crate) fn deadline(timeout: Duration) -> Instant {
    Instant::now().saturating_add(timeout)
}

impl Pool {
    /// A slot that is ready for a new connection, as soon as there is one; `None` if all users of
    /// slots have to end.
    pub(crate) async fn lease(&self) -> Option<Lease> {
        let free = || if self.is_going_away() { Some(None) } else { self.take().map(Some) };
        let mut lease = self.queue.wait(free).await?;
        lease.slot.until_going_away(pin!(lease.make_ready())).await?;
        Some(lease)
    }

    /// The free slot that is ready soonest.
    pub(crate) fn take(&self) -> Option<Lease> {
        let free = self.slots().filter(|slot| !slot.leased.get());
        let slot = free.min_by_key(|slot| (slot.socket.rest(), slot.close_by.get()))?;
        slot.leased.set(true);
        Some(Lease { slot, queue: self.queue })
    }

    /// Tells everyone who uses a slot or waits for one to end.
    pub(crate) fn go_away(&self) {
        for slot in self.slots() {
            slot.going_away.set(true);
            if let Some(task) = slot.task.take() {
                task.wake();
            }
        }
        self.queue.wake();
    }

    pub(crate) fn is_going_away(&self) -> bool {
        self.slots().any(|slot| slot.going_away.get())
    }

    /// How many WebSockets there are.
    pub(crate) fn open(&self) -> usize {
        self.slots().filter(|slot| slot.open.get()).count()
    }

    /// Waits until every slot is free and its connection has ended.
    pub(crate) async fn emptied(&self) {
        self.queue.wait(|| self.slots().all(|slot| !slot.leased.get()).then_some(())).await;
        for slot in self.slots() {
            slot.retire().await;
        }
    }

    pub(crate) fn abort(&self) {
        self.slots().for_each(|slot| slot.socket.abort());
    }

    fn slots(&self) -> core::slice::Iter<'static, Slot> {
        self.slots.iter()
    }
}

/// The right to use a slot. Dropped, the connection is ended and the slot given back.
pub(crate) struct Lease {
    pub(crate) slot: &'static Slot,
    queue: &'static Queue,
}

impl Lease {
    /// Waits for the previous connection to end.
    pub(crate) async fn make_ready(&mut self) {
        self.slot.retire().await;
        self.slot.close_by.set(Instant::MIN);
    }

    /// A WebSocket has it from now on.
    pub(crate) fn open(self) -> Self {
        self.slot.open.set(true);
        self
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.slot.begin_close();
        self.slot.open.set(false);
        self.slot.task.take();
        self.slot.leased.set(false);
        self.queue.wake();
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

impl<const SLOTS: usize, const RX: usize, const TX: usize> fmt::Debug for Resources<SLOTS, RX, TX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").finish_non_exhaustive()
    }
}
