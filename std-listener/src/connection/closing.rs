//! The closing handshake and the orderly end of the stream (RFC 6455 section 7.1).

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{CloseCode, MAX_CONTROL_PAYLOAD, Role};

use super::tasks::Side;
use super::{Connection, Phase};
use crate::error::{Error, Failure};
use crate::registry::clock;

/// What a Close frame holds after its code.
const MAX_REASON: usize = MAX_CONTROL_PAYLOAD - 2;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Queues the Close frame, after any message that has not yet been through the extension,
    /// unless the connection is already closing. A listener that shuts down gives 1001
    /// (RFC 6455 section 7.3).
    pub(crate) fn start_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        if !self.can_send() {
            return Ok(());
        }
        if self.is_encoding() {
            verify_close(code, reason)?;
            self.close_after_message(code, reason);
        } else {
            self.protocol.close(code, reason, clock::now())?;
            self.schedule_close();
        }
        Ok(())
    }

    /// Whether messages may be sent, and this end has not begun to close.
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

    /// Nothing more is received: all that remains is to end the stream in a way that lets the peer
    /// get everything.
    pub(super) fn begin_closing(&mut self, failure: Option<Failure>) {
        self.input.clear();
        if let Some(extended) = &mut self.extended {
            extended.forget_incoming();
        }
        if let Phase::Open = self.phase {
            // It may have come long before it was looked at.
            self.protocol.restart_close_deadline(clock::now());
            self.phase = Phase::Closing { shut_down: false, heard_out: false, failure };
            self.schedule_close();
        }
    }

    /// Schedules the end of the closing handshake, which has no ping that could be overdue.
    fn schedule_close(&mut self) {
        self.overdue = false;
        self.schedule();
    }

    /// Flushes, shuts down the sending side, and reads to the end. A socket that is closed with
    /// unread bytes in it resets the connection, and the reset overtakes what was sent.
    ///
    /// Ready when the connection has ended; errors of the stream no longer matter.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // An error here has ended the connection; every read returns it.
            let _ = self.heed_shutdown();
            let Phase::Closing { shut_down, heard_out, failure } = self.phase else {
                return Poll::Ready(());
            };
            if shut_down && heard_out {
                let _ = self.end(Error::Disconnected);
                continue;
            }
            // A peer may take more only once it has been read from, or may still take although it
            // sends no more.
            if !shut_down && self.poll_shut_down(cx, heard_out, failure).is_ready() {
                continue;
            }
            if !heard_out {
                match self.input.poll_read(&mut self.stream, cx) {
                    Poll::Ready(Ok(0)) => {
                        self.phase = Phase::Closing { shut_down, heard_out: true, failure };
                        continue;
                    }
                    Poll::Ready(Ok(_)) => {
                        self.input.clear();
                        // There may always be more.
                        if self.registration.take_expired() {
                            let _ = self.judge_deadlines(Side::Reader);
                            self.schedule();
                        }
                        continue;
                    }
                    Poll::Ready(Err(error)) => {
                        let _ = self.end(error.into());
                        continue;
                    }
                    Poll::Pending => {}
                }
            }
            let _ = ready!(self.poll_wait(cx, Side::Reader));
        }
    }

    /// Sends what is queued and shuts down the sending side, and with it a TLS session
    /// (RFC 6455 section 7.1.1), if it is this endpoint's turn.
    ///
    /// Ready means that the phase has changed.
    fn poll_shut_down(
        &mut self,
        cx: &mut Context<'_>,
        heard_out: bool,
        failure: Option<Failure>,
    ) -> Poll<()> {
        if let Err(error) = ready!(self.poll_write_out(cx)) {
            drop(self.end(error));
            return Poll::Ready(());
        }
        // A client lets the server end the stream first (section 7.1.1), unless the client has
        // failed the connection. Then the client ends it as well: the server waits for that,
        // however long this `WebSocket` is kept.
        let server_first = matches!(self.protocol.role(), Role::Client { .. }) && failure.is_none();
        if server_first && !heard_out {
            return Poll::Pending;
        }
        match ready!(Pin::new(&mut self.stream).poll_shutdown(cx)) {
            Ok(()) => self.phase = Phase::Closing { shut_down: true, heard_out, failure },
            Err(error) => drop(self.end(error.into())),
        }
        Poll::Ready(())
    }
}

/// Whether there can be such a Close frame (RFC 6455 section 5.5.1).
fn verify_close(code: CloseCode, reason: &str) -> Result<(), Error> {
    let without_status = code == CloseCode::NO_STATUS && reason.is_empty();
    if !code.is_sendable() && !without_status {
        return Err(Error::InvalidCloseCode);
    }
    if reason.len() > MAX_REASON {
        return Err(Error::ControlTooLong);
    }
    Ok(())
}
