//! A whole message into a buffer, also over several calls that were dropped.

use core::num::NonZeroU32;

use super::clock::Clock;
use super::decoder::{Found, Want};
use super::receiving::{Collected, Receiving};
use super::{Message, ReadHalf, RecvError, WriteHalf};
use crate::{MessageKind, ProtocolError};

/// A buffer being filled. If it is dropped so, the part that is filled can be recognised again.
struct Filling<'f, 's, 'b, R, W, C> {
    receiving: &'f mut Receiving<'s, R, W, C>,
    buffer: &'b mut [u8],
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Receiving<'_, R, W, C> {
    pub(super) async fn recv<'b>(
        &mut self,
        buffer: &'b mut [u8],
    ) -> Result<Option<Message<'b>>, RecvError> {
        self.find_collected(buffer)?;
        let mut filling = Filling { receiving: self, buffer };
        // One wait for the start and the rest: each one more would be in the program once more.
        let kind = loop {
            let decoder = &mut filling.receiving.incoming.decoder;
            let kind = decoder.kind().filter(|_| filling.receiving.incoming.collected.is_some());
            let mut want = match kind {
                None => Want::Start,
                Some(kind) if decoder.finish_message() => break kind,
                Some(_) => {
                    if filling.is_too_small() {
                        filling.refuse();
                    }
                    let length = filling.length();
                    Want::Payload(filling.buffer.get_mut(length..).unwrap_or_default())
                }
            };
            match filling.receiving.run(&mut want).await? {
                Some(Found::Start(_)) => {
                    let nothing = Collected { length: 0, checksum: checksum(&[]) };
                    filling.receiving.incoming.collected = Some(nothing);
                }
                Some(Found::Payload(count)) => filling.add(count),
                Some(Found::NoRoom) => filling.refuse(),
                _ => return Ok(None),
            }
        };
        let length = filling.length();
        filling.receiving.incoming.collected = None;
        let buffer: &'b mut [u8] = core::mem::take(&mut filling.buffer);
        message(kind, buffer.get_mut(..length).unwrap_or_default()).map(Some)
    }

    /// Goes on with what an earlier call has left in this buffer, if it has and there is more to
    /// come.
    fn find_collected(&mut self, buffer: &[u8]) -> Result<(), RecvError> {
        if self.incoming.decoder.kind().is_none()
            || self.shared.verdict().is_some()
            || self.shared.is_over()
        {
            self.incoming.collected = None;
        }
        if let Some(collected) = self.incoming.collected
            && buffer.get(..collected.length).map(checksum) != Some(collected.checksum)
        {
            self.incoming.collected = None;
            return Err(RecvError::BufferChanged);
        }
        Ok(())
    }
}

impl<R: ReadHalf, W: WriteHalf, C: Clock> Filling<'_, '_, '_, R, W, C> {
    fn refuse(&mut self) {
        self.receiving.refuse(RecvError::MessageTooBig, ProtocolError::MessageTooBig);
    }

    /// Whether more of the message is announced than there is room for.
    fn is_too_small(&self) -> bool {
        let Some(decoded) = self.receiving.incoming.decoder.decoded() else { return false };
        let announced = self.receiving.shared.with_engine(0, |engine| engine.frame_remaining());
        let room = self.buffer.len().saturating_sub(self.length()) as u64;
        announced.saturating_add(decoded as u64) > room
    }
}

impl<R, W, C> Filling<'_, '_, '_, R, W, C> {
    fn add(&mut self, count: usize) {
        if let Some(collected) = &mut self.receiving.incoming.collected {
            collected.length = collected.length.saturating_add(count);
        }
    }

    fn length(&self) -> usize {
        self.receiving.incoming.collected.map_or(0, |collected| collected.length)
    }
}

impl<R, W, C> Drop for Filling<'_, '_, '_, R, W, C> {
    fn drop(&mut self) {
        if let Some(collected) = &mut self.receiving.incoming.collected {
            collected.checksum = checksum(self.buffer.get(..collected.length).unwrap_or_default());
        }
    }
}

fn message(kind: MessageKind, payload: &[u8]) -> Result<Message<'_>, RecvError> {
    match kind {
        MessageKind::Binary => Ok(Message::Binary(payload)),
        // The engine has checked it already, unless an extension owns a reserved bit of it.
        MessageKind::Text => core::str::from_utf8(payload)
            .map(Message::Text)
            .map_err(|_| RecvError::Protocol(ProtocolError::InvalidUtf8)),
    }
}

/// FNV-1a, and never zero, so that an `Option` of it takes no more memory.
fn checksum(bytes: &[u8]) -> NonZeroU32 {
    let step = |hash: u32, byte: &u8| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    NonZeroU32::MIN | bytes.iter().fold(0x811c_9dc5, step)
}
