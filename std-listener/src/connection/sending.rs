//! From messages to the stream.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use websocket_listener_core::{CloseCode, DataFrame, MessageKind, ReservedBits, Role};

use super::Connection;
use super::tasks::Side;
use crate::counters::count;
use crate::error::Error;
use crate::message::Message;
use crate::message::payload::Held;
use crate::message::prepared::{Encoded, PreparedMessage};
use crate::options::SlowConsumer;
use crate::registry::clock;

/// FIN, in a frame's first byte: the frame ends its message (RFC 6455 section 5.2).
const FIN: u8 = 0x80;

/// A part of a message that is written as a stream.
#[derive(Clone, Copy)]
pub(crate) struct Fragment {
    pub(crate) kind: MessageKind,
    pub(crate) first: bool,
    pub(crate) last: bool,
    /// The message bypasses the extension.
    pub(crate) as_is: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Returns whether a message's frame can be queued without waiting.
    #[inline]
    pub(crate) fn has_room(&self) -> bool {
        self.has_room_for_control() && !self.is_encoding()
    }

    /// Control frames may stand between the frames of a message that is not queued whole.
    #[inline]
    pub(super) fn has_room_for_control(&self) -> bool {
        self.output.has_room(self.write_queue_bytes as usize)
    }

    /// Waits until a frame can be queued. On a closing connection, waits until it has ended: a
    /// caller that gives up at the error and drops the connection must not cut the closing
    /// handshake short.
    #[inline]
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let can_send = self.extended.is_none() && self.protocol.can_send();
        if can_send && self.has_room() && !self.registration.is_going_away() {
            return Poll::Ready(Ok(()));
        }
        self.poll_room(cx)
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // The codec has worked enough for one turn.
        ready!(self.poll_turn(cx));
        loop {
            // The peer has closed, or broken the protocol: nothing more can be sent.
            if !self.protocol.can_receive() {
                ready!(self.poll_end(cx));
            }
            if let Err(error) = self.check_open() {
                ready!(self.poll_finish_shutdown(cx));
                return Poll::Ready(Err(error));
            }
            if self.has_room() {
                return Poll::Ready(Ok(()));
            }
            // The stream takes no more, and the queue is as full as before.
            if self.poll_write_out(cx)?.is_pending() && !self.has_room() {
                ready!(self.poll_wait(cx, Side::Writer));
            }
        }
    }

    /// Finishes the closing handshake that a shutdown has begun, so that a caller that gives up at
    /// the error and drops the connection does not cut it short. If another task receives, that
    /// task does it.
    #[cold]
    fn poll_finish_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.registration.is_going_away() && !self.has_ended {
            if self.is_shared {
                let _ = self.poll_write_out(cx);
            } else {
                let _ = ready!(self.poll_close(cx));
            }
        }
        Poll::Ready(())
    }

    /// Waits until everything queued has left.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.check_shutdown();
            if let Some(outcome) = self.outcome() {
                // What was queued may not have left.
                return Poll::Ready(outcome.and(Err(Error::Closed)));
            }
            if self.poll_write_out(cx)?.is_ready() {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_wait(cx, Side::Writer));
        }
    }

    /// Queues a whole message. Only after [`poll_ready`](Self::poll_ready).
    #[inline]
    pub(crate) fn start_send(&mut self, message: Message) -> Result<(), Error> {
        let kind = message.kind();
        let payload = message.into_payload();
        if self.extended.is_some() {
            return self.start_send_payload(kind, payload);
        }
        match payload.held() {
            Held::Few(bytes, length) => {
                let header = self.protocol.begin_frame(DataFrame::whole(kind, length as u64))?;
                self.output.push_few(&header, bytes, length);
            }
            Held::Owned(bytes) => {
                let header =
                    self.protocol.begin_frame(DataFrame::whole(kind, bytes.len() as u64))?;
                self.output.push_copied(&header, bytes);
            }
            Held::Shared(_) => return self.start_send_as_is(kind, payload),
        }
        self.tally.messages_sent += 1;
        self.input.keep(payload);
        Ok(())
    }

    /// Queues a whole message. Only after [`poll_ready`](Self::poll_ready).
    #[inline]
    pub(crate) fn start_send_payload(
        &mut self,
        kind: MessageKind,
        payload: impl AsRef<[u8]> + Into<Bytes>,
    ) -> Result<(), Error> {
        if self.extended.is_none() {
            return self.start_send_as_is(kind, payload);
        }
        match self.start_send_encoded(kind, payload)? {
            Some(payload) => self.start_send_as_is(kind, payload),
            None => Ok(()),
        }
    }

    /// Queues a whole message that bypasses the extension. Only after
    /// [`poll_ready`](Self::poll_ready).
    #[inline]
    pub(crate) fn start_send_as_is(
        &mut self,
        kind: MessageKind,
        payload: impl AsRef<[u8]> + Into<Bytes>,
    ) -> Result<(), Error> {
        let length = payload.as_ref().len() as u64;
        let header = self.protocol.begin_frame(DataFrame::whole(kind, length))?;
        self.output.push(&header, payload);
        self.tally.messages_sent += 1;
        Ok(())
    }

    /// Queues a fragment of a message. Only after [`poll_ready`](Self::poll_ready).
    pub(crate) fn start_send_fragment(
        &mut self,
        fragment: Fragment,
        payload: Bytes,
    ) -> Result<(), Error> {
        let Fragment { kind, first, last, as_is } = fragment;
        let length = payload.len() as u64;
        let frame = DataFrame { kind, reserved: ReservedBits::NONE, first, last, length };
        let Some(payload) = self.start_send_encoded_fragment(frame, as_is, payload)? else {
            return Ok(());
        };
        let header = self.protocol.begin_frame(frame)?;
        if last {
            self.output.push(&header, payload);
            self.tally.messages_sent += 1;
        } else {
            self.output.push_open(&header, payload);
        }
        Ok(())
    }

    /// Makes the fragment that was queued last the end of its message, if that is still here, so
    /// that no empty frame has to follow. Not with an extension, whose codec must see the end.
    pub(crate) fn end_with_last_fragment(&mut self, kind: MessageKind) -> bool {
        let Some(frame) = self.output.open_frame() else { return false };
        let end = DataFrame { first: false, ..DataFrame::whole(kind, 0) };
        if self.extended.is_some() || self.protocol.begin_frame(end).is_err() {
            return false;
        }
        *frame |= FIN;
        self.tally.messages_sent += 1;
        true
    }

    /// Queues a message that is already encoded. Only after [`poll_ready`](Self::poll_ready).
    pub(crate) fn start_send_prepared(&mut self, message: &PreparedMessage) -> Result<(), Error> {
        if self.extended.is_none() {
            return self.start_send_prepared_as_is(message);
        }
        match self.encoded_for_many(message) {
            Some(encoded) => self.start_send_encoded_frame(message.kind(), &encoded),
            None => self.start_send_payload(message.kind(), message.as_it_is().payload_bytes()),
        }
    }

    /// Queues a message that is already encoded, and bypasses the extension. Only after
    /// [`poll_ready`](Self::poll_ready).
    pub(crate) fn start_send_prepared_as_is(
        &mut self,
        message: &PreparedMessage,
    ) -> Result<(), Error> {
        self.start_send_encoded_frame(message.kind(), message.as_it_is())
    }

    pub(super) fn start_send_encoded_frame(
        &mut self,
        kind: MessageKind,
        encoded: &Encoded,
    ) -> Result<(), Error> {
        let payload = encoded.payload();
        let frame = DataFrame::whole(kind, payload.len() as u64);
        let header =
            self.protocol.begin_frame(DataFrame { reserved: encoded.reserved, ..frame })?;
        match self.protocol.role() {
            Role::Server => self.output.push_encoded(&encoded.frame),
            // Every frame of a client needs a mask of its own.
            Role::Client { .. } => self.output.push_copied(&header, payload),
        }
        self.tally.messages_sent += 1;
        Ok(())
    }

    /// Queues a whole message by `start`, unless the peer is too slow for it, and writes what the
    /// stream takes. Never waits; the next call that receives writes the rest.
    pub(crate) fn try_send(
        &mut self,
        cx: &mut Context<'_>,
        start: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check_open()?;
        while !self.has_room() {
            self.encode_at_once();
            if self.poll_write_out(cx)?.is_pending() && !self.has_room_for_control() {
                return Err(self.leave_behind(cx));
            }
        }
        start(self)?;
        let _ = self.poll_write_out(cx)?;
        self.tally.add_to(self.counters.as_ref());
        Ok(())
    }

    /// Queues a ping, and writes what the stream takes. Never waits; the next call that receives
    /// writes the rest.
    pub(crate) fn try_ping(&mut self, cx: &mut Context<'_>, payload: &[u8]) -> Result<(), Error> {
        self.start_ping(payload)?;
        let _ = self.poll_write_out(cx)?;
        Ok(())
    }

    /// The peer has not taken what was sent before.
    #[cold]
    fn leave_behind(&mut self, cx: &mut Context<'_>) -> Error {
        if let Some(counters) = &self.counters {
            count(&counters.messages_dropped);
        }
        match self.slow_consumer {
            SlowConsumer::DropNewest => Error::QueueFull,
            SlowConsumer::Close => {
                self.details.in_span(|| {
                    let peer_addr = self.details.peer_addr();
                    tracing::debug!(id = self.id, ?peer_addr, "closing: peer too slow");
                });
                // The code may be sent, and the reason is short enough.
                let _ = self.start_close(CloseCode::TRY_AGAIN_LATER, "too slow");
                let _ = self.poll_write_out(cx);
                Error::Closed
            }
        }
    }

    /// Returns whether no message can be sent any more.
    pub(crate) fn is_closed(&self) -> bool {
        !self.can_send()
    }

    /// Queues a ping.
    pub(crate) fn start_ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.check_open()?;
        self.now = clock::now();
        self.protocol.ping(payload)?;
        Ok(())
    }

    fn check_open(&mut self) -> Result<(), Error> {
        self.check_shutdown();
        if self.can_send() {
            return Ok(());
        }
        match self.outcome() {
            Some(outcome) => outcome.and(Err(Error::Closed)),
            // Nothing more can be written, though there may be something to read.
            None => Err(self.stream_error.as_ref().map_or(Error::Closed, Error::from)),
        }
    }
}
