//! A TCP socket of `embassy-net`, and the only file that names that crate.

use core::cell::{RefCell, RefMut};
use core::future::poll_fn;
use core::net::SocketAddr;
use core::pin::pin;
use core::task::{Context, Poll, Waker, ready};

use embassy_net::tcp::{ConnectError, State, TcpSocket};
use embassy_time::Duration;
use embedded_io_async::ErrorKind;

pub use embassy_net::IpEndpoint;

/// The network stack, in static memory.
pub type Stack = embassy_net::Stack<'static>;

/// A TCP socket that consecutive connections use, from several futures of one executor.
///
/// The cell is borrowed during one poll, in which of this crate only the closure given to it runs.
/// The closure must not use the network stack.
pub(crate) struct Socket(RefCell<Option<TcpSocket<'static>>>);

impl Socket {
    /// Creates a socket that is not open: every operation fails.
    pub(crate) const fn new() -> Self {
        Self(RefCell::new(None))
    }

    /// Opens a socket of the stack with these rings.
    pub(crate) fn init(&mut self, stack: Stack, rx: &'static mut [u8], tx: &'static mut [u8]) {
        // Not `=`, which would link the code that drops a socket.
        self.0.get_mut().get_or_insert_with(|| {
            let mut socket = TcpSocket::new(stack, rx, tx);
            // Frames are written whole, so waiting for more bytes only delays them.
            socket.set_nagle_enabled(false);
            socket
        });
    }

    /// Listens, and waits for a peer. The wait also ends when a peer has begun to connect and not
    /// completed the connection within `timeout`.
    pub(crate) fn accept(
        &self,
        port: u16,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), ErrorKind>> {
        let mut listening = false;
        poll_fn(move |cx| {
            self.with(Poll::Ready(Err(ErrorKind::Other)), |socket| {
                if !listening {
                    listening = true;
                    socket.set_timeout(Some(timeout));
                    return pin!(socket.accept(port)).poll(cx).map_err(|_| ErrorKind::InvalidInput);
                }
                ready!(poll_opened(socket, cx));
                socket.set_timeout(None);
                Poll::Ready(Ok(()))
            })
        })
    }

    /// Connects, without a deadline of its own.
    pub(crate) fn connect(
        &self,
        endpoint: IpEndpoint,
    ) -> impl Future<Output = Result<(), ErrorKind>> {
        let mut connecting = false;
        poll_fn(move |cx| {
            self.with(Poll::Ready(Err(ErrorKind::Other)), |socket| {
                if !connecting {
                    connecting = true;
                    socket.set_timeout(None);
                    return pin!(socket.connect(endpoint)).poll(cx).map_err(|error| match error {
                        ConnectError::NoRoute => ErrorKind::AddrNotAvailable,
                        _ => ErrorKind::ConnectionRefused,
                    });
                }
                match ready!(poll_opened(socket, cx)) {
                    State::Closed | State::TimeWait => {
                        Poll::Ready(Err(ErrorKind::ConnectionRefused))
                    }
                    _ => Poll::Ready(Ok(())),
                }
            })
        })
    }

    /// Waits for bytes, and lends the first contiguous part of them; `None` at the end of the
    /// stream.
    pub(crate) fn read_with<T>(
        &self,
        mut f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> impl Future<Output = Result<Option<T>, ErrorKind>> {
        poll_fn(move |cx| {
            let mut result = None;
            let read = self.poll_read(cx, &mut |bytes| call(&mut f, bytes, &mut result));
            read.map_ok(|()| result)
        })
    }

    /// Lends the first contiguous part of the unread bytes, and consumes nothing; `None` if there
    /// are no unread bytes.
    pub(crate) fn peek<T>(&self, mut f: impl FnMut(&[u8]) -> T) -> Option<T> {
        if self.recv_queue() == 0 {
            return None;
        }
        self.try_read(|bytes| (0, f(bytes)))
    }

    /// Consumes `count` bytes; `None` if they are not contiguous.
    pub(crate) fn skip(&self, count: usize) -> Option<()> {
        self.try_read(|bytes| (count, bytes.len() >= count))?.then_some(())
    }

    /// Lends the first contiguous part of the unused room; `None` if there is no room.
    pub(crate) fn poke<T>(&self, mut f: impl FnMut(&mut [u8]) -> (usize, T)) -> Option<T> {
        let mut result = None;
        let mut context = Context::from_waker(Waker::noop());
        let _ = self.poll_write(&mut context, 0, &mut |out| call(&mut f, out, &mut result));
        result
    }

    fn try_read<T>(&self, mut f: impl FnMut(&mut [u8]) -> (usize, T)) -> Option<T> {
        let mut result = None;
        let mut context = Context::from_waker(Waker::noop());
        let _ = self.poll_read(&mut context, &mut |bytes| call(&mut f, bytes, &mut result));
        result
    }

    /// Lends the first contiguous part of the unread bytes; does not call `take` at the end of the
    /// stream.
    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        take: Step<'_>,
    ) -> Poll<Result<(), ErrorKind>> {
        self.with(Poll::Ready(Err(ErrorKind::Other)), |socket| {
            let take = |bytes: &mut [u8]| {
                let length = bytes.len();
                (take(bytes).min(length), ())
            };
            let read = ready!(pin!(socket.read_with(take)).poll(cx));
            if read.is_err() && !has_ended(socket.state()) {
                return Poll::Ready(Err(ErrorKind::ConnectionReset));
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Waits for `room` contiguous bytes of room, and lends it.
    pub(crate) fn write_with<T>(
        &self,
        room: usize,
        mut f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> impl Future<Output = Result<T, ErrorKind>> {
        poll_fn(move |cx| {
            let mut result = None;
            let write = self.poll_write(cx, room, &mut |out| call(&mut f, out, &mut result));
            write.map(|written| written.and(result.ok_or(ErrorKind::OutOfMemory)))
        })
    }

    /// Lends the first contiguous part of the unused room, once it has at least `room` bytes. Does
    /// not call `put` if the whole ring is smaller.
    pub(crate) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        room: usize,
        put: Step<'_>,
    ) -> Poll<Result<(), ErrorKind>> {
        self.with(Poll::Ready(Err(ErrorKind::Other)), |socket| {
            // A flush wakes its task whenever bytes have left, and once all have left, the whole
            // ring is contiguous.
            for waited in [false, true] {
                if waited && pin!(socket.flush()).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let write = pin!(socket.write_with(|out| {
                    let length = out.len();
                    if length < room { (0, false) } else { (put(out).min(length), true) }
                }));
                match ready!(write.poll(cx)) {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(_) => return Poll::Ready(Err(ErrorKind::ConnectionReset)),
                }
            }
            Poll::Ready(Ok(()))
        })
    }

    /// Waits until the peer has acknowledged every byte, and the end of the stream after
    /// [`close`](Self::close); after [`abort`](Self::abort), until the reset has left.
    pub(crate) fn poll_acknowledged(&self, cx: &mut Context<'_>) -> Poll<Result<(), ErrorKind>> {
        self.with(Poll::Ready(Err(ErrorKind::Other)), |socket| {
            pin!(socket.flush()).poll(cx).map_err(|_| ErrorKind::ConnectionReset)
        })
    }

    /// Ends our direction of the stream, after the written bytes.
    pub(crate) fn close(&self) {
        self.with((), TcpSocket::close);
    }

    pub(crate) fn abort(&self) {
        self.with((), TcpSocket::abort);
    }

    /// Has the stack end the connection once the peer is silent for `timeout`.
    pub(crate) fn give_up_after(&self, timeout: Duration) {
        self.with((), |socket| socket.set_timeout(Some(timeout)));
    }

    /// Returns the number of unread bytes.
    pub(crate) fn recv_queue(&self) -> usize {
        self.with(0, |socket| socket.recv_queue())
    }

    pub(crate) fn recv_capacity(&self) -> usize {
        self.with(0, |socket| socket.recv_capacity())
    }

    pub(crate) fn send_capacity(&self) -> usize {
        self.with(0, |socket| socket.send_capacity())
    }

    /// Returns true while the peer may send further bytes.
    pub(crate) fn peer_is_sending(&self) -> bool {
        let state = self.with(State::Closed, |socket| socket.state());
        matches!(state, State::Established | State::FinWait1 | State::FinWait2)
    }

    /// Returns the socket's stage between two connections.
    pub(crate) fn rest(&self) -> Rest {
        self.with(Rest::InUse, |socket| match (socket.state(), socket.remote_endpoint()) {
            (State::Closed, None) => Rest::Closed,
            (State::TimeWait, _) => Rest::Lingering,
            _ => Rest::InUse,
        })
    }

    pub(crate) fn peer_addr(&self) -> Option<SocketAddr> {
        self.with(None, |socket| socket.remote_endpoint()).map(SocketAddr::from)
    }

    fn with<T>(&self, busy: T, f: impl FnOnce(&mut TcpSocket<'static>) -> T) -> T {
        match self.borrow() {
            Some(mut socket) => f(&mut socket),
            None => busy,
        }
    }

    /// Not inlined, because it is called in dozens of places.
    #[inline(never)]
    fn borrow(&self) -> Option<RefMut<'_, TcpSocket<'static>>> {
        RefMut::filter_map(self.0.try_borrow_mut().ok()?, Option::as_mut).ok()
    }
}

/// A socket's stage between two connections.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rest {
    Closed,
    /// Both directions have ended; our last acknowledgement may not have left yet.
    Lingering,
    InUse,
}

/// Returns true if the peer has ended its direction, in contrast to a reset.
fn has_ended(state: State) -> bool {
    matches!(state, State::CloseWait | State::LastAck | State::Closing | State::TimeWait)
}

/// Waits until the connection is open or has failed; returns the socket's state.
fn poll_opened(socket: &mut TcpSocket<'static>, cx: &mut Context<'_>) -> Poll<State> {
    let state = socket.state();
    if !matches!(state, State::Listen | State::SynSent | State::SynReceived) {
        return Poll::Ready(state);
    }
    // Registers the waker for sending, which has no other use before the connection is open. In
    // these states the wait is never ready.
    let _ = pin!(socket.wait_write_ready()).poll(cx);
    Poll::Pending
}

/// A step on the bytes or the room of a ring, which returns the number of bytes that it consumed or
/// wrote. A type parameter in its place would link the stack's code once for each type.
pub(crate) type Step<'f> = &'f mut dyn FnMut(&mut [u8]) -> usize;

/// Calls `f`, and keeps its second result.
fn call<T>(
    f: &mut impl FnMut(&mut [u8]) -> (usize, T),
    bytes: &mut [u8],
    result: &mut Option<T>,
) -> usize {
    let (count, given) = f(bytes);
    *result = Some(given);
    count
}
