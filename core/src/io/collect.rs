//! Receiving a whole message into a buffer, resumed by later calls if one is dropped.

use core::future::poll_fn;
use core::task::{Context, Poll, ready};

use super::clock::Clock;
use super::decoder::{Found, Want};
use super::fingerprint::fingerprint;
use super::receiving::{Collected, Receiving};
use super::{Message, ReadHalf, RecvError, WriteHalf};
use crate::error::ProtocolError;
use crate::frame::MessageKind;

/// A buffer being filled. Dropping it records the fingerprint of the filled part, by which the next
/// call recognises the buffer.
struct Filling<'s, 'b, R, W, C> {
    receiving: Receiving<'s, R, W, C>,
    buffer: &'b mut [u8],
    /// The buffer has been found to hold the bytes that `collected` describes.
    begun: bool,
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Receiving<'_, R, W, C> {
    pub(super) fn recv<'b>(
        self,
        buffer: &'b mut [u8],
    ) -> impl Future<Output = Result<Option<Message<'b>>, RecvError>> {
        let mut filling = Filling { receiving: self, buffer, begun: false };
        poll_fn(move |cx| filling.poll(cx))
    }

    /// Checks that the buffer holds the bytes that a dropped call left in it, if there was one and
    /// the rest of its message can still arrive.
    fn find_collected(&mut self, buffer: &[u8]) -> Result<(), RecvError> {
        let ends = self.shared.is_refused() || !self.shared.status().can_receive;
        if self.incoming.decoder.kind().is_none() || ends {
            self.incoming.collected = None;
        }
        if let Some(collected) = self.incoming.collected
            && buffer.get(..collected.length).map(fingerprint) != Some(collected.fingerprint)
        {
            self.incoming.collected = None;
            return Err(RecvError::BufferChanged);
        }
        Ok(())
    }
}

impl<'b, R: ReadHalf, W: WriteHalf, C: Clock> Filling<'_, 'b, R, W, C> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Message<'b>>, RecvError>> {
        if !self.begun {
            self.receiving.find_collected(self.buffer)?;
            self.begun = true;
        }
        // One call of `poll` for the start and the rest: a second would be inlined as well.
        let (kind, length) = loop {
            let decoder = &mut self.receiving.incoming.decoder;
            let kind = decoder.kind().filter(|_| self.receiving.incoming.collected.is_some());
            let mut want = match kind {
                None => Want::Message(&mut *self.buffer),
                Some(kind) if decoder.finish_message() => break (kind, self.length()),
                Some(_) => {
                    if self.is_too_small() {
                        self.refuse();
                    }
                    let length = self.length();
                    Want::Payload(self.buffer.get_mut(length..).unwrap_or_default())
                }
            };
            match ready!(self.receiving.poll(cx, &mut want))? {
                Some(Found::Whole(kind, length)) => break (kind, length),
                Some(Found::Start(_)) => {
                    let nothing = Collected { length: 0, fingerprint: fingerprint(&[]) };
                    self.receiving.incoming.collected = Some(nothing);
                }
                Some(Found::Payload(count)) => self.add(count),
                Some(Found::NoRoom) => self.refuse(),
                _ => return Poll::Ready(Ok(None)),
            }
        };
        self.receiving.incoming.collected = None;
        let buffer = core::mem::take(&mut self.buffer);
        let payload = buffer.get_mut(..length).unwrap_or_default();
        if let Some(message) = message(kind, payload) {
            return Poll::Ready(Ok(Some(message)));
        }
        self.receiving.fail(ProtocolError::InvalidUtf8);
        self.receiving.poll(cx, &mut Want::Nothing).map_ok(|_| None)
    }

    fn refuse(&mut self) {
        self.receiving.refuse();
    }

    /// Returns true if the frame headers announce more payload than there is room for.
    fn is_too_small(&self) -> bool {
        let Some(decoded) = self.receiving.incoming.decoder.decoded() else { return false };
        let announced = self.receiving.shared.with_engine(0, |engine| engine.frame_remaining());
        let room = self.buffer.len().saturating_sub(self.length()) as u64;
        announced.saturating_add(decoded as u64) > room
    }
}

impl<R, W, C> Filling<'_, '_, R, W, C> {
    fn add(&mut self, count: usize) {
        if let Some(collected) = &mut self.receiving.incoming.collected {
            collected.length = collected.length.saturating_add(count);
        }
    }

    fn length(&self) -> usize {
        self.receiving.incoming.collected.map_or(0, |collected| collected.length)
    }
}

impl<R, W, C> Drop for Filling<'_, '_, R, W, C> {
    fn drop(&mut self) {
        if let Some(collected) = &mut self.receiving.incoming.collected
            && self.begun
        {
            let start = self.buffer.get(..collected.length).unwrap_or_default();
            collected.fingerprint = fingerprint(start);
        }
    }
}

/// Returns the message with this payload, or `None` for text that is not UTF-8. A message that was
/// found whole has not been checked before.
fn message(kind: MessageKind, payload: &[u8]) -> Option<Message<'_>> {
    Some(match kind {
        MessageKind::Binary => Message::Binary(payload),
        MessageKind::Text => Message::Text(core::str::from_utf8(payload).ok()?),
    })
}
