//! The counts that a shutdown and a broadcast return.

/// What became of the connections at a [shutdown](crate::WebSocketListener::shutdown).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownCounts {
    /// Connections that were open and have ended in time.
    pub closed: usize,
    /// Connections that had not ended at the deadline.
    pub aborted: usize,
    /// HTTP connections, taken over by the application, that have ended in time.
    pub http_closed: usize,
    /// HTTP connections whose handler had not ended at the deadline, and was dropped.
    pub http_aborted: usize,
}

/// What became of a message that was [broadcast](crate::broadcast()).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BroadcastCounts {
    /// Connections whose stream or queue has taken it.
    pub sent: usize,
    /// Connections that were too slow, and go on without it.
    pub dropped: usize,
    /// Connections that nothing can be sent to: they have closed or ended, or are closed now for
    /// being too slow ([`SlowConsumer::Close`](crate::SlowConsumer::Close)).
    /// [`WebSocketWriter::is_closed`](crate::WebSocketWriter::is_closed) tells which.
    pub closed: usize,
}
