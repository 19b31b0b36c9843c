//! The orderly end of a stream that spoke HTTP.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long a peer may take to read an answer and go.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2);

/// How long a peer may take nothing at all of an answer.
const STALL: Duration = Duration::from_secs(20);

/// How much of what a peer still sends is read and discarded.
const DRAINED: usize = 256 * 1024;

/// Shuts down the sending side and reads to the end, within bounds. A socket that is closed with
/// unread bytes in it resets the connection, and the reset can overtake the answer.
pub(crate) async fn close<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let drain = async {
        stream.shutdown().await?;
        let mut drained = 0;
        let mut buffer = [0; 1024];
        while drained < DRAINED {
            match stream.read(&mut buffer).await? {
                0 => break,
                read => drained += read,
            }
        }
        io::Result::Ok(())
    };
    // The answer is sent; how the rest goes no longer matters.
    let _ = timeout(DEADLINE, drain).await;
}

/// Sends as much as the stream takes at once, without waiting.
pub(crate) async fn answer_at_once<S: AsyncWrite + Unpin>(stream: &mut S, answer: &[u8]) {
    poll_fn(|cx| {
        if let Poll::Ready(Ok(_)) = Pin::new(&mut *stream).poll_write(cx, answer) {
            let _ = Pin::new(&mut *stream).poll_shutdown(cx);
        }
        Poll::Ready(())
    })
    .await;
}

/// Sends all of an answer, of any length, as long as the peer takes some of it now and then.
pub(crate) async fn answer<S: AsyncWrite + Unpin>(
    stream: &mut S,
    mut answer: &[u8],
) -> io::Result<()> {
    while !answer.is_empty() {
        if timeout(STALL, stream.write_buf(&mut answer)).await?? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    timeout(STALL, stream.flush()).await?
}
