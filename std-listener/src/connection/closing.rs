//! The closing handshake and the orderly end of the stream (RFC 6455 section 7.1).

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::Role;

use super::{Connection, Phase};
use crate::error::Failure;
use crate::split::Side;
use crate::{CloseCode, Error, clock};

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Queues the Close frame, unless the connection is closing already.
    pub(crate) fn start_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        if self.protocol.can_send() {
            self.protocol.close(code, reason, clock::now())?;
            self.schedule();
        }
        Ok(())
    }

    /// Takes in, and ignores, what comes until the connection is closed.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            let outcome = ready!(self.poll_next_message(cx))?;
            if outcome.is_none() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Nothing more is received: what remains is to end the stream so that the peer gets all of it.
    pub(super) fn begin_closing(&mut self, failure: Option<Failure>) {
        self.input.clear();
        if let Phase::Open = self.phase {
            // It may have come long before it was looked at.
            self.protocol.restart_close_deadline(clock::now());
            self.phase = Phase::Closing { shut_down: false, failure };
            self.schedule();
        }
    }

    /// Flushes, shuts down the sending side, and reads to the end. A socket that is closed with
    /// unread bytes in it resets the connection, and the reset overtakes what was sent.
    ///
    /// Ready when the connection has ended; errors of the stream no longer matter.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // An error here has ended the connection, and is what every read gives.
            let _ = self.heed_shutdown();
            let Phase::Closing { shut_down, failure } = self.phase else { return Poll::Ready(()) };
            if !shut_down && !self.poll_shut_down(cx, failure).is_pending() {
                continue;
            }
            match self.input.poll_read(&mut self.stream, cx) {
                Poll::Ready(Ok(1..)) => {
                    self.input.clear();
                    continue;
                }
                // The peer sends no more, but may still take what is queued.
                Poll::Ready(Ok(0)) if !self.output.is_empty() || self.unflushed => {}
                Poll::Ready(_) => {
                    let _ = self.end(Error::Disconnected);
                    continue;
                }
                Poll::Pending => {}
            }
            let _ = ready!(self.poll_wait(cx, Side::Reader));
        }
    }

    /// Sends what is queued and shuts down the sending side, if it is this endpoint's turn.
    ///
    /// Ready means that the phase has changed; pending, that there is nothing to do but to read.
    /// A peer may want to be read from before it takes more.
    fn poll_shut_down(&mut self, cx: &mut Context<'_>, failure: Option<Failure>) -> Poll<()> {
        if let Err(error) = ready!(self.poll_write_out(cx)) {
            drop(self.end(error));
            return Poll::Ready(());
        }
        // A client lets the server go first (section 7.1.1), unless it has failed the connection.
        if matches!(self.protocol.role(), Role::Client { .. }) && failure.is_none() {
            return Poll::Pending;
        }
        match ready!(Pin::new(&mut self.stream).poll_shutdown(cx)) {
            Ok(()) => self.phase = Phase::Closing { shut_down: true, failure },
            Err(error) => drop(self.end(error.into())),
        }
        Poll::Ready(())
    }
}
