//! The targets that the shared list of behaviours is run against.

use std::future::Future;
use std::io;
use std::time::Duration;

/// A listener that echoes every message, reached by raw bytes.
///
/// Each message comes back with its kind and payload; how it is cut into frames is the target's own
/// affair. Requests are accepted whatever their path, and no subprotocol is spoken.
///
/// The behaviours run on one thread, so nothing here has to be `Send`.
pub trait Target {
    /// A stream that was opened to the listener.
    type Wire: Wire;

    /// Returns the limits that it was set up with.
    fn limits(&self) -> Limits;

    /// Opens a stream. Nothing has been sent on it.
    fn connect(&self) -> impl Future<Output = Self::Wire>;

    /// Lets this much time pass on the clock that the listener goes by.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()>;

    /// The time on that clock, since whenever.
    fn now(&self) -> Duration;
}

/// The limits and deadlines of a [`Target`].
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes of a request's head.
    pub head_bytes: usize,
    /// The most headers of a request.
    pub headers: usize,
    /// The most payload bytes of a message.
    pub message_bytes: usize,
    /// The most frames of a message.
    pub fragments: usize,
    /// From the open stream to the whole request.
    pub handshake_timeout: Duration,
    /// The silence after which it pings.
    pub ping_interval: Duration,
    /// The time for which the peer may stay silent after a ping.
    pub pong_timeout: Duration,
    /// The time that the closing handshake may take.
    pub close_timeout: Duration,
    /// The time for which the peer may take no bytes.
    pub write_timeout: Duration,
}

/// A stream of bytes to a [`Target`]. Dropped, it is closed without ceremony.
pub trait Wire {
    /// Moves bytes in both directions: waits until some of `output` has been taken or there is
    /// something for `input`, and does what can be done then. An empty `output` or `input` is not
    /// waited for.
    ///
    /// # Errors
    /// The stream broke. Its end is [`Moved::ended`].
    fn exchange(
        &mut self,
        output: &[u8],
        input: &mut [u8],
    ) -> impl Future<Output = io::Result<Moved>>;

    /// Ends the sending direction; the other stays.
    fn finish(&mut self) -> impl Future<Output = ()>;
}

/// The bytes that [`Wire::exchange`] has moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Bytes taken from the output.
    pub written: usize,
    /// Bytes put into the input.
    pub read: usize,
    /// Whether the target has ended its direction.
    pub ended: bool,
}
