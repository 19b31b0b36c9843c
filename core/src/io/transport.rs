//! What a connection needs of the stream of bytes it runs on.

use embedded_io_async::ErrorType;

/// The receiving half of a stream, over the bytes where they lie.
#[expect(async_fn_in_trait, reason = "a connection lives in one task, or in two of one executor")]
pub trait ReadHalf: ErrorType {
    /// Waits until there are bytes, calls `f` with those that lie in one piece, and takes as many
    /// from their front as `f` gives with its result. `Ok(None)` is the end of the stream: nothing
    /// is left and nothing more will come.
    ///
    /// `f` may change the bytes. Those it does not take stand at the front again at the next call,
    /// as changed, with or without more behind them. If any are left the next call does not wait.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has not called `f` and has lost nothing. `f` is called
    /// in the very poll that makes the future ready.
    async fn read_with<T>(
        &mut self,
        f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> Result<Option<T>, Self::Error>;
}

/// The sending half of a stream, over the room where bytes are put.
#[expect(async_fn_in_trait, reason = "a connection lives in one task, or in two of one executor")]
pub trait WriteHalf: ErrorType {
    /// The most room, in bytes and in one piece, that there can ever be: that of an empty buffer.
    /// Always the same. 131 or more: a control frame is written whole or not at all.
    fn capacity(&self) -> usize;

    /// Waits until there are at least `room` bytes of room in one piece, calls `f` with all of the
    /// piece, and sends as many bytes from its front as `f` gives with its result.
    ///
    /// `room` is never more than [`capacity`](Self::capacity). A ring may have to wait until it is
    /// empty to offer that much in one piece.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has not called `f` and has sent nothing of it. `f` is
    /// called in the very poll that makes the future ready.
    async fn write_with<T>(
        &mut self,
        room: usize,
        f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> Result<T, Self::Error>;

    /// Sees to it that what was written leaves. This is called after every message: a stream that
    /// sends by itself, as a TCP socket does, has nothing to do here and must not wait for the
    /// peer's acknowledgement.
    ///
    /// # Cancel safety
    /// Nothing is lost or sent twice; calling it again goes on.
    async fn flush(&mut self) -> Result<(), Self::Error>;

    /// Sends everything, then tells the peer that nothing more will come. Should wait until the
    /// peer has acknowledged all of it, where that can be known.
    ///
    /// Gives whether the peer can see it. If it can, the connection waits for the peer to end its
    /// side too, so that nothing in flight is destroyed; if not, the connection is over at once.
    ///
    /// # Cancel safety
    /// As [`flush`](Self::flush). It may be called again after it was done.
    async fn shutdown(&mut self) -> Result<bool, Self::Error>;
}

impl<H: ReadHalf> ReadHalf for &mut H {
    async fn read_with<T>(
        &mut self,
        f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> Result<Option<T>, Self::Error> {
        H::read_with(self, f).await
    }
}

impl<H: WriteHalf> WriteHalf for &mut H {
    fn capacity(&self) -> usize {
        H::capacity(self)
    }

    async fn write_with<T>(
        &mut self,
        room: usize,
        f: impl FnMut(&mut [u8]) -> (usize, T),
    ) -> Result<T, Self::Error> {
        H::write_with(self, room, f).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        H::flush(self).await
    }

    async fn shutdown(&mut self) -> Result<bool, Self::Error> {
        H::shutdown(self).await
    }
}
