//! The echo of whatever has arrived.

use futures_util::{Sink, SinkExt, Stream, StreamExt};

/// Messages that are answered together at most.
const BURST: usize = 64;

/// Echoes every message that `is_data`. What is there at once is answered at once.
///
/// All peers with a `Stream` and a `Sink` of messages are served by this loop, whatever their
/// examples do: with a `send` for each message, none could be faster than the system calls.
/// A burst is taken whole before it is answered, for there are libraries that flush when they read.
pub async fn echo_bursts<S, M, E>(socket: S, is_data: impl Fn(&M) -> bool) -> Result<(), E>
where
    S: Stream<Item = Result<M, E>> + Sink<M, Error = E> + Unpin,
{
    let mut socket = socket.ready_chunks(BURST);
    while let Some(burst) = socket.next().await {
        for message in burst {
            let message = message?;
            if is_data(&message) {
                socket.feed(message).await?;
            }
        }
        socket.flush().await?;
    }
    Ok(())
}
