//! A connection extension of a user's: it wraps every stream before HTTP, and sees every byte.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use websocket_listener::client::Client;
use websocket_listener::endpoint::{AnyStream, Transport};
use websocket_listener::{Message, WebSocketListener};

use crate::support::in_real_time;

#[derive(Default)]
struct Counts {
    read: AtomicUsize,
    written: AtomicUsize,
}

/// Counts the bytes that pass.
struct Counting {
    stream: Transport,
    counts: Arc<Counts>,
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.counts.read.fetch_add(buffer.filled().len() - before, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.counts.written.fetch_add(written, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[test]
fn an_extension_sees_every_byte_from_the_request_on() {
    in_real_time(async {
        let counts = Arc::new(Counts::default());
        let counted = counts.clone();
        let listener = WebSocketListener::builder()
            .connection_extension(move |stream| {
                let counts = counted.clone();
                async move { Ok(AnyStream::new(Counting { stream, counts })) }
            })
            .bind("127.0.0.1:0")
            .await
            .unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let client = Client::new();
        let (server, client) = tokio::join!(listener.accept(), client.connect(&url));
        let (mut server, mut client) = (server.unwrap(), client.unwrap());
        let at_first =
            (counts.read.load(Ordering::Relaxed), counts.written.load(Ordering::Relaxed));
        assert!(at_first.0 > 100 && at_first.1 > 100, "request and response: {at_first:?}");

        client.send_text("hello").await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("hello")));
        server.send_binary(&[0; 1000]).await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().len(), 1000);
        assert_eq!(counts.read.load(Ordering::Relaxed) - at_first.0, 2 + 4 + 5);
        assert_eq!(counts.written.load(Ordering::Relaxed) - at_first.1, 4 + 1000);
    });
}

/// It has its share of the handshake's deadline, and its failure is the connection's end.
#[test]
fn an_extension_that_fails_or_never_ends_ends_the_connection() {
    in_real_time(async {
        for fails in [true, false] {
            let listener = WebSocketListener::builder()
                .handshake_timeout(Duration::from_millis(200))
                .connection_extension(move |stream| async move {
                    if !fails {
                        std::future::pending::<()>().await;
                    }
                    drop(stream);
                    Err(io::ErrorKind::InvalidData.into())
                })
                .bind("127.0.0.1:0")
                .await
                .unwrap();
            let url = format!("ws://{}/", listener.local_addr().unwrap());
            assert!(Client::new().connect(&url).await.is_err());
            while listener.counters().refused == Default::default() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(listener.counters().accepted, 0);
        }
    });
}
