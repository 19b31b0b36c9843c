//! The protocol of one connection, without any I/O.

mod closing;
mod control;
mod inbound;
mod keepalive;
mod outbound;
mod pong;
mod whole;

use core::time::Duration;

use crate::{
    CloseCode, CloseReason, Config, ControlError, EncodedHeader, FrameHeader, Initiator, Instant,
    MessageKind, ProtocolError, ReservedBits, Role, SendError, TimedOut,
};
use closing::Closing;
pub use control::{ControlArray, ControlMemory};
use inbound::Inbound;
use keepalive::Keepalive;
use outbound::Outbound;
pub use whole::WholeMessage;

/// One end of a WebSocket connection after the opening handshake, as pure state.
///
/// Bytes and the time go in, events and bytes come out; nothing in here waits, allocates, or reads
/// a clock. Its owner moves the bytes:
///
/// - what the transport received goes to [`receive`](Self::receive), again and again until it is
///   used up;
/// - between any two frames it writes, the owner lets [`transmit`](Self::transmit) add the control
///   frames that wait: pongs, pings, the Close frame;
/// - message frames start with [`begin_frame`](Self::begin_frame)'s header;
/// - once the transport has taken everything that was written, the owner calls
///   [`flushed`](Self::flushed): without it no ping is ever overdue;
/// - at the instant of [`poll_timeout`](Self::poll_timeout) the owner calls
///   [`handle_timeout`](Self::handle_timeout).
///
/// ```
/// use websocket_listener_core::{Config, Connection, Event, Instant, MessageKind, Role};
///
/// let now = Instant::from_micros(0);
/// let mut server = Connection::new(Role::Server, Config::new(), now);
/// // a masked "Hello" (RFC 6455 section 5.7)
/// let mut input = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
/// let received = server.receive(&mut input, now)?;
/// assert_eq!(received.consumed, 11);
/// let Some(Event::Data(data)) = received.event else { panic!() };
/// assert_eq!(data.payload, b"Hello");
/// assert!(data.first && data.last && data.kind == MessageKind::Text);
/// # Ok::<_, websocket_listener_core::ProtocolError>(())
/// ```
///
/// A server's echo over a blocking stream, of pieces as they come:
///
/// ```
/// use std::io::{Read, Write};
///
/// use websocket_listener_core::{Connection, DataFrame, Event, Instant, MAX_CONTROL_FRAME};
///
/// fn echo(
///     mut stream: impl Read + Write,
///     server: &mut Connection,
///     now: impl Fn() -> Instant,
/// ) -> std::io::Result<()> {
///     let (mut buffer, mut control) = ([0; 4096], [0; MAX_CONTROL_FRAME]);
///     while !server.is_closed() {
///         let mut input = match stream.read(&mut buffer)? {
///             0 => return Ok(server.end_of_stream()),
///             length => &mut buffer[..length],
///         };
///         // After an error, what remains to be done is to send the Close frame that it has queued.
///         while let Ok(received) = server.receive(input, now()) {
///             let consumed = received.consumed;
///             if let Some(Event::Data(data)) = received.event {
///                 let (kind, reserved) = (data.kind, data.reserved);
///                 let (first, last) = (data.first, data.last);
///                 let length = data.payload.len() as u64;
///                 let frame = DataFrame { kind, reserved, first, last, length };
///                 if let Ok(header) = server.begin_frame(frame) {
///                     stream.write_all(header.as_bytes())?;
///                     stream.write_all(data.payload)?; // which a client would have to mask
///                 }
///             }
///             input = &mut input[consumed..];
///             if input.is_empty() {
///                 break;
///             }
///         }
///         while server.wants_transmit() {
///             let length = server.transmit(&mut control, now());
///             stream.write_all(&control[..length])?;
///         }
///         stream.flush()?;
///         server.flushed(now());
///     }
///     Ok(())
/// }
/// # use websocket_listener_core::{Config, Role};
/// # struct Both<'a>(&'a [u8], Vec<u8>);
/// # impl Read for Both<'_> {
/// #     fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
/// #         let length = out.len().min(7);
/// #         self.0.read(&mut out[..length])
/// #     }
/// # }
/// # impl Write for Both<'_> {
/// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
/// #         self.1.write(bytes)
/// #     }
/// #     fn flush(&mut self) -> std::io::Result<()> {
/// #         Ok(())
/// #     }
/// # }
/// # let now = || Instant::from_micros(0);
/// # let ping_hello_close = b"\x89\x80\0\0\0\0\x81\x85\0\0\0\0Hello\x88\x80\0\0\0\0";
/// # let mut stream = Both(ping_hello_close, Vec::new());
/// # let mut server = Connection::new(Role::Server, Config::new(), now());
/// # echo(&mut stream, &mut server, now)?;
/// # // "Hello" came in two pieces.
/// # assert_eq!(stream.1, b"\x8a\x00\x01\x02He\x80\x03llo\x88\x00");
/// # let mut stream = Both(b"\x83\x80\0\0\0\0more", Vec::new());
/// # let mut server = Connection::new(Role::Server, Config::new(), now());
/// # echo(&mut stream, &mut server, now)?;
/// # assert_eq!(&stream.1[2..4], &1002_u16.to_be_bytes());
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// Most of its memory is for the payloads of control frames: `I` holds that of the peer's ping or
/// Close frame, `O` the owner's ping payload or close reason, until they have left.
#[derive(Debug)]
pub struct Connection<I = ControlArray, O = ControlArray> {
    role: Role,
    config: Config,
    inbound: Inbound<I>,
    outbound: Outbound<O>,
    keepalive: Keepalive,
    closing: Closing,
}

/// The outcome of some input.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Received<'i> {
    /// Bytes of the input that are done with. A [`Data`] event's payload is the end of them.
    pub consumed: usize,
    /// What they meant, if anything is complete enough to say.
    pub event: Option<Event<'i>>,
}

/// What the peer sent.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'i> {
    /// A piece of a message.
    Data(Data<'i>),
    /// A ping; its pong waits in the outbox.
    Ping,
    /// A pong; if it answers the last ping, [`Connection::latency`] has been updated.
    Pong,
    /// A Close frame; [`Connection::close_reason`] says more, and whatever follows is ignored.
    Close,
}

/// A piece of a message: as much of one frame's payload as was available.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Data<'i> {
    /// What the message holds.
    pub kind: MessageKind,
    /// The reserved bits of the message's first frame, which belong to a negotiated extension.
    pub reserved: ReservedBits,
    /// Whether the message starts with this piece.
    pub first: bool,
    /// Whether the message ends with this piece.
    pub last: bool,
    /// The unmasked payload, in place in the input. May be empty.
    pub payload: &'i mut [u8],
}

/// A message frame about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFrame {
    /// What the message holds; only the first frame says so on the wire.
    pub kind: MessageKind,
    /// The reserved bits of the message's first frame; other frames carry none.
    pub reserved: ReservedBits,
    /// Whether the message starts with this frame.
    pub first: bool,
    /// Whether the message ends with this frame.
    pub last: bool,
    /// Payload bytes.
    pub length: u64,
}

impl DataFrame {
    /// A message in a single frame.
    #[must_use]
    pub const fn whole(kind: MessageKind, length: u64) -> Self {
        Self { kind, reserved: ReservedBits::NONE, first: true, last: true, length }
    }
}

impl Connection {
    /// A connection whose opening handshake was finished at `now`. It can hold any control frame
    /// in either direction.
    #[must_use]
    pub const fn new(role: Role, config: Config, now: Instant) -> Self {
        Self::with_memory(role, config, now, ControlArray::new(), ControlArray::new())
    }
}

impl<I: ControlMemory, O: ControlMemory> Connection<I, O> {
    /// A connection whose opening handshake was finished at `now`, with empty memory for control
    /// frames that are received, and those that are sent.
    ///
    /// A ping has to be answered with its own payload, so `I` must hold 125 bytes, and `O` at least
    /// 8. Less does not compile.
    #[must_use]
    pub const fn with_memory(
        role: Role,
        config: Config,
        now: Instant,
        received: I,
        sent: O,
    ) -> Self {
        Self {
            role,
            config,
            inbound: Inbound::new(received),
            outbound: Outbound::new(sent),
            keepalive: Keepalive::new(now),
            closing: Closing::new(),
        }
    }

    /// Takes in what the transport received.
    ///
    /// Consumes a prefix of `input`, and says what it was. Call it again with the rest until
    /// everything is consumed. Payload is unmasked in place. Control frames and headers that are
    /// cut off are kept inside, so the caller never has to keep them.
    ///
    /// After a Close frame or [`end_of_stream`](Self::end_of_stream) all input is consumed without
    /// an event.
    ///
    /// # Errors
    /// The peer broke a rule. A Close frame with the fitting code has been queued, and every later
    /// call returns the same error.
    #[inline]
    pub fn receive<'i>(
        &mut self,
        input: &'i mut [u8],
        now: Instant,
    ) -> Result<Received<'i>, ProtocolError> {
        self.receive_frame(input, now)
    }

    /// Fails the connection for what an extension found wrong with a message, as if
    /// [`receive`](Self::receive) had returned this error. Does nothing if no more is received
    /// anyway.
    pub fn fail(&mut self, error: ProtocolError, now: Instant) {
        if self.closing.can_receive() {
            self.fail_receiving(error, now);
        }
    }

    /// The transport's stream has ended, or broke: no more is received, and no message can be sent.
    /// The answer to a Close frame that came right before may still wait in
    /// [`transmit`](Self::transmit), for a transport that still takes it.
    pub fn end_of_stream(&mut self) {
        self.closing.end();
    }

    /// Begins a frame of a message, and returns the header that goes before its payload.
    ///
    /// The caller then owes `frame.length` bytes of payload, masked with the header's mask, before
    /// anything else is written.
    ///
    /// # Errors
    /// Nothing was begun.
    #[inline]
    pub fn begin_frame(&mut self, frame: DataFrame) -> Result<EncodedHeader, SendError> {
        self.begin(frame, FrameHeader::encode)
    }

    /// As [`begin_frame`](Self::begin_frame), but returns the header unencoded.
    #[inline]
    pub(crate) fn begin<T>(
        &mut self,
        frame: DataFrame,
        f: impl FnOnce(&FrameHeader) -> T,
    ) -> Result<T, SendError> {
        if !self.closing.can_send() {
            return Err(SendError::Closed);
        }
        if !self.config.reserved_bits.contains(frame.reserved) {
            return Err(SendError::ReservedBits);
        }
        self.outbound.begin_frame(frame, self.role, f)
    }

    /// Queues a ping. A ping that is still queued is replaced.
    ///
    /// [`latency`](Self::latency) then is how long the answer took, unless another ping was sent in
    /// between.
    ///
    /// # Errors
    /// [`ControlError::TooLong`] if the payload has more than 125 bytes, or than `O` holds;
    /// [`ControlError::Closed`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), ControlError> {
        if !self.closing.can_send() {
            return Err(ControlError::Closed);
        }
        self.outbound.queue_ping(payload)?;
        self.keepalive.ping_queued();
        Ok(())
    }

    /// Queues the Close frame that starts the closing handshake. What was sent before goes out
    /// before it; nothing can be sent after it. [`CloseCode::NO_STATUS`] sends an empty frame.
    ///
    /// # Errors
    /// [`ControlError::InvalidCloseCode`] if the code may not be on the wire,
    /// [`ControlError::TooLong`] if the reason has more than 123 bytes, or than `O` holds;
    /// [`ControlError::Closed`] if the connection is already closing or over.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
        now: Instant,
    ) -> Result<(), ControlError> {
        if !self.closing.can_send() {
            return Err(ControlError::Closed);
        }
        self.outbound.queue_close(code, reason)?;
        self.closing.begin(Initiator::Local, now.after(self.config.close_timeout));
        Ok(())
    }

    /// Writes one waiting control frame, if all of it fits into `out`; returns its length, or 0.
    ///
    /// May only be called where a frame may start. The newest pong goes first, then a ping, then
    /// the Close frame; after that nothing. [`MAX_CONTROL_FRAME`](crate::MAX_CONTROL_FRAME) bytes of
    /// room always suffice.
    pub fn transmit(&mut self, out: &mut [u8], now: Instant) -> usize {
        self.transmit_control(out, now)
    }

    /// Whether [`transmit`](Self::transmit) has something to write.
    #[must_use]
    #[inline]
    pub const fn wants_transmit(&self) -> bool {
        self.has_pong() || self.outbound.has_control()
    }

    /// Counts the deadline of a closing handshake that the peer began, or of a failure, from `now`.
    ///
    /// For an owner that passes bytes to [`receive`](Self::receive) later than they came, with the
    /// time at which they came: a Close frame among them has only been looked at now. Does nothing
    /// if this end was the first to close.
    pub fn restart_close_deadline(&mut self, now: Instant) {
        self.closing.set_deadline(now.after(self.config.close_timeout));
    }

    /// Everything that was written has been taken by the transport. From here on a ping can be
    /// overdue: one that waits behind a long write is never held against the peer.
    pub fn flushed(&mut self, now: Instant) {
        self.keepalive.flushed(now);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) next. Changes with every other call.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.closing.deadline() {
            Some(deadline) => Some(deadline),
            None if self.closing.is_over() => None,
            None => self.keepalive.poll_timeout(&self.config),
        }
    }

    /// Does what is due at `now`: queues a ping, or gives up the peer. Does nothing when nothing is
    /// due.
    ///
    /// # Errors
    /// The connection is over, and its transport of no further use.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), TimedOut> {
        if let Some(deadline) = self.closing.deadline() {
            if now < deadline {
                return Ok(());
            }
            self.closing.end();
            return Err(TimedOut::Close);
        }
        if self.closing.is_over() {
            return Ok(());
        }
        match self.keepalive.handle_timeout(&self.config, now) {
            keepalive::Due::Nothing => Ok(()),
            keepalive::Due::Ping => {
                self.outbound.queue_keepalive_ping(now);
                self.keepalive.ping_queued();
                Ok(())
            }
            keepalive::Due::GiveUp => {
                self.closing.give_up();
                Err(TimedOut::Pong)
            }
        }
    }

    /// An extension that was negotiated owns these bits, too.
    #[cfg(all(feature = "deflate", feature = "io"))]
    pub(crate) fn permit_reserved_bits(&mut self, bits: ReservedBits) {
        self.config.reserved_bits = self.config.reserved_bits.union(bits);
    }

    #[cfg(feature = "io")]
    pub(crate) const fn max_message_bytes(&self) -> u64 {
        self.config.max_message_bytes
    }

    /// Whether a valid Close frame has come from the peer.
    #[cfg(feature = "io")]
    pub(crate) const fn peer_closed(&self) -> bool {
        matches!(self.closing.receiving(), closing::Receiving::Closed)
    }

    /// Whether this end, having closed in order, leaves it to the other to end its stream first: a
    /// client does (RFC 6455 section 7.1.1).
    #[cfg(feature = "io")]
    pub(crate) const fn lets_peer_end_first(&self) -> bool {
        self.peer_closed() && matches!(self.role, Role::Client { .. })
    }

    /// Which end of the connection this is.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// How long the last answered ping took, from being flushed to its pong.
    #[must_use]
    pub const fn latency(&self) -> Option<Duration> {
        self.keepalive.latency()
    }

    /// When a byte was last received, or the connection made.
    #[must_use]
    pub const fn last_received(&self) -> Instant {
        self.keepalive.last_received()
    }

    /// The payload of the ping or Close frame that the last event reported; that of a ping until
    /// [`transmit`](Self::transmit) has written its pong.
    #[must_use]
    pub fn control_payload(&self) -> &[u8] {
        self.inbound.control_payload()
    }

    /// Whether messages can still be sent: no Close frame was queued, sent or received, and the
    /// connection has not failed.
    #[must_use]
    #[inline]
    pub const fn can_send(&self) -> bool {
        self.closing.can_send()
    }

    /// Whether a message was begun that is not ended, so that no other can begin.
    #[must_use]
    pub const fn is_amid_message(&self) -> bool {
        self.outbound.is_message_begun()
    }

    /// Whether messages can still be received.
    #[must_use]
    #[inline]
    pub const fn can_receive(&self) -> bool {
        self.closing.can_receive()
    }

    /// Whether a Close frame has been both received, or the connection failed, and sent: the
    /// transport is to be flushed and closed (RFC 6455 section 7.1.1).
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closing.is_over() || (!self.closing.can_receive() && self.outbound.close_sent())
    }

    /// Payload bytes that the frame being received still owes; 0 between frames and in control
    /// frames. A hint for how much to read at once.
    #[must_use]
    #[inline]
    pub const fn frame_remaining(&self) -> u64 {
        self.inbound.data_remaining()
    }

    /// How the connection ended; `None` while the peer may still say.
    #[must_use]
    pub fn close_reason(&self) -> Option<CloseReason<'_>> {
        self.closing.reason(self.inbound.control_payload())
    }
}
