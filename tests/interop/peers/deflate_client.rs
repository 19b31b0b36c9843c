//! Our client against another project's server that compresses: whatever is agreed on, messages come
//! back as they were, in fewer bytes on the wire.
//!
//! ```text
//! peer_deflate_client ws://ADDRESS:PORT
//! ```

use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use websocket_listener::client::Client;
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{CloseCode, Message};

/// For all of it.
const PATIENCE: Duration = Duration::from_secs(60);

const ROUNDS: usize = 10;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let url = std::env::args().nth(1).ok_or("where is the server?")?;
    let all = PermessageDeflate::new().min_message_bytes(0);
    let takeover = all.server_context_takeover(true).client_context_takeover(true);
    let small = takeover.server_max_window_bits(10).client_max_window_bits(9);
    let plain = talk(Client::new(), &url).await?;
    println!("uncompressed: {plain} bytes on the wire");
    for (deflate, what) in [(all, "no takeover"), (takeover, "takeover"), (small, "small windows")]
    {
        let bytes = talk(Client::new().message_extension(deflate), &url).await?;
        assert!(bytes < plain / 2, "{what}: {bytes} bytes on the wire, uncompressed {plain}");
        println!("ok: {what}: {bytes} bytes on the wire");
    }
    Ok(())
}

/// Has messages echoed, and gives the bytes that it took in both directions.
async fn talk(client: Client, url: &str) -> Result<usize, Box<dyn StdError>> {
    let bytes = Rc::new(Cell::new(0));
    timeout(PATIENCE, async {
        let stream = TcpStream::connect(url.trim_start_matches("ws://")).await?;
        let mut socket = client.connect_over(Counted { stream, bytes: bytes.clone() }, url).await?;
        for round in 0..ROUNDS {
            for rows in [1, 20, 400] {
                let message = Message::text(json(round, rows));
                socket.send(message.clone()).await?;
                assert_eq!(socket.recv().await?, Some(message), "what was sent comes back");
            }
        }
        socket.close(CloseCode::NORMAL, "").await?;
        Ok(bytes.get())
    })
    .await?
}

/// Rows that resemble each other, as rows do.
fn json(round: usize, rows: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        let (id, price) = (row * 37 % 101, row * round);
        let _ = write!(text, r#"{{"id":{id},"symbol":"WSL","price":{price}.25}},"#);
    }
    text
}

/// A stream whose bytes are counted.
struct Counted {
    stream: TcpStream,
    bytes: Rc<Cell<usize>>,
}

impl Counted {
    fn count(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.count(buffer.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            self.count(written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
