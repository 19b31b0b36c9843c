//! A server and a client, joined by two links, under a clock that jumps from event to event.
//!
//! Each end is run by an owner as the listeners are: it reads whatever arrives, writes what the
//! connection wants to be written, calls back at the connection's deadlines, and drops its transport
//! when the connection is closed: the server at once, the client after the server (RFC 6455 section
//! 7.1.1).

use core::time::Duration;
use std::collections::VecDeque;

use websocket_listener_core::Side::Reader;
use websocket_listener_core::{
    Config, Connection, DataFrame, Failure, Instant, MessageKind, SendError, TimedOut,
};

use crate::{Heard, Log, Side, transmit};

/// The number of bytes that travel together.
const SEGMENT: usize = 1000;

/// More rounds than this without the clock moving are a busy loop.
const MAX_ROUNDS: usize = 10_000;

/// A server and a client with a link in each direction. Time stands still unless told to move.
#[derive(Debug)]
pub struct Pair {
    /// The end that accepted.
    pub server: End,
    /// The end that connected.
    pub client: End,
    /// The time, for both.
    pub now: Instant,
}

/// One end: the connection, its owner and the link towards the other end.
#[derive(Debug)]
pub struct End {
    /// The engine under test.
    pub connection: Connection,
    /// Everything that it received.
    pub log: Log,
    /// When it heard each thing in the log.
    pub heard_at: Vec<Instant>,
    /// The way to the other end.
    pub link: Link,
    /// When and how the owner dropped the transport.
    pub ended: Option<(Instant, Ending)>,
    side: Side,
    unsent: VecDeque<u8>,
    unflushed: bool,
}

/// The reason why an end's transport was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The connection said that it was closed.
    Closed,
    /// The other end dropped its transport first.
    EndOfStream,
    /// The connection said that a deadline had passed.
    TimedOut(TimedOut),
}

/// The way from one end to the other, with the buffers of both transports.
#[derive(Debug)]
pub struct Link {
    /// The time that a byte takes.
    pub latency: Duration,
    /// The number of bytes that enter the link in a second.
    pub bytes_per_second: u64,
    /// The number of bytes that it holds before the sender has to wait.
    pub capacity: usize,
    /// Whether the receiver takes nothing out.
    pub stalled: bool,
    cut: bool,
    segments: VecDeque<(Instant, Vec<u8>)>,
    held: usize,
    /// When the next segment may enter.
    free_at: Instant,
    /// When the end of the stream arrives.
    end_at: Option<Instant>,
}

impl Pair {
    /// Two connections just made, on links without latency.
    #[must_use]
    pub fn new(server: Config, client: Config) -> Self {
        Self {
            server: End::new(Side::Server, server),
            client: End::new(Side::Client, client),
            now: Instant::default(),
        }
    }

    /// The same, with this latency in both directions.
    #[must_use]
    pub fn with_latency(server: Config, client: Config, latency: Duration) -> Self {
        let mut pair = Self::new(server, client);
        pair.server.link.latency = latency;
        pair.client.link.latency = latency;
        pair
    }

    /// The end of this side.
    #[must_use]
    pub fn end(&mut self, side: Side) -> &mut End {
        match side {
            Side::Server => &mut self.server,
            Side::Client => &mut self.client,
        }
    }

    /// Both links lose everything from now on, and neither end is told.
    pub fn cut(&mut self) {
        self.server.link.cut();
        self.client.link.cut();
    }

    /// Lets everything happen that can happen without the clock moving.
    ///
    /// # Panics
    /// If that never ends.
    pub fn drive(&mut self) {
        for _ in 0..MAX_ROUNDS {
            let server = self.server.turn(&mut self.client.link, self.now);
            let client = self.client.turn(&mut self.server.link, self.now);
            if !server && !client {
                return;
            }
        }
        panic!("a busy loop at {:?}", self.now);
    }

    /// Moves the clock on by `time`, stopping at everything that happens on the way.
    pub fn advance(&mut self, time: Duration) {
        let target = self.now + time;
        self.drive();
        while let Some(next) = self.next_event().filter(|&next| next <= target) {
            self.jump(next);
        }
        self.now = target;
        self.drive();
    }

    /// Moves the clock on until both ends have dropped their transports, or nothing will ever
    /// happen again, or `time` has passed.
    pub fn run(&mut self, time: Duration) {
        let target = self.now + time;
        self.drive();
        while !self.is_over()
            && let Some(next) = self.next_event().filter(|&next| next <= target)
        {
            self.jump(next);
        }
    }

    /// Returns whether both ends have dropped their transports.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.server.ended.is_some() && self.client.ended.is_some()
    }

    fn jump(&mut self, next: Instant) {
        assert!(next > self.now, "an event in the past was not dealt with");
        self.now = next;
        self.drive();
    }

    fn next_event(&self) -> Option<Instant> {
        let server = self.server.next_event(&self.client.link);
        let client = self.client.next_event(&self.server.link);
        server.into_iter().chain(client).min()
    }
}

impl End {
    fn new(side: Side, config: Config) -> Self {
        Self {
            connection: side.connection(config),
            log: Log::default(),
            heard_at: Vec::new(),
            link: Link::new(),
            ended: None,
            side,
            unsent: VecDeque::new(),
            unflushed: false,
        }
    }

    /// Hands a whole message to the owner.
    ///
    /// # Errors
    /// What the connection says.
    pub fn send(&mut self, kind: MessageKind, payload: &[u8]) -> Result<(), SendError> {
        self.send_frame(DataFrame::whole(kind, payload.len() as u64), payload)
    }

    /// Hands a frame of a message to the owner.
    ///
    /// # Errors
    /// What the connection says.
    pub fn send_frame(&mut self, frame: DataFrame, payload: &[u8]) -> Result<(), SendError> {
        assert_eq!(frame.length, payload.len() as u64, "a frame with its payload");
        let header = self.connection.begin_frame(frame)?;
        let mut payload = payload.to_vec();
        if let Some(mut mask) = header.mask() {
            mask.apply(&mut payload);
        }
        self.unsent.extend(header.as_bytes());
        self.unsent.extend(payload);
        self.unflushed = true;
        Ok(())
    }

    /// Returns the number of bytes that wait for the link.
    #[must_use]
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// When it heard something that satisfies `what`.
    #[must_use]
    pub fn times_of(&self, what: impl Fn(&Heard) -> bool) -> Vec<Instant> {
        let times = self.log.heard.iter().zip(&self.heard_at);
        times.filter(|(heard, _)| what(heard)).map(|(_, &at)| at).collect()
    }

    /// When it heard pings.
    #[must_use]
    pub fn pings(&self) -> Vec<Instant> {
        self.times_of(|heard| matches!(heard, Heard::Ping(_)))
    }

    /// Does what the owner can do now; tells whether that was anything.
    fn turn(&mut self, incoming: &mut Link, now: Instant) -> bool {
        let mut busy = self.read(incoming, now);
        if self.ended.is_some() {
            return busy;
        }
        busy |= self.write(now);
        if self.connection.is_closed() && self.unsent.is_empty() && self.side == Side::Server {
            self.drop_transport(Ending::Closed, now);
            return true;
        }
        busy | self.handle_timeout(now)
    }

    fn read(&mut self, incoming: &mut Link, now: Instant) -> bool {
        let mut busy = false;
        while let Some(segment) = incoming.next_segment(now) {
            busy = true;
            if self.ended.is_none() && self.log.error.is_none() {
                self.log.receive(&mut self.connection, &segment, now);
                self.heard_at.resize(self.log.heard.len(), now);
            }
        }
        if incoming.take_end(now) {
            busy = true;
            let closed = self.connection.is_closed();
            self.connection.give_up(Failure::Disconnected);
            if self.ended.is_none() {
                let ending = if closed { Ending::Closed } else { Ending::EndOfStream };
                self.drop_transport(ending, now);
            }
        }
        busy
    }

    fn write(&mut self, now: Instant) -> bool {
        let control = transmit(&mut self.connection, now);
        let mut busy = !control.is_empty();
        self.unflushed |= busy;
        self.unsent.extend(control);
        let before = self.unsent.len();
        let moved = self.link.send(&mut self.unsent, now);
        busy |= moved;
        if moved {
            let written = before - self.unsent.len();
            self.connection.written(written as u64, || now);
        }
        if !self.unsent.is_empty() {
            self.connection.write_blocked(now);
        }
        if self.unflushed && self.unsent.is_empty() {
            self.connection.flushed(now);
            self.unflushed = false;
            busy = true;
        }
        busy
    }

    fn handle_timeout(&mut self, now: Instant) -> bool {
        if self.connection.poll_timeout(Reader).is_none_or(|due| due > now) {
            assert_eq!(self.connection.handle_timeout(Reader, now), Ok(()), "nothing was due");
            return false;
        }
        match self.connection.handle_timeout(Reader, now) {
            Ok(()) => {
                let next = self.connection.poll_timeout(Reader);
                assert!(next.is_none_or(|next| next > now), "the deadline did not move on");
            }
            Err(timed_out) => {
                assert_eq!(self.connection.poll_timeout(Reader), None, "a deadline after the end");
                self.drop_transport(Ending::TimedOut(timed_out), now);
            }
        }
        true
    }

    fn drop_transport(&mut self, ending: Ending, now: Instant) {
        self.ended = Some((now, ending));
        self.unsent.clear();
        self.link.end(now);
    }

    fn next_event(&self, incoming: &Link) -> Option<Instant> {
        let arrival = incoming.next_arrival();
        if self.ended.is_some() {
            return arrival;
        }
        let room = (!self.unsent.is_empty() && self.link.has_room()).then_some(self.link.free_at);
        let events = [arrival, room, self.connection.poll_timeout(Reader)];
        events.into_iter().flatten().min()
    }
}

impl Link {
    fn new() -> Self {
        Self {
            latency: Duration::ZERO,
            bytes_per_second: u64::MAX,
            capacity: 1 << 16,
            stalled: false,
            cut: false,
            segments: VecDeque::new(),
            held: 0,
            free_at: Instant::default(),
            end_at: None,
        }
    }

    /// Loses everything that is on its way and will be. The sender is not told; what it writes
    /// stays in the link's buffers for ever.
    pub fn cut(&mut self) {
        self.cut = true;
        self.segments.clear();
        self.end_at = None;
    }

    fn has_room(&self) -> bool {
        self.held < self.capacity
    }

    /// Takes in what it can; tells whether that was anything.
    fn send(&mut self, unsent: &mut VecDeque<u8>, now: Instant) -> bool {
        let mut moved = false;
        while !unsent.is_empty() && self.has_room() && self.free_at <= now {
            let length = unsent.len().min(SEGMENT).min(self.capacity - self.held);
            let segment: Vec<u8> = unsent.drain(..length).collect();
            let micros = length as u64 * 1_000_000 / self.bytes_per_second;
            self.free_at = now + Duration::from_micros(micros);
            self.held += length;
            if !self.cut {
                self.segments.push_back((self.free_at + self.latency, segment));
            }
            moved = true;
        }
        moved
    }

    fn next_segment(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.stalled || self.segments.front()?.0 > now {
            return None;
        }
        let (_, segment) = self.segments.pop_front()?;
        self.held -= segment.len();
        Some(segment)
    }

    fn next_arrival(&self) -> Option<Instant> {
        if self.stalled {
            return None;
        }
        self.segments.front().map(|&(at, _)| at).or(self.end_at)
    }

    fn end(&mut self, now: Instant) {
        if !self.cut {
            self.end_at = Some(now.max(self.free_at) + self.latency);
        }
    }

    fn take_end(&mut self, now: Instant) -> bool {
        let ended = !self.stalled
            && self.segments.is_empty()
            && self.end_at.is_some_and(|end_at| end_at <= now);
        if ended {
            self.end_at = None;
        }
        ended
    }
}
