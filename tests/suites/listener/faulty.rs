//! A stream that holds back, fails or resets when it is told to.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Takes whatever is written at once, and passes it on when it is flushed.
#[derive(Debug)]
pub(crate) struct Faulty<S> {
    stream: S,
    unflushed: Vec<u8>,
    faults: Faults,
}

/// Tells a [`Faulty`] stream what to do from now on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    flush_stalls: bool,
    stalled: Option<Waker>,
    write_fails: bool,
    end_is_reset: bool,
}

impl<S> Faulty<S> {
    /// Without a fault so far.
    pub(crate) fn new(stream: S) -> (Self, Faults) {
        let faults = Faults::default();
        (Self { stream, unflushed: Vec::new(), faults: faults.clone() }, faults)
    }
}

impl Faults {
    /// Nothing that is written leaves, until [`flow`](Self::flow).
    pub(crate) fn stall(&self) {
        self.state().flush_stalls = true;
    }

    /// Lets written bytes leave again.
    pub(crate) fn flow(&self) {
        let mut state = self.state();
        state.flush_stalls = false;
        if let Some(waker) = state.stalled.take() {
            waker.wake();
        }
    }

    /// Every write fails. Reading goes on.
    pub(crate) fn fail_writes(&self) {
        self.state().write_fails = true;
    }

    /// The peer has reset the connection: writes fail, and what came before is followed by an error.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.write_fails = true;
        state.end_is_reset = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Faulty<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() == before && this.faults.state().end_is_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Faulty<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let state = this.faults.state();
        if state.end_is_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if state.write_fails {
            return Poll::Ready(Err(io::Error::other("the cable is cut")));
        }
        this.unflushed.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let mut state = this.faults.state();
        if state.flush_stalls {
            state.stalled = Some(cx.waker().clone());
            return Poll::Pending;
        }
        drop(state);
        while !this.unflushed.is_empty() {
            let written = ready!(Pin::new(&mut this.stream).poll_write(cx, &this.unflushed))?;
            this.unflushed.drain(..written);
        }
        Pin::new(&mut this.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
