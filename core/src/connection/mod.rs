//! The protocol of one connection, without any I/O.

mod control;
mod control_memory;
mod deadlines;
mod ending;
mod inbound;
mod keepalive;
mod outbound;
mod whole;
mod write_progress;

use core::time::Duration;

use crate::config::{Config, Limits, Role};
use crate::frame::{MessageKind, ReservedBits};
use crate::time::Instant;
use control::Control;
use ending::Ending;
use inbound::Inbound;
use keepalive::Keepalive;
use write_progress::WriteProgress;

pub use control_memory::{ControlArray, ControlMemory};
pub use deadlines::Side;
pub use ending::Wants;
pub use whole::WholeMessage;

/// One end of a WebSocket connection after the opening handshake, as pure state.
///
/// Bytes and the time go in, events and bytes come out; nothing in here waits, allocates, or reads
/// a clock. Its owner moves the bytes, until the connection [is over](Wants::over).
///
/// # For owners
/// Each time an owner runs, it does this, in this order:
///
/// 1. **Write** what is queued. Between any two frames, [`transmit`](Self::transmit) adds the
///    control frames that wait: pongs, pings, the Close frame. A message's frame starts with
///    [`begin_frame`](Self::begin_frame)'s header. If the stream takes no more, the owner calls
///    [`write_blocked`](Self::write_blocked), and [`written`](Self::written) once it has taken
///    something; when it has taken everything, [`flushed`](Self::flushed), without which no ping is
///    ever overdue. After an error it calls [`write_failed`](Self::write_failed), and goes on
///    reading.
/// 2. **End** its direction of the stream, if nothing is left to write and
///    [`wants`](Self::wants) says [`shut_down`](Wants::shut_down); then it calls
///    [`shut_down`](Self::shut_down).
/// 3. **Read**, as long as `wants` says [`read`](Wants::read), however the writing went: a peer may
///    take more only once it has been read from. What came goes to [`receive`](Self::receive),
///    again and again until it is used up; the end of the stream to
///    [`end_of_input`](Self::end_of_input). After an error of the stream it calls
///    [`give_up`](Self::give_up).
/// 4. **Wait**, if the stream neither takes nor gives anything, until the instant of
///    [`poll_timeout`](Self::poll_timeout). When that has passed, whether or not there was anything
///    to wait for, the owner first reads what is there, as in step 3, but at most 64 KiB or one
///    ring of it; then it calls [`handle_timeout`](Self::handle_timeout). That is how an answer
///    counts that came in time, though nothing looked at it in time.
///
/// Once [`outcome`](Self::outcome) says how the connection ended, the owner drops the stream.
///
/// Two tasks may share the work. One that only writes leaves out step 3, and asks for its deadlines
/// as [`Side::Writer`].
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
/// A server's echo over a blocking stream, of pieces as they come. Such a stream has no deadlines:
///
/// ```
/// use std::io::{Read, Write};
///
/// use websocket_listener_core::{Connection, DataFrame, Event, Instant, MAX_CONTROL_FRAME};
///
/// fn echo(
///     mut stream: impl Read + Write,
///     shut_down: impl Fn() -> std::io::Result<()>, // `TcpStream::shutdown`
///     server: &mut Connection,
///     now: impl Fn() -> Instant,
/// ) -> std::io::Result<()> {
///     let (mut buffer, mut control) = ([0; 4096], [0; MAX_CONTROL_FRAME]);
///     while !server.wants().over {
///         let length = stream.read(&mut buffer)?;
///         if length == 0 {
///             server.end_of_input(now());
///         }
///         let mut input = &mut buffer[..length];
///         // After an error only the Close frame is left to send, which the connection has queued.
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
///         while server.wants().transmit {
///             let length = server.transmit(&mut control, now());
///             stream.write_all(&control[..length])?;
///         }
///         stream.flush()?;
///         server.flushed(now());
///         if server.wants().shut_down {
///             shut_down()?;
///             server.shut_down();
///         }
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
/// # echo(&mut stream, || Ok(()), &mut server, now)?;
/// # // "Hello" came in two pieces.
/// # assert_eq!(stream.1, b"\x8a\x00\x01\x02He\x80\x03llo\x88\x00");
/// # assert_eq!(server.outcome(), Some(Ok(())));
/// # let mut stream = Both(b"\x83\x80\0\0\0\0more", Vec::new());
/// # let mut server = Connection::new(Role::Server, Config::new(), now());
/// # echo(&mut stream, || Ok(()), &mut server, now)?;
/// # assert_eq!(&stream.1[2..4], &1002_u16.to_be_bytes());
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// Most of its memory is for the payloads of control frames: `I` holds that of the peer's ping or
/// Close frame, `O` the owner's ping payload or close reason, until they have left.
#[derive(Debug)]
pub struct Connection<I = ControlArray, O = ControlArray> {
    role: Role,
    limits: Limits,
    inbound: Inbound,
    control: Control<I, O>,
    keepalive: Keepalive,
    ending: Ending,
    progress: WriteProgress,
}

/// The outcome of some input.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Received<'i> {
    /// Bytes of the input that are done with. A [`Data`] event's payload is the end of them.
    pub consumed: usize,
    /// The event that they complete, if any.
    pub event: Option<Event<'i>>,
}

/// An event: something that the peer sent.
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
    /// The kind of the message.
    pub kind: MessageKind,
    /// The reserved bits of the message's first frame, which belong to a negotiated extension.
    pub reserved: ReservedBits,
    /// True if the message starts with this piece.
    pub first: bool,
    /// True if the message ends with this piece.
    pub last: bool,
    /// The unmasked payload, in place in the input. May be empty.
    pub payload: &'i mut [u8],
}

/// A message frame about to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFrame {
    /// The kind of the message; only the first frame says so on the wire.
    pub kind: MessageKind,
    /// The reserved bits of the message's first frame; other frames carry none.
    pub reserved: ReservedBits,
    /// True if the message starts with this frame.
    pub first: bool,
    /// True if the message ends with this frame.
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
            limits: config.limits,
            inbound: Inbound::new(),
            control: Control::new(received, sent),
            keepalive: Keepalive::new(now),
            ending: Ending::new(config.half_close),
            progress: WriteProgress::new(),
        }
    }
}

impl<I, O> Connection<I, O> {
    /// An extension that was negotiated owns these bits, too.
    #[cfg(all(feature = "deflate", feature = "io"))]
    pub(crate) fn permit_reserved_bits(&mut self, bits: ReservedBits) {
        self.limits.reserved_bits = self.limits.reserved_bits.union(bits);
    }

    #[cfg(feature = "io")]
    pub(crate) const fn max_message_bytes(&self) -> u64 {
        self.limits.max_message_bytes
    }

    /// Returns which end of the connection this is.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Returns how long the last answered ping took, from being flushed to its pong.
    #[must_use]
    pub const fn latency(&self) -> Option<Duration> {
        self.keepalive.latency()
    }

    /// Returns when a byte was last received, or the connection made.
    #[must_use]
    pub const fn last_received(&self) -> Instant {
        self.keepalive.last_received()
    }

    /// Returns whether messages can still be sent: no Close frame was queued, sent or received, and
    /// the connection has not failed.
    #[must_use]
    #[inline]
    pub const fn can_send(&self) -> bool {
        self.ending.can_send()
    }

    /// Returns whether messages can still be received.
    #[must_use]
    #[inline]
    pub const fn can_receive(&self) -> bool {
        self.ending.can_receive()
    }

    /// Returns the payload bytes that the frame being received still owes; 0 between frames and in
    /// control frames. A hint for how much to read at once.
    #[must_use]
    #[inline]
    pub const fn frame_remaining(&self) -> u64 {
        self.inbound.data_remaining()
    }
}
