//! What the receiving and the sending side have in common.
//!
//! Both may run in tasks of their own, on one executor. Every cell is borrowed for an instant, but
//! the writing half: whoever writes holds it until the frame is in, and the other waits.

use core::cell::{Cell, RefCell, RefMut};
use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use embedded_io_async::{Error, ErrorKind};

use super::clock::Clock;
use super::compression::Deflation;
use super::task::Tasks;
use super::{Engine, RecvError, WriteHalf};
use crate::time::Milliseconds;
use crate::{CloseCode, Instant, Role};

/// What frames are made with.
struct Protocol {
    engine: Engine,
    deflation: Deflation,
}

/// What the engine says of itself: see there.
#[derive(Clone, Copy, Default)]
pub(super) struct Status {
    pub(super) can_receive: bool,
    pub(super) can_send: bool,
    pub(super) wants_transmit: bool,
    pub(super) is_closed: bool,
    pub(super) peer_closed: bool,
}

pub(super) struct Shared<W, C> {
    protocol: RefCell<Protocol>,
    writer: RefCell<W>,
    pub(super) clock: C,
    /// Of the writer.
    pub(super) capacity: usize,
    /// Whether every frame sent has a masking key.
    masking: bool,
    pub(super) write_timeout: Milliseconds,
    pub(super) tasks: Tasks,
    /// One of the sides found the other writing.
    contended: Cell<bool>,
    /// Something was written since the last flush.
    pub(super) unflushed: Cell<bool>,
    /// Since when somebody has waited to write, and not a byte was written. Not kept in the futures
    /// that wait: one that is dropped and made anew waits no longer for it.
    pub(super) stalled_since: Cell<Option<Instant>>,
    /// The writing side was shut down; whether the peer can see it.
    pub(super) shut: Cell<Option<bool>>,
    /// Nothing can be written any more.
    broken: Cell<Option<ErrorKind>>,
    /// Why the connection ends, if not by a closing handshake.
    verdict: Cell<Option<RecvError>>,
    over: Cell<bool>,
}

impl<W: WriteHalf, C: Clock> Shared<W, C> {
    pub(super) fn new(engine: Engine, writer: W, clock: C, write_timeout: Milliseconds) -> Self {
        Self {
            masking: matches!(engine.role(), Role::Client { .. }),
            protocol: RefCell::new(Protocol { engine, deflation: Deflation::none() }),
            capacity: writer.capacity(),
            writer: RefCell::new(writer),
            clock,
            write_timeout,
            tasks: Tasks::new(),
            contended: Cell::new(false),
            unflushed: Cell::new(false),
            stalled_since: Cell::new(None),
            shut: Cell::new(None),
            broken: Cell::new(None),
            verdict: Cell::new(None),
            over: Cell::new(false),
        }
    }

    pub(super) fn into_writer(self) -> W {
        self.writer.into_inner()
    }

    /// For whoever owns both sides.
    pub(super) fn engine_mut(&mut self) -> &mut Engine {
        &mut self.protocol.get_mut().engine
    }

    /// For whoever owns both sides.
    #[cfg(feature = "deflate")]
    pub(super) fn deflation_mut(&mut self) -> &mut Deflation {
        &mut self.protocol.get_mut().deflation
    }

    /// Runs `f` on the engine. Gives `busy` if it is in use, which it never is: nothing that `f`
    /// calls comes back here.
    pub(super) fn with_engine<T>(&self, busy: T, f: impl FnOnce(&mut Engine) -> T) -> T {
        self.with_protocol(busy, |engine, _| f(engine))
    }

    /// The same, with the compression of what is sent.
    pub(super) fn with_protocol<T>(
        &self,
        busy: T,
        f: impl FnOnce(&mut Engine, &mut Deflation) -> T,
    ) -> T {
        match self.protocol() {
            Some(mut protocol) => {
                let Protocol { engine, deflation } = &mut *protocol;
                f(engine, deflation)
            }
            None => busy,
        }
    }

    /// What the engine permits and wants; nothing, if it is in use.
    ///
    /// On boards not inlined: each question would bring the borrow along once more.
    #[cfg_attr(target_pointer_width = "64", inline)]
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn status(&self) -> Status {
        self.with_engine(Status::default(), |engine| Status {
            can_receive: engine.can_receive(),
            can_send: engine.can_send(),
            wants_transmit: engine.wants_transmit(),
            is_closed: engine.is_closed(),
            peer_closed: engine.peer_closed(),
        })
    }

    /// On boards not inlined: it would be in dozens of places.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn protocol(&self) -> Option<RefMut<'_, Protocol>> {
        self.protocol.try_borrow_mut().ok()
    }

    /// Bytes of the masking key in every frame sent.
    pub(super) fn mask_length(&self) -> usize {
        if self.masking { 4 } else { 0 }
    }

    /// Waits until nobody else writes. Whoever waits here has registered its task.
    pub(super) fn lock(&self) -> impl Future<Output = Writing<'_, W, C>> {
        poll_fn(|_| match self.writer.try_borrow_mut() {
            Ok(half) => Poll::Ready(Writing { half, _release: Release(self) }),
            Err(_) => {
                self.contended.set(true);
                Poll::Pending
            }
        })
    }

    /// Waits for the transport to take something, and keeps in mind since when.
    pub(super) fn written<'f, T, E: Error>(
        &'f self,
        mut write: Pin<&'f mut impl Future<Output = Result<T, E>>>,
    ) -> impl Future<Output = Result<T, ErrorKind>> {
        poll_fn(move |cx| {
            let result = write.as_mut().poll(cx);
            if result.is_pending() {
                self.stalled();
            }
            result.map_err(|error| error.kind())
        })
    }

    /// Takes note of a wait.
    #[cold]
    fn stalled(&self) {
        if self.stalled_since.get().is_none() {
            self.stalled_since.set(Some(self.clock.now()));
        }
    }

    /// Takes note of bytes that were written.
    pub(super) fn progressed(&self) {
        self.stalled_since.set(None);
        self.unflushed.set(true);
    }

    /// When a writer gives up because nothing was written for the write timeout.
    pub(super) fn write_deadline(&self) -> Option<Instant> {
        self.stalled_since.get().map(|since| since.after(self.write_timeout))
    }

    pub(super) fn is_over(&self) -> bool {
        self.over.get()
    }

    pub(super) fn broken(&self) -> Option<ErrorKind> {
        self.broken.get()
    }

    pub(super) fn verdict(&self) -> Option<RecvError> {
        self.verdict.get()
    }

    /// How the connection ended: the same at every call once it has.
    pub(super) fn outcome(&self) -> Option<Result<(), RecvError>> {
        self.is_over().then(|| self.verdict.get().map_or(Ok(()), Err))
    }

    /// Takes note of why the connection is about to end. The first reason stands.
    pub(super) fn condemn(&self, reason: RecvError) {
        if self.verdict.get().is_none() {
            self.verdict.set(Some(reason));
        }
    }

    /// Writing failed. What the peer sent before may still be read.
    pub(super) fn break_writing(&self, kind: ErrorKind) {
        self.broken.set(Some(kind));
        self.wake();
    }

    /// Nothing more happens on this connection.
    pub(super) fn end(&self) {
        self.with_engine((), Engine::end_of_stream);
        self.over.set(true);
        self.wake();
    }

    /// Gives the peer up by our own decision.
    pub(super) fn give_up(&self, reason: RecvError) {
        self.condemn(reason);
        let now = self.clock.now();
        // Nothing is sent of it, but it was us who ended the connection.
        let _ = self.with_engine(Ok(()), |engine| engine.close(CloseCode::NO_STATUS, "", now));
        self.end();
    }

    /// Both sides look again at where they are.
    pub(super) fn wake(&self) {
        self.tasks.wake();
    }
}

/// The right to write.
pub(super) struct Writing<'s, W, C> {
    // Released before the other side is woken.
    half: RefMut<'s, W>,
    _release: Release<'s, W, C>,
}

impl<W, C> core::ops::Deref for Writing<'_, W, C> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.half
    }
}

impl<W, C> core::ops::DerefMut for Writing<'_, W, C> {
    fn deref_mut(&mut self) -> &mut W {
        &mut self.half
    }
}

struct Release<'s, W, C>(&'s Shared<W, C>);

impl<W, C> Drop for Release<'_, W, C> {
    fn drop(&mut self) {
        if self.0.contended.replace(false) {
            self.0.tasks.wake();
        }
    }
}
