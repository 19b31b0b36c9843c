//! Any stream of Tokio's as a wire.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::target::{Moved, Wire};

/// The far end of a connection, as a stream of bytes.
#[derive(Debug)]
pub struct Raw<S>(pub S);

impl<S: AsyncRead + AsyncWrite + Unpin> Wire for Raw<S> {
    async fn exchange(&mut self, output: &[u8], input: &mut [u8]) -> io::Result<Moved> {
        poll_fn(|cx| {
            let mut moved = Moved::default();
            let mut buffer = ReadBuf::new(input);
            if buffer.remaining() > 0
                && let Poll::Ready(read) = Pin::new(&mut self.0).poll_read(cx, &mut buffer)
            {
                read?;
                moved.read = buffer.filled().len();
                moved.ended = moved.read == 0;
            }
            let heard = moved != Moved::default();
            if !output.is_empty() {
                match Pin::new(&mut self.0).poll_write(cx, output) {
                    Poll::Ready(Ok(written)) => moved.written = written,
                    Poll::Ready(Err(error)) if !heard => return Poll::Ready(Err(error)),
                    _ => {}
                }
            }
            if moved == Moved::default() { Poll::Pending } else { Poll::Ready(Ok(moved)) }
        })
        .await
    }

    async fn finish(&mut self) {
        // A target may have closed already.
        let _ = poll_fn(|cx| Pin::new(&mut self.0).poll_shutdown(cx)).await;
    }
}
