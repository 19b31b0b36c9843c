//! The orderly end of a stream after an HTTP answer.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// The time for a peer to read an answer and end the stream.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2);

/// The time for a peer to read any part of an answer.
const STALL: Duration = Duration::from_secs(20);

/// The number of bytes from the peer that are read and discarded.
const DRAINED: usize = 256 * 1024;

/// Shuts down our direction and reads to the end (RFC 6455 section 7.2.2), within limits. Closing a
/// socket with unread bytes resets the connection, and the reset can overtake the answer.
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
    // The answer has been sent, so an error of the rest has no consequence.
    let _ = timeout(DEADLINE, drain).await;
}

/// Sends as much as the stream accepts without waiting.
pub(crate) async fn answer_at_once<S: AsyncWrite + Unpin>(stream: &mut S, answer: &[u8]) {
    poll_fn(|cx| {
        if let Poll::Ready(Ok(_)) = Pin::new(&mut *stream).poll_write(cx, answer) {
            let _ = Pin::new(&mut *stream).poll_shutdown(cx);
        }
        Poll::Ready(())
    })
    .await;
}

/// Sends an answer of any length, while the peer reads some of it at least every 20 s.
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
