//! What to do if a peer does not take what it is sent.

/// What happens to a message for a peer whose [write queue](crate::Options::write_queue_bytes) is
/// full.
///
/// It is for senders that do not wait: `try_send`, `try_send_prepared` and [`broadcast`](crate::broadcast).
/// The others (`send`, `feed`, message writers, `Sink`) wait for room, as long as the peer takes something
/// within the [write timeout](crate::Options::write_timeout).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlowConsumer {
    /// The message is dropped whole, and the connection goes on: for states, each of which replaces
    /// the one before.
    #[default]
    DropNewest,
    /// The message is dropped, and the connection is closed with 1013 (try again later) after what
    /// is queued has been sent: for streams of which no part may be missing.
    Close,
}
