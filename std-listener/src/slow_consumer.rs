//! What to do about a peer that does not take what it is sent.

/// What becomes of a message for a peer whose [write queue](crate::Options::write_queue_bytes) is full.
///
/// It is for senders that do not wait: `try_send`, `try_send_prepared` and [`broadcast`](crate::broadcast).
/// The others (`send`, `feed`, message writers, `Sink`) wait for room, as long as the peer takes something
/// within the [write timeout](crate::Options::write_timeout).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// The message is dropped whole, and the connection goes on: for states of which the next
    /// replaces the last.
    #[default]
    DropNewest,
    /// The message is dropped and the connection closed with 1013 (try again later), behind what is
    /// queued: for streams of which no part may be missing.
    Close,
}
