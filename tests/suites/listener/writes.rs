//! The writes of a connection: one for everything queued, with payloads that are not copied.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use websocket_listener::{Message, MessageKind, Options};
use websocket_listener_tests::{Side, binary, polled};

use crate::support::{in_virtual_time, over, with_raw_peer_over};

/// A stream that takes all it is given, and keeps what calls were made.
struct Watched {
    stream: DuplexStream,
    calls: Calls,
}

#[derive(Clone, Default)]
struct Calls(Arc<Mutex<Vec<Call>>>);

#[derive(Debug, PartialEq, Eq)]
enum Call {
    /// The address and the length of each slice.
    Write(Vec<(usize, usize)>),
    Flush,
}

impl Calls {
    fn keep(&self, call: Call) {
        self.0.lock().unwrap().push(call);
    }

    /// Those since the last time.
    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let places = slices.iter().map(|slice| (slice.as_ptr() as usize, slice.len()));
        self.calls.keep(Call::Write(places.collect()));
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.calls.keep(Call::Flush);
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The server's end of a pipe that holds a megabyte, and the peer's.
fn watched() -> (Watched, Calls, DuplexStream) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let calls = Calls::default();
    (Watched { stream: far, calls: calls.clone() }, calls, near)
}

/// Asserts one write of this number of bytes, and one flush.
fn assert_one_write(calls: &[Call], bytes: usize) {
    match calls {
        [Call::Write(slices), Call::Flush] => {
            assert_eq!(slices.iter().map(|(_, length)| length).sum::<usize>(), bytes);
        }
        _ => panic!("not one write and one flush: {calls:?}"),
    }
}

#[test]
fn all_fed_messages_leave_in_one_write_and_one_flush() {
    in_virtual_time(async {
        let (stream, calls, peer) = watched();
        let (mut server, mut client) = over(Options::new(), stream, peer).await;
        calls.take();
        for number in 0..100_u8 {
            server.feed(Message::binary(vec![number; 100])).await.unwrap();
        }
        assert_eq!(calls.take(), []);
        assert!(polled(1, server.recv()).await.is_none());
        assert_one_write(&calls.take(), 100 * 102);
        for number in 0..100_u8 {
            assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [number; 100]);
        }
    });
}

#[test]
fn the_answers_to_messages_that_came_together_leave_together() {
    in_virtual_time(async {
        let (stream, calls, peer) = watched();
        let (mut server, mut peer) = with_raw_peer_over(Options::new(), stream, peer).await;
        calls.take();
        peer.send(binary([7; 50]).to(Side::Server).bytes().repeat(64)).await;
        let echoing = async {
            while let Some(message) = server.recv().await.unwrap() {
                server.feed(message).await.unwrap();
            }
        };
        assert!(polled(1, echoing).await.is_none());
        assert_one_write(&calls.take(), 64 * 52);
    });
}

#[test]
fn a_large_payload_leaves_without_a_copy_in_one_write_with_its_header() {
    in_virtual_time(async {
        let (stream, calls, peer) = watched();
        let (mut server, mut client) = over(Options::new(), stream, peer).await;
        calls.take();
        let payload = vec![7; 100_000];
        let place = payload.as_ptr() as usize;
        server.feed(Message::text("before it")).await.unwrap();
        server.send(Message::binary(payload)).await.unwrap();
        let written = calls.take();
        assert_one_write(&written, 2 + 9 + 10 + 100_000);
        let Call::Write(slices) = &written[0] else { panic!("{written:?}") };
        assert_eq!(slices[1..], [(place, 100_000)], "it was copied");
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("before it")));
        let message = client.recv().await.unwrap().unwrap();
        assert_eq!((message.kind(), message.len()), (MessageKind::Binary, 100_000));
    });
}
