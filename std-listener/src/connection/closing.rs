//! The closing handshake and the orderly end of the stream (RFC 6455 section 7.1). The engine says
//! what is due; here it is done.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{CloseCode, Failure};

use super::tasks::Side;
use super::{Connection, Protocol};
use crate::error::Error;
use crate::registry::clock;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Queues the Close frame, after any message that has not yet been through the extension,
    /// unless the connection is already closing. A listener that shuts down gives 1001
    /// (RFC 6455 section 7.3).
    pub(crate) fn start_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        if !self.can_send() {
            return Ok(());
        }
        if self.is_encoding() {
            Protocol::check_close(code, reason)?;
            self.close_after_message(code, reason);
        } else {
            self.protocol.close(code, reason, clock::now())?;
            self.schedule(Side::Reader);
        }
        Ok(())
    }

    /// Closes the connection if the listener shuts down, or gives it up if the listener no longer
    /// waits.
    #[inline]
    pub(super) fn check_shutdown(&mut self) {
        if !self.registration.is_going_away() || self.has_ended {
            return;
        }
        if self.registration.is_aborted() {
            self.give_up(Failure::Aborted);
        } else {
            // The code may be sent.
            let _ = self.start_close(CloseCode::GOING_AWAY, "");
        }
    }

    /// Returns whether messages may be sent, and this end has not begun to close.
    #[inline]
    pub(super) fn can_send(&self) -> bool {
        self.protocol.can_send() && !self.closes_after_message()
    }

    /// Reads and ignores what comes until the connection is closed.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            let outcome = ready!(self.poll_next_message(cx))?;
            if outcome.is_none() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Drops what was received of an unfinished message: the peer has closed, has broken the
    /// protocol, or has ended its stream.
    pub(super) fn stop_receiving(&mut self) {
        self.input.clear();
        if let Some(extended) = &mut self.extended {
            extended.forget_incoming();
        }
        // The Close frame may have come long before it was read.
        self.protocol.restart_close_deadline(clock::now());
        self.schedule(Side::Reader);
        self.end_if_over();
    }

    /// Notes the end of the peer's direction of the stream.
    pub(super) fn end_input(&mut self) {
        self.protocol.end_of_input(clock::now());
        self.stop_receiving();
    }

    /// Once nothing more is received: writes what is queued, ends the stream as the engine says,
    /// and drops what still comes. Ready when the connection has ended.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.check_shutdown();
            self.check_late_input();
            if self.has_ended {
                return Poll::Ready(());
            }
            // Ready: this end's direction has ended, or broken, and the engine wants something else.
            if self.poll_shut_down(cx).is_ready() {
                continue;
            }
            // The peer may take more only once it has been read from, or may still take although it
            // sends no more.
            let read = match self.protocol.wants().read {
                true => self.input.poll_read(&mut self.stream, cx),
                false => Poll::Pending,
            };
            match read {
                Poll::Ready(Ok(0)) => self.end_input(),
                Poll::Ready(Ok(read)) => {
                    self.input.clear();
                    self.count_late_input(read);
                }
                Poll::Ready(Err(error)) => self.fail_reading(error),
                // The stream neither takes nor gives anything.
                Poll::Pending => ready!(self.poll_wait(cx, Side::Reader)),
            }
        }
    }

    /// Sends what is queued, and shuts down the sending side, and with it a TLS session
    /// (RFC 6455 section 7.1.1), when its turn has come. Ready if that has changed something.
    fn poll_shut_down(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An error has already been noted.
        if ready!(self.poll_write_out(cx)).is_err() {
            return Poll::Ready(());
        }
        if !self.protocol.wants().shut_down {
            return Poll::Pending;
        }
        match ready!(Pin::new(&mut self.stream).poll_shutdown(cx)) {
            Ok(()) => {
                self.protocol.shut_down();
                self.end_if_over();
            }
            Err(error) => self.fail_writing(error),
        }
        Poll::Ready(())
    }
}
