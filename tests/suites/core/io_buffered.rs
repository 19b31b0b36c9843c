//! Over `embedded_io_async::{Read, Write}` with buffers of the caller's.

use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use embedded_io_async::{ErrorType, Read, Write};
use websocket_listener_core::io::{
    BufferedReader, BufferedWriter, ErrorKind, Message, ReadBuffer, RecvError, SendError,
    WebSocket, WriteBuffer, WriteHalf,
};
use websocket_listener_core::{CloseCode, Config, MessageKind};
use websocket_listener_tests::{
    Side, VirtualClock, close, dropping, duplex, join, owned, pattern, ping, polled, read_with,
    ring, run, text, write_with,
};

/// A connection of that name over these halves and buffers. It ends with the scope.
macro_rules! buffered {
    ($socket:ident, $side:expr, $halves:expr, $buffers:expr, $clock:expr) => {
        buffered!($socket, $side, $halves, $buffers, $clock, Config::new());
    };
    ($socket:ident, $side:expr, $halves:expr, $buffers:expr, $clock:expr, $config:expr) => {
        let ((reader, writer), (received, sent)) = ($halves, $buffers);
        let (received, sent) = (ReadBuffer::new(received), WriteBuffer::new(sent));
        let (filling, draining) = (received.fill_from(reader), sent.drain_into(writer));
        let (filling, draining) = (pin!(filling), pin!(draining));
        #[allow(unused_mut, reason = "not all are used as they are")]
        let mut $socket = WebSocket::new(
            BufferedReader::new(&received, filling),
            BufferedWriter::new(&sent, draining),
            VirtualClock::clone($clock),
            Side::role($side),
            $config,
        );
    };
}

pub(crate) use buffered;

#[test]
fn messages_of_any_size_are_echoed_through_buffers_of_any_size() {
    for (pipe, read, write) in [(1, 1, 131), (16, 64, 200), (512, 7, 512), (64, 4096, 4096)] {
        let clock = VirtualClock::default();
        let (here, there) = duplex(pipe);
        let mut buffers = [vec![0; read], vec![0; write], vec![0; read], vec![0; write]];
        let [a, b, c, d] = &mut buffers;
        let echo = async {
            buffered!(server, Side::Server, here, (a, b), &clock);
            let mut buffer = vec![0; 5000];
            while let Some(message) = server.recv(&mut buffer).await.unwrap() {
                match message {
                    Message::Text(text) => server.send_text(text).await.unwrap(),
                    Message::Binary(bytes) => server.send_binary(bytes).await.unwrap(),
                }
            }
        };
        let requests = async {
            buffered!(client, Side::Client, there, (c, d), &clock);
            let mut buffer = vec![0; 5000];
            for size in [0, 1, 125, 126, 131, 500, 5000] {
                client.send_binary(&pattern(size)).await.unwrap();
                let echoed = client.recv(&mut buffer).await.unwrap().map(owned);
                assert_eq!(echoed, Some((MessageKind::Binary, pattern(size))));
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        run(&clock, join(echo, requests));
    }
}

#[test]
fn dropped_waits_lose_nothing_in_the_buffers() {
    for drops in [u64::MAX, 0x5555_5555_5555_5555, 0x9249_2492_4924_9249] {
        let clock = VirtualClock::default();
        let (here, there) = duplex(50);
        let mut buffers = [vec![0; 64], vec![0; 200], vec![0; 64], vec![0; 200]];
        let [a, b, c, d] = &mut buffers;
        let sending = async {
            buffered!(server, Side::Server, here, (a, b), &clock);
            for size in [1, 130, 700] {
                let sent = pattern(size);
                let mut writer = server.message_writer(MessageKind::Binary);
                let mut rest = &sent[..];
                while !rest.is_empty() {
                    let written = dropping(drops, async || writer.write(rest).await.unwrap()).await;
                    rest = &rest[written..];
                }
                writer.finish().await.unwrap();
                dropping(drops, async || server.ping(b"between").await.unwrap()).await;
            }
            dropping(drops, async || server.close(CloseCode::NORMAL, "").await.unwrap()).await;
        };
        let receiving = async {
            buffered!(client, Side::Client, there, (c, d), &clock);
            let mut buffer = [0; 700];
            for size in [1, 130, 700] {
                let received =
                    dropping(drops, async || client.recv(&mut buffer).await.unwrap().map(owned));
                assert_eq!(received.await, Some((MessageKind::Binary, pattern(size))));
            }
            assert_eq!(client.recv(&mut buffer).await, Ok(None));
        };
        run(&clock, join(sending, receiving));
    }
}

#[test]
fn bytes_after_the_handshake_are_the_first_frames() {
    let clock = VirtualClock::default();
    let mut received = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    let head = received.len();
    received.extend(text("early").to(Side::Server).bytes());
    let whole = received.len();
    received.resize(100, 0);
    let (mut to_here, reader) = ring(100);
    let (writer, _from_here) = ring(200);
    let mut write_buffer = [0; 131];
    let received = ReadBuffer::with_received(&mut received, head..whole);
    let sent = WriteBuffer::new(&mut write_buffer);
    let (filling, draining) = (received.fill_from(reader), sent.drain_into(writer));
    let (filling, draining) = (pin!(filling), pin!(draining));
    let mut server = WebSocket::new(
        BufferedReader::new(&received, filling),
        BufferedWriter::new(&sent, draining),
        clock.clone(),
        Side::Server.role(),
        Config::new(),
    );
    run(&clock, async {
        let mut buffer = [0; 16];
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"early");
        to_here.write_all(&text("later").to(Side::Server).bytes()).await.unwrap();
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"later");
    });
}

#[test]
fn pongs_leave_without_a_flush() {
    let clock = VirtualClock::default();
    let (here, there) = duplex(50);
    let (mut read_buffer, mut write_buffer) = ([0; 512], [0; 512]);
    let buffers = (&mut read_buffer[..], &mut write_buffer[..]);
    buffered!(server, Side::Server, here, buffers, &clock);
    let mut peer = websocket_listener_tests::RawPeer::of(Side::Server, there);
    let here = async {
        let mut writer = server.message_writer(MessageKind::Binary);
        assert_eq!(writer.write(b"unflushed").await, Ok(9));
        assert_eq!(server.recv(&mut []).await, Ok(None));
    };
    let there = async {
        // all of them at once in the read buffer: every pong goes into the write buffer
        let pings: Vec<u8> = (0..4u8).flat_map(|i| ping([i; 5]).to(Side::Server).bytes()).collect();
        peer.send_bytes(&pings).await;
        assert_eq!(peer.frame().await.unwrap().payload, b"unflushed");
        for i in 0..4 {
            assert_eq!(peer.frame().await.unwrap().payload, [i; 5]);
        }
        peer.send(close(CloseCode::NORMAL, "")).await;
        assert_eq!(peer.frame().await.unwrap().opcode, 8);
    };
    run(&clock, join(here, there));
}

#[test]
fn a_stream_that_broke_one_way_is_read_to_its_last_byte_and_no_longer() {
    let clock = VirtualClock::default();
    let (mut to_here, reader) = ring(100);
    let (writer, from_here) = ring(200);
    drop(from_here);
    let (mut read_buffer, mut write_buffer) = ([0; 100], [0; 131]);
    let buffers = (&mut read_buffer[..], &mut write_buffer[..]);
    buffered!(server, Side::Server, (reader, writer), buffers, &clock);
    run(&clock, async {
        to_here.write_all(&ping("?").to(Side::Server).bytes()).await.unwrap();
        to_here.write_all(&text("read").to(Side::Server).bytes()).await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"read");
        let broken = Err(RecvError::Transport(ErrorKind::ConnectionReset));
        assert_eq!(server.recv(&mut buffer).await, broken);
    });
}

#[test]
fn the_halves_keep_their_contract() {
    let clock = VirtualClock::default();
    let (mut read_buffer, mut write_buffer) = ([0; 8], [0; 8]);
    let (inner, mut sink) = ring(4);
    let (received, sent) = (ReadBuffer::new(&mut read_buffer), WriteBuffer::new(&mut write_buffer));
    let (filling, draining) = (received.fill_from(&b"abc"[..]), sent.drain_into(inner));
    let (filling, draining) = (pin!(filling), pin!(draining));
    let mut reader = BufferedReader::new(&received, filling);
    let mut writer = BufferedWriter::new(&sent, draining);
    run(&clock, async {
        let put = |bytes: &mut [u8]| {
            bytes[0] = b'x';
            (0, bytes.len())
        };
        assert_eq!(read_with(&mut reader, put).await, Ok(Some(3)));
        assert_eq!(
            read_with(&mut reader, |bytes| (2, bytes.to_vec())).await,
            Ok(Some(b"xbc".to_vec()))
        );
        assert_eq!(
            read_with(&mut reader, |bytes| (1, bytes.to_vec())).await,
            Ok(Some(b"c".to_vec()))
        );
        assert_eq!(read_with(&mut reader, |_| (0, ())).await, Ok(None));

        assert_eq!(writer.capacity(), 8);
        let six = write_with(&mut writer, 6, |room| {
            room[..6].copy_from_slice(b"123456");
            (6, room.len())
        });
        assert_eq!(six.await, Ok(Some(8)));
        assert_eq!(write_with(&mut writer, 2, |room| (0, room.len())).await, Ok(Some(2)));
        // two are left; three need the ring, which takes four of six
        assert!(polled(1, write_with(&mut writer, 3, |_| (0, ()))).await.is_none());
        let mut got = Vec::new();
        read_with(&mut sink, |bytes| (bytes.len(), got.extend_from_slice(bytes))).await.unwrap();
        assert_eq!(write_with(&mut writer, 3, |room| (0, room.len())).await, Ok(Some(8)));
        assert_eq!(poll_fn(|cx| writer.poll_shutdown(cx)).await, Ok(()));
        assert!(!writer.shutdown_is_seen());
        read_with(&mut sink, |bytes| (bytes.len(), got.extend_from_slice(bytes))).await.unwrap();
        assert_eq!(got, b"123456");
    });
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let clock = VirtualClock::default();
    let (mut read_buffer, mut write_buffer) = ([0; 8], [0; 131]);
    let mut full = [0u8; 3];
    let halves = (&b""[..], &mut full[..]);
    buffered!(socket, Side::Server, halves, (&mut read_buffer[..], &mut write_buffer[..]), &clock);
    let zero = Err(SendError::Transport(ErrorKind::WriteZero));
    assert_eq!(run(&clock, socket.send_text("long enough")), zero);
    assert_eq!(run(&clock, socket.send_text("again")), zero);
}

/// Loses what it was about to read, or to write, when the future is dropped: as DMA does.
struct Dma<H> {
    half: H,
    under_way: bool,
}

impl<H> Dma<H> {
    fn new(half: H) -> Self {
        Self { half, under_way: false }
    }

    async fn whole<T>(&mut self, transfer: impl AsyncFnOnce(&mut H) -> T) -> T {
        assert!(!self.under_way, "a transfer was dropped");
        self.under_way = true;
        let result = transfer(&mut self.half).await;
        self.under_way = false;
        result
    }
}

impl<H: ErrorType> ErrorType for Dma<H> {
    type Error = H::Error;
}

impl<H: Read> Read for Dma<H> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, H::Error> {
        self.whole(async |half| half.read(buffer).await).await
    }
}

impl<H: Write> Write for Dma<H> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, H::Error> {
        self.whole(async |half| half.write(bytes).await).await
    }

    async fn flush(&mut self) -> Result<(), H::Error> {
        self.whole(async |half| half.flush().await).await
    }
}

#[test]
fn reads_and_writes_are_never_dropped_even_if_waits_are() {
    let clock = VirtualClock::default();
    let ((here_in, here_out), there) = duplex(20);
    let mut buffers = [vec![0; 16], vec![0; 140], vec![0; 16], vec![0; 140]];
    let [a, b, c, d] = &mut buffers;
    let echo = async {
        let halves = (Dma::new(here_in), Dma::new(here_out));
        buffered!(server, Side::Server, halves, (a, b), &clock);
        let mut buffer = [0; 500];
        let mut messages = 0;
        loop {
            let received =
                dropping(u64::MAX, async || server.recv(&mut buffer).await.unwrap().map(owned));
            let Some((_, payload)) = received.await else { return messages };
            // so the pongs wait, and the writes, for the peer
            clock.sleep(Duration::from_secs(1)).await;
            let mut writer = server.message_writer(MessageKind::Binary);
            let mut rest = &payload[..];
            while !rest.is_empty() {
                let written = dropping(u64::MAX, async || writer.write(rest).await.unwrap()).await;
                rest = &rest[written..];
            }
            dropping(u64::MAX, async || writer.flush().await.unwrap()).await;
            writer.finish().await.unwrap();
            messages += 1;
        }
    };
    let requests = async {
        buffered!(client, Side::Client, there, (c, d), &clock);
        let mut buffer = [0; 500];
        for size in [1, 130, 500] {
            client.ping(b"?").await.unwrap();
            client.send_binary(&pattern(size)).await.unwrap();
            let echoed = client.recv(&mut buffer).await.unwrap().map(owned);
            assert_eq!(echoed, Some((MessageKind::Binary, pattern(size))));
        }
        client.close(CloseCode::NORMAL, "").await.unwrap();
    };
    let (messages, ()) = run(&clock, join(echo, requests));
    assert_eq!(messages, 3);
}
