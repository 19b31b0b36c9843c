//! Messages found in the transport's own bytes.

use super::Engine;
use crate::{Event, Instant, MessageKind, ProtocolError};

/// What the engine unmasked and nobody took yet, and where in a message that is.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Bytes at the front of the transport's that are payload already: never unmasked twice.
    decoded: usize,
    /// Whether the message ends behind them.
    last: bool,
    place: Place,
}

/// What the bytes at the front belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    Message(MessageKind),
}

/// What is wanted of the bytes.
pub(super) enum Want<'b> {
    /// The start of the next message; what is left of the one before is skipped.
    Start,
    /// Payload of the message under way. With no room, still its end is looked for.
    Payload(&'b mut [u8]),
    /// Nothing but control frames.
    Nothing,
}

/// What came of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing that was wanted. More bytes may be there: control frames are answered first.
    Nothing,
    Start(MessageKind),
    /// That much payload. None says that the message has ended, or that there was no room.
    Payload(usize),
    Failed(ProtocolError),
}

impl Decoder {
    pub(super) const fn new() -> Self {
        Self { decoded: 0, last: false, place: Place::Between }
    }

    /// The message under way.
    pub(super) const fn kind(&self) -> Option<MessageKind> {
        match self.place {
            Place::Message(kind) => Some(kind),
            Place::Between => None,
        }
    }

    /// Payload that is there and was not taken.
    pub(super) const fn decoded(&self) -> usize {
        self.decoded
    }

    /// Whether all of the message has been taken, which is then behind us.
    pub(super) fn finish_message(&mut self) -> bool {
        let finished = self.place != Place::Between && self.last && self.decoded == 0;
        if finished {
            self.place = Place::Between;
        }
        finished
    }

    /// Goes through the bytes up to what was wanted, a control frame or their end; gives how many
    /// are done with.
    pub(super) fn take(
        &mut self,
        bytes: &mut [u8],
        want: &mut Want<'_>,
        engine: &mut Engine,
        now: Instant,
    ) -> (usize, Found) {
        let reading = matches!(want, Want::Payload(_));
        if !reading {
            // From here on the message under way is skipped.
            self.place = Place::Between;
        }
        if !engine.can_receive() {
            self.decoded = 0;
            return (bytes.len(), Found::Nothing);
        }
        let mut done = 0usize;
        loop {
            if reading && self.last && self.decoded == 0 {
                return (done, Found::Payload(0));
            }
            let rest = bytes.get_mut(done..).unwrap_or_default();
            if rest.is_empty() {
                return (done, Found::Nothing);
            }
            if self.decoded > 0 {
                let taken = want.accept(rest.get(..self.decoded).unwrap_or(rest));
                self.decoded = self.decoded.saturating_sub(taken);
                done = done.saturating_add(taken);
                if reading {
                    return (done, Found::Payload(taken));
                }
                continue;
            }
            let received = match engine.receive(rest, now) {
                Ok(received) => received,
                Err(error) => return (done, Found::Failed(error)),
            };
            done = done.saturating_add(received.consumed);
            match received.event {
                None => {}
                Some(Event::Data(data)) => {
                    // The payload stays at the front until somebody takes it.
                    done = done.saturating_sub(data.payload.len());
                    self.decoded = data.payload.len();
                    self.last = data.last;
                    if data.first && matches!(want, Want::Start) {
                        self.place = Place::Message(data.kind);
                        return (done, Found::Start(data.kind));
                    }
                }
                Some(_) => return (done, Found::Nothing),
            }
        }
    }
}

impl Want<'_> {
    /// Takes from the front of the piece what it can; gives how much.
    fn accept(&mut self, piece: &[u8]) -> usize {
        match self {
            Self::Payload(room) => copy(room, piece),
            Self::Start | Self::Nothing => piece.len(),
        }
    }
}

/// Copies as much as fits; gives how much.
pub(super) fn copy(to: &mut [u8], from: &[u8]) -> usize {
    let count = to.len().min(from.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}
