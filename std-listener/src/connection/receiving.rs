//! From the stream to messages.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;
use websocket_listener_core::{Data, Event, MessageKind, ProtocolError, Received};

use super::Connection;
use super::control::ControlReport;
use super::extension::{Coded, Decoded};
use super::input::Incoming;
use super::tasks::Side;
use crate::error::Error;
use crate::message::Message;
use crate::registry::clock;

/// The bytes that were read for which one unit of Tokio's budget is spent: a read may have brought
/// very many messages.
const OPERATION: usize = 4 * 1024;

/// A piece of payload: at the front of the input, or, if an extension has decoded it, already in
/// the input's assembly.
struct Piece {
    kind: MessageKind,
    last: bool,
    /// The payload at the front of the input.
    length: usize,
    decoded: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// The next whole message, or how the connection ended, which is returned once.
    pub(crate) fn poll_next_item(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        if self.end_was_yielded {
            return Poll::Ready(None);
        }
        let item = ready!(self.poll_recv(cx)).transpose();
        self.end_was_yielded = !matches!(item, Some(Ok(_)));
        Poll::Ready(item)
    }

    /// The next whole message; `None` once the connection is closed.
    #[inline]
    pub(crate) fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Message>, Error>> {
        loop {
            if let Some(message) = self.next_message() {
                self.tally.messages_received += 1;
                return Poll::Ready(Ok(Some(message)));
            }
            if !ready!(self.poll_fill(cx))? {
                return Poll::Ready(Ok(None));
            }
        }
    }

    /// The kind of the next message, whose payload is to be read piece by piece.
    pub(crate) fn poll_next_message(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<MessageKind>, Error>> {
        loop {
            if let Some(kind) = self.begin_streaming() {
                return Poll::Ready(Ok(Some(kind)));
            }
            if !ready!(self.poll_fill(cx))? {
                return Poll::Ready(Ok(None));
            }
        }
    }

    /// Payload of the message that is being streamed, into `buffer`; nothing at the message's end.
    pub(crate) fn poll_read_payload(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        if buffer.remaining() > 0 && ready!(self.poll_readable(cx))? {
            let readable = self.input.readable();
            let length = readable.len().min(buffer.remaining());
            buffer.put_slice(&readable[..length]);
            self.input.consume(length);
        }
        Poll::Ready(Ok(()))
    }

    /// The next piece of the message that is being streamed; `None` at the message's end.
    pub(crate) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, Error>> {
        let readable = ready!(self.poll_readable(cx))?;
        Poll::Ready(Ok(readable.then(|| self.input.take_readable())))
    }

    /// Waits until there is payload to read; false at the message's end.
    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        loop {
            if !self.input.readable().is_empty() {
                return Poll::Ready(Ok(true));
            }
            match self.input.incoming {
                // All of the message has been handed out.
                Incoming::Streaming { complete: true, .. } => return Poll::Ready(Ok(false)),
                Incoming::Streaming { complete: false, .. } => {}
                // The other half is closing the connection, and ignores what comes.
                _ => return Poll::Ready(Err(Error::Closed)),
            }
            match self.next_piece() {
                Some(piece) => self.stream_piece(&piece),
                // A close in the middle of a message: the message has no end.
                None => {
                    if !ready!(self.poll_fill(cx))? {
                        return Poll::Ready(Err(Error::Disconnected));
                    }
                }
            }
        }
    }

    /// Skips the unread rest of the message that was streamed.
    fn end_streaming(&mut self) {
        if let Incoming::Streaming { complete, .. } = self.input.incoming {
            self.input.incoming = if complete { Incoming::Between } else { Incoming::Skipping };
            while !self.input.readable().is_empty() {
                self.input.consume(self.input.readable().len());
            }
        }
    }

    /// The next message that is there as a whole.
    #[inline]
    pub(super) fn next_message(&mut self) -> Option<Message> {
        let plain = self.input.incoming == Incoming::Between
            && self.extended.is_none()
            && self.message_rate.is_none();
        let receive = |input: &mut _| self.protocol.receive_whole(input, self.now).ok().flatten();
        if plain && let Some((kind, payload)) = self.input.take_whole(receive) {
            return Some(Message::from_checked(kind, payload));
        }
        self.next_message_in_pieces()
    }

    /// The next message, if it is not simply a whole one.
    fn next_message_in_pieces(&mut self) -> Option<Message> {
        if let Incoming::Assembling { kind, complete: true } = self.input.incoming {
            return Some(self.take_assembled(kind));
        }
        self.end_streaming();
        while let Some(piece) = self.next_piece() {
            match self.input.incoming {
                Incoming::Between if piece.last && !piece.decoded => {
                    let payload = self.input.take_message(piece.length);
                    return Some(Message::from_checked(piece.kind, payload));
                }
                Incoming::Skipping => self.skip(&piece),
                _ => {
                    self.input.assemble(piece.length);
                    if piece.last {
                        return Some(self.take_assembled(piece.kind));
                    }
                    self.input.incoming =
                        Incoming::Assembling { kind: piece.kind, complete: false };
                }
            }
        }
        None
    }

    fn take_assembled(&mut self, kind: MessageKind) -> Message {
        self.input.incoming = Incoming::Between;
        Message::from_checked(kind, self.input.take_assembly())
    }

    /// Makes the next message, or the one that a cancelled `recv` left, one to be streamed.
    fn begin_streaming(&mut self) -> Option<MessageKind> {
        self.end_streaming();
        if let Incoming::Assembling { kind, complete } = self.input.incoming {
            self.hand_out(kind, complete);
            return Some(kind);
        }
        while let Some(piece) = self.next_piece() {
            if self.input.incoming == Incoming::Skipping {
                self.skip(&piece);
            } else {
                self.stream_piece(&piece);
                return Some(piece.kind);
            }
        }
        None
    }

    fn stream_piece(&mut self, piece: &Piece) {
        self.input.set_decoded(piece.length);
        self.hand_out(piece.kind, piece.last);
    }

    fn hand_out(&mut self, kind: MessageKind, complete: bool) {
        self.tally.messages_received += u32::from(complete);
        self.input.incoming = Incoming::Streaming { kind, complete };
    }

    fn skip(&mut self, piece: &Piece) {
        if piece.decoded {
            self.input.drop_assembly();
        }
        self.input.drop_front(piece.length);
        if piece.last {
            self.input.incoming = Incoming::Between;
        }
    }

    /// Passes what was read through the engine up to the next piece of payload, which is then at
    /// the front of the input.
    #[inline]
    fn next_piece(&mut self) -> Option<Piece> {
        if let Some(extended) = &self.extended
            && extended.must_decode()
        {
            return self.next_decoded_piece();
        }
        while self.input.has_undecoded() {
            let received = self.protocol.receive(self.input.undecoded(), self.now);
            let Ok(Received { consumed, event }) = received else {
                // The engine has queued the Close frame that tells the peer.
                self.stop_receiving();
                return None;
            };
            match event {
                Some(Event::Data(data)) => {
                    let Data { kind, reserved, first, last, payload } = data;
                    let length = payload.len();
                    if first && !self.may_begin_message() {
                        return None;
                    }
                    self.input.drop_front(consumed - length);
                    if reserved.is_empty() {
                        return Some(Piece { kind, last, length, decoded: false });
                    }
                    self.take_in_coded(&Coded { kind, reserved, first, last, length });
                    return self.next_decoded_piece();
                }
                Some(Event::Ping) => {
                    self.input.drop_front(consumed);
                    self.report_ping();
                    if self.report(ControlReport::Ping) {
                        return None;
                    }
                    self.answer_ping();
                }
                Some(Event::Pong) => {
                    self.input.drop_front(consumed);
                    self.report_pong();
                    if self.report(ControlReport::Pong) {
                        return None;
                    }
                }
                Some(Event::Close) => {
                    self.stop_receiving();
                    return None;
                }
                // A part of a header, or of a control frame.
                _ => self.input.drop_front(consumed),
            }
        }
        None
    }

    /// Fails the connection if there are too many.
    #[inline]
    fn may_begin_message(&mut self) -> bool {
        let now = self.now;
        if self.message_rate.as_mut().is_none_or(|rate| rate.allows_one(now)) {
            return true;
        }
        self.protocol.fail(ProtocolError::TooManyMessages, now);
        self.stop_receiving();
        false
    }

    #[cold]
    fn next_decoded_piece(&mut self) -> Option<Piece> {
        let Decoded { kind, last } = self.decode_piece()?;
        Some(Piece { kind, last, length: 0, decoded: true })
    }

    /// Waits for input, after everything queued has left or the stream takes no more of it. False
    /// once the connection is closed.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Error>> {
        // The codec has worked enough for one turn.
        ready!(self.poll_turn(cx));
        loop {
            self.check_shutdown();
            self.check_late_input();
            if !self.protocol.can_receive() {
                ready!(self.poll_end(cx));
                // The same at every call.
                return Poll::Ready(self.outcome().unwrap_or(Ok(())).map(|()| false));
            }
            // A stream that takes nothing more may still have something to give.
            let _ = self.poll_write_out(cx);
            match self.poll_read(cx) {
                // The peer's direction has ended without a Close frame.
                Poll::Ready(Ok(0)) => self.end_input(),
                Poll::Ready(Ok(read)) => {
                    self.tally.bytes_received += read;
                    self.count_late_input(read);
                    return Poll::Ready(Ok(true));
                }
                Poll::Ready(Err(error)) => self.fail_reading(error),
                // Everything that came before writing failed has been read.
                Poll::Pending if self.stream_error.is_some() && coop::has_budget_remaining() => {
                    self.end_input();
                }
                // The stream neither takes nor gives anything.
                Poll::Pending => ready!(self.poll_wait(cx, Side::Reader)),
            }
        }
    }

    /// Reads once; returns the number of bytes, 0 at the stream's end.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<usize>> {
        let remaining = self.protocol.frame_remaining();
        let is_decoding = || self.extended.as_ref().is_some_and(|extended| extended.is_decoding());
        if !self.input.wants_direct(remaining) || is_decoding() {
            let read = ready!(self.input.poll_read(&mut self.stream, cx))?;
            self.now = clock::now();
            spend_budget(read / OPERATION, cx);
            return Poll::Ready(Ok(read));
        }
        let payload = ready!(self.input.poll_read_direct(&mut self.stream, cx, remaining))?;
        self.now = clock::now();
        let read = payload.len();
        match self.protocol.receive(payload, self.now) {
            Ok(received) => {
                if let Some(Event::Data(data)) = received.event {
                    self.input.incoming =
                        Incoming::Assembling { kind: data.kind, complete: data.last };
                }
            }
            Err(_) => self.stop_receiving(),
        }
        Poll::Ready(Ok(read))
    }
}

/// Makes the other tasks' turn come earlier.
fn spend_budget(operations: usize, cx: &mut Context<'_>) {
    for _ in 0..operations {
        if !coop::has_budget_remaining() {
            return;
        }
        if let Poll::Ready(operation) = coop::poll_proceed(cx) {
            operation.made_progress();
        }
    }
}
