//! Answers made where the bytes were read: in one buffer that serves all connections, so that a
//! connection costs nothing but its socket and its task.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

const BUFFER_BYTES: usize = 128 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_BYTES]);
}

/// The outcome of handling the bytes that were read.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// As many from the start are done with. The others are shown again, before new ones.
    pub consumed: usize,
    /// As many from the start are the answer now.
    pub answer: usize,
}

/// A connection that is answered in place.
#[derive(Debug)]
pub struct InPlace {
    stream: TcpStream,
    /// The bytes that were read and not consumed.
    kept: Vec<u8>,
}

impl InPlace {
    /// A connection of which nothing has been read.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, kept: Vec::new() }
    }

    /// Reads once and sends the answer; `false` at the end of the stream.
    pub async fn exchange(
        &mut self,
        mut answer: impl FnMut(&mut [u8]) -> io::Result<Answered>,
    ) -> io::Result<bool> {
        let unsent = poll_fn(|cx| {
            BUFFER.with_borrow_mut(|buffer| self.poll_exchange(cx, buffer, &mut answer))
        });
        let Some(unsent) = unsent.await? else { return Ok(false) };
        self.stream.write_all(&unsent).await?;
        Ok(true)
    }

    /// Gives what the socket did not take at once, or nothing at the end of the stream.
    fn poll_exchange(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
        answer: &mut impl FnMut(&mut [u8]) -> io::Result<Answered>,
    ) -> Poll<io::Result<Option<Vec<u8>>>> {
        let kept = self.kept.len();
        let mut free = ReadBuf::new(&mut buffer[kept..]);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut free))?;
        let filled = kept + free.filled().len();
        if filled == kept {
            return Poll::Ready(Ok(None));
        }
        buffer[..kept].copy_from_slice(&self.kept);

        let answered = answer(&mut buffer[..filled])?;
        self.kept.clear();
        self.kept.extend_from_slice(&buffer[answered.consumed..filled]);
        let answer = &buffer[..answered.answer];
        let sent = if answer.is_empty() {
            0
        } else {
            match Pin::new(&mut self.stream).poll_write(cx, answer) {
                Poll::Ready(sent) => sent?,
                Poll::Pending => 0,
            }
        };
        Poll::Ready(Ok(Some(answer[sent..].to_vec())))
    }
}
