//! The traits of the stream that a connection runs on.

use core::task::{Context, Poll};

use embedded_io_async::ErrorType;

/// The receiving half of a stream, which lends its bytes in place.
///
/// ```
/// use core::convert::Infallible;
/// use core::task::{Context, Poll};
///
/// use embedded_io_async::ErrorType;
/// use websocket_listener_core::io::ReadHalf;
///
/// /// A recorded stream, all of whose bytes have arrived.
/// struct Recorded<'b>(&'b mut [u8]);
///
/// impl ErrorType for Recorded<'_> {
///     type Error = Infallible;
/// }
///
/// impl ReadHalf for Recorded<'_> {
///     fn poll_read_with(
///         &mut self,
///         _: &mut Context<'_>,
///         take: &mut dyn FnMut(&mut [u8]) -> usize,
///     ) -> Poll<Result<(), Infallible>> {
///         if !self.0.is_empty() {
///             let taken = take(self.0);
///             self.0 = &mut core::mem::take(&mut self.0)[taken..];
///         }
///         Poll::Ready(Ok(()))
///     }
/// }
/// ```
pub trait ReadHalf: ErrorType {
    /// Waits for bytes, calls `take` with those that are contiguous, and drops as many from their
    /// front as it returns. Ready without a call of `take` means the end of the stream: no bytes
    /// are left, and no more will arrive.
    ///
    /// `take` may change the bytes. Those that it does not take are at the front again at the next
    /// call, as changed, with or without more after them. If any are left, the next call is ready.
    ///
    /// While it is pending it drops nothing, and the task of the last call is woken when it may
    /// be ready.
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>>;

    /// Waits until the owner of the stream wants the connection closed, which is then closed with
    /// 1001 (going away, RFC 6455 section 7.4.1). By default it is never ready.
    ///
    /// It is called whenever the receiving side is polled, and wakes the task of the last call.
    fn poll_going_away(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}

/// The sending half of a stream, which lends room for bytes in place.
///
/// While one of its functions is pending, the task of the last call is woken when it may be ready.
/// A connection waits for one of them at a time, in one task.
///
/// ```
/// use core::convert::Infallible;
/// use core::task::{Context, Poll};
///
/// use embedded_io_async::ErrorType;
/// use websocket_listener_core::io::WriteHalf;
///
/// /// A writer that only records, and so is never full.
/// struct Record {
///     written: Vec<u8>,
///     room: [u8; 256],
/// }
///
/// impl ErrorType for Record {
///     type Error = Infallible;
/// }
///
/// impl WriteHalf for Record {
///     fn capacity(&self) -> usize {
///         self.room.len()
///     }
///
///     fn poll_write_with(
///         &mut self,
///         _: &mut Context<'_>,
///         _: usize,
///         put: &mut dyn FnMut(&mut [u8]) -> usize,
///     ) -> Poll<Result<(), Infallible>> {
///         let count = put(&mut self.room);
///         self.written.extend_from_slice(&self.room[..count]);
///         Poll::Ready(Ok(()))
///     }
///
///     fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
///         Poll::Ready(Ok(()))
///     }
///
///     fn poll_shutdown(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
///         Poll::Ready(Ok(()))
///     }
///
///     fn shutdown_is_seen(&self) -> bool {
///         false
///     }
/// }
/// ```
pub trait WriteHalf: ErrorType {
    /// Returns the room of an empty buffer: the greatest number of contiguous bytes that there can
    /// ever be room for. Always the same, and at least 131, because a control frame is written
    /// whole or not at all.
    fn capacity(&self) -> usize;

    /// Waits until there are at least `room` contiguous bytes of room, calls `put` with all of that
    /// room, and sends as many bytes from its front as it returns. Ready without a call of `put`
    /// means that there will never be that much room.
    ///
    /// `room` is never more than [`capacity`](Self::capacity). A ring buffer may have to wait until
    /// it is empty to offer that much in one piece.
    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>>;

    /// Sends the bytes that were written. This is called after every message: a stream that sends
    /// by itself, as a TCP socket does, has nothing to do here, and must not wait for the peer's
    /// acknowledgement.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// Sends everything, then tells the peer that no more bytes will follow. Should wait until the
    /// peer has acknowledged all of it, where that can be known. May be called again after it was
    /// ready.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// Returns true if the peer can see that the stream was shut down. Always the same.
    ///
    /// If so, the connection waits for the peer to end its side, so that nothing in flight is lost,
    /// and a client waits for the server to end its side first (RFC 6455 section 7.1.1). If not,
    /// the connection is over once the closing handshake is.
    fn shutdown_is_seen(&self) -> bool {
        true
    }
}

impl<H: ReadHalf> ReadHalf for &mut H {
    fn poll_read_with(
        &mut self,
        cx: &mut Context<'_>,
        take: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>> {
        H::poll_read_with(self, cx, take)
    }

    fn poll_going_away(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        H::poll_going_away(self, cx)
    }
}

impl<H: WriteHalf> WriteHalf for &mut H {
    fn capacity(&self) -> usize {
        H::capacity(self)
    }

    fn poll_write_with(
        &mut self,
        cx: &mut Context<'_>,
        room: usize,
        put: &mut dyn FnMut(&mut [u8]) -> usize,
    ) -> Poll<Result<(), Self::Error>> {
        H::poll_write_with(self, cx, room, put)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        H::poll_flush(self, cx)
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        H::poll_shutdown(self, cx)
    }

    fn shutdown_is_seen(&self) -> bool {
        H::shutdown_is_seen(self)
    }
}
