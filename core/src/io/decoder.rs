//! The decoder that finds messages in the transport's own bytes.

use super::Engine;
use super::compression::Inflation;
use crate::connection::{Event, WholeMessage};
use crate::frame::{MessageKind, copy};
use crate::time::Instant;

/// The decoder's state: unmasked payload that was not taken yet, and its place in a message.
pub(super) struct Decoder {
    /// The number of bytes at the front that are already unmasked payload. They must not be
    /// unmasked again.
    decoded: usize,
    /// The message ends after them.
    last: bool,
    place: Place,
    pub(super) inflation: Inflation,
}

/// The message that the bytes at the front belong to, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Between,
    Message(MessageKind),
}

/// The purpose of looking at the bytes.
pub(super) enum Want<'b> {
    /// The start of the next message; the rest of the previous one is skipped.
    Start,
    /// The whole next message, if it has arrived in one piece and fits; otherwise its start.
    Message(&'b mut [u8]),
    /// Payload of the current message. Its end is found even without room.
    Payload(&'b mut [u8]),
    /// Nothing but control frames.
    Nothing,
}

/// The result of looking at the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing that was wanted. More bytes may follow: a control frame is answered first, and a
    /// connection that failed sends its Close frame.
    Nothing,
    Start(MessageKind),
    /// A message of this many bytes. Text is not checked yet.
    Whole(MessageKind, usize),
    /// This much payload. 0 means that the message has ended, or that there was no room.
    Payload(usize),
    /// Payload for which there is no room.
    NoRoom,
}

impl Decoder {
    pub(super) const fn new() -> Self {
        Self { decoded: 0, last: false, place: Place::Between, inflation: Inflation::none() }
    }

    /// Returns the kind of the current message.
    pub(super) const fn kind(&self) -> Option<MessageKind> {
        match self.place {
            Place::Message(kind) => Some(kind),
            Place::Between => None,
        }
    }

    /// Returns the number of payload bytes that have arrived but were not taken; `None` if they are
    /// compressed, because their number is then unknown.
    pub(super) fn decoded(&self) -> Option<usize> {
        (!self.inflation.is_under_way()).then_some(self.decoded)
    }

    /// Returns true if something can be found without any bytes.
    pub(super) fn is_stalled(&self) -> bool {
        self.decoded == 0 && (self.inflation.is_stalled() || self.is_uninflated_end())
    }

    /// Ends the current message if all of it has been taken; returns true if so.
    pub(super) fn finish_message(&mut self) -> bool {
        let finished = self.place != Place::Between && self.is_at_end();
        if finished {
            self.place = Place::Between;
        }
        finished
    }

    /// Decodes the bytes up to what was wanted, a control frame or their end; returns the number of
    /// bytes consumed.
    pub(super) fn take(
        &mut self,
        bytes: &mut [u8],
        want: &mut Want<'_>,
        engine: &mut Engine,
        now: Instant,
    ) -> (usize, Found) {
        let reading = matches!(want, Want::Payload(_));
        if !reading {
            // From here on the current message is skipped.
            self.place = Place::Between;
        }
        if !engine.can_receive() {
            self.decoded = 0;
            self.inflation.abandon();
            return (bytes.len(), Found::Nothing);
        }
        let mut done = 0usize;
        loop {
            if reading && self.is_at_end() {
                return (done, Found::Payload(0));
            }
            let rest = bytes.get_mut(done..).unwrap_or_default();
            if self.inflation.is_under_way() && (self.decoded > 0 || self.is_stalled()) {
                let (taken, found) = self.inflate(rest, want, engine, now);
                done = done.saturating_add(taken);
                match found {
                    Some(found) => return (done, found),
                    None => continue,
                }
            }
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
            if let Want::Message(room) = want
                && let Some(WholeMessage { kind, payload, mut mask }) = engine.find_whole(rest, now)
                && let Some(room) = room.get_mut(..payload.len())
            {
                let (end, length) = (payload.end, room.len());
                mask.copy(rest.get(payload).unwrap_or_default(), room);
                return (done.saturating_add(end), Found::Whole(kind, length));
            }
            let received = engine.receive_piece(rest, now);
            // The engine has queued the Close frame that says what is wrong.
            let Ok(received) = received else { return (done, Found::Nothing) };
            done = done.saturating_add(received.consumed);
            match received.event {
                None => {}
                Some(Event::Data(data)) => {
                    // The payload stays at the front until it is taken.
                    done = done.saturating_sub(data.payload.len());
                    self.decoded = data.payload.len();
                    self.last = data.last;
                    if data.first {
                        self.inflation.begin(data.kind, data.reserved);
                    }
                    if data.first && matches!(want, Want::Start | Want::Message(_)) {
                        self.place = Place::Message(data.kind);
                        return (done, Found::Start(data.kind));
                    }
                }
                Some(_) => return (done, Found::Nothing),
            }
        }
    }

    /// Inflates the payload at the front; returns the number of bytes consumed, and what was found,
    /// if anything.
    fn inflate(
        &mut self,
        bytes: &[u8],
        want: &mut Want<'_>,
        engine: &mut Engine,
        now: Instant,
    ) -> (usize, Option<Found>) {
        let piece = bytes.get(..self.decoded).unwrap_or(bytes);
        let last = self.last && piece.len() == self.decoded;
        let limit = engine.max_message_bytes();
        let result = match want {
            Want::Payload(room) => {
                self.inflation.inflate(piece, last, room, limit).map(|inflated| {
                    let found = match inflated.produced {
                        0 if inflated.needs_room => Some(Found::NoRoom),
                        0 => None,
                        produced => Some(Found::Payload(produced)),
                    };
                    (inflated.consumed, found)
                })
            }
            Want::Start | Want::Message(_) | Want::Nothing => {
                self.inflation.discard(piece, last, limit).map(|()| (piece.len(), None))
            }
        };
        match result {
            Ok((taken, found)) => {
                self.decoded = self.decoded.saturating_sub(taken);
                (taken, found)
            }
            Err(error) => {
                engine.fail(error, now);
                (0, Some(Found::Nothing))
            }
        }
    }

    /// Returns true if all of the message has been taken.
    fn is_at_end(&self) -> bool {
        self.last && self.decoded == 0 && !self.inflation.is_under_way()
    }

    /// Returns true if a compressed message has arrived to its end but is not inflated to its end.
    fn is_uninflated_end(&self) -> bool {
        self.last && self.inflation.is_under_way()
    }
}

impl Want<'_> {
    /// Takes as much as possible from the front of the piece; returns the number of bytes.
    fn accept(&mut self, piece: &[u8]) -> usize {
        match self {
            Self::Payload(room) => copy(room, piece),
            Self::Start | Self::Message(_) | Self::Nothing => piece.len(),
        }
    }
}
