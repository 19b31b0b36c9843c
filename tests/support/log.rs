//! The messages and control frames that a connection receives, however the bytes were cut.

use websocket_listener_core::{
    CloseCode, Connection, Data, Event, Instant, MessageKind, ProtocolError,
};

/// One thing that a connection's user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A message, complete.
    Message(MessageKind, Vec<u8>),
    /// A ping with this payload.
    Ping(Vec<u8>),
    /// A pong.
    Pong,
    /// A Close frame with this code and reason.
    Close(CloseCode, String),
}

impl Heard {
    /// A text message.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Message(MessageKind::Text, text.as_bytes().to_vec())
    }

    /// A binary message.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::Message(MessageKind::Binary, bytes.to_vec())
    }
}

/// Everything that a connection has received so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// Messages and control frames, in the order in which they were complete.
    pub heard: Vec<Heard>,
    /// The message that is not complete yet.
    pub unfinished: Option<(MessageKind, Vec<u8>)>,
    /// The error that ended it.
    pub error: Option<ProtocolError>,
}

impl Log {
    /// Gives `bytes` to the connection in one piece, and notes what comes of them until they are
    /// used up or refused.
    ///
    /// # Panics
    /// If the connection breaks its contract: it makes no progress, hands on payload that is not
    /// the end of what it consumed, or starts and ends messages out of order.
    pub fn receive(&mut self, connection: &mut Connection, bytes: &[u8], now: Instant) {
        let mut bytes = bytes.to_vec();
        let mut rest = &mut bytes[..];
        while !rest.is_empty() && self.error.is_none() {
            let input = rest.as_ptr() as usize;
            let received = match connection.receive(rest, now) {
                Ok(received) => received,
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            };
            let consumed = received.consumed;
            assert!(consumed > 0, "no progress");
            match received.event {
                Some(Event::Data(data)) => {
                    let end = data.payload.as_ptr() as usize + data.payload.len();
                    assert_eq!(end, input + consumed, "payload is not the end of what is consumed");
                    self.data(&data);
                }
                Some(Event::Ping) => {
                    self.heard.push(Heard::Ping(connection.control_payload().to_vec()));
                }
                Some(Event::Pong) => self.heard.push(Heard::Pong),
                Some(Event::Close) => {
                    let reason = connection.close_reason().expect("a reason after a Close frame");
                    self.heard.push(Heard::Close(reason.code, reason.reason.to_owned()));
                }
                Some(event) => panic!("unknown event {event:?}"),
                None => {}
            }
            rest = &mut rest[consumed..];
        }
    }

    fn data(&mut self, data: &Data<'_>) {
        assert_eq!(data.first, self.unfinished.is_none(), "first is not first");
        let (kind, payload) = self.unfinished.get_or_insert((data.kind, Vec::new()));
        assert_eq!(data.kind, *kind, "the kind changes inside a message");
        payload.extend_from_slice(data.payload);
        if data.last
            && let Some((kind, payload)) = self.unfinished.take()
        {
            self.heard.push(Heard::Message(kind, payload));
        }
    }

    /// The messages among what was heard.
    #[must_use]
    pub fn messages(&self) -> Vec<(MessageKind, &[u8])> {
        let message = |heard| match heard {
            &Heard::Message(kind, ref payload) => Some((kind, &payload[..])),
            _ => None,
        };
        self.heard.iter().filter_map(message).collect()
    }
}

/// Gives `bytes` to the connection, cut at each of `cuts` (in any order; those beyond the end do
/// nothing), all at the clock's origin, and tells what it heard.
pub fn collect(connection: &mut Connection, bytes: &[u8], cuts: &[usize]) -> Log {
    let mut cuts: Vec<usize> = cuts.iter().map(|&cut| cut.min(bytes.len())).collect();
    cuts.push(bytes.len());
    cuts.sort_unstable();
    let mut log = Log::default();
    let mut start = 0;
    for cut in cuts {
        log.receive(connection, &bytes[start..cut], Instant::default());
        start = cut;
    }
    log
}
