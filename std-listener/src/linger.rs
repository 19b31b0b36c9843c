//! The orderly end of a stream that spoke HTTP.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How long a peer may take to read an answer and go.
const DEADLINE: Duration = Duration::from_secs(2);

/// How much of what a peer still sends is read away.
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
        std::io::Result::Ok(())
    };
    // The answer is sent; how the rest goes concerns nobody.
    let _ = tokio::time::timeout(DEADLINE, drain).await;
}
