//! Over `embedded_io_async::{Read, Write}` with buffers of the caller's.

use std::future::poll_fn;

use websocket_listener_core::io::{
    BufferedReader, BufferedWriter, ErrorKind, Message, RecvError, SendError, WebSocket, WriteHalf,
};
use websocket_listener_core::{CloseCode, Config, MessageKind};
use websocket_listener_tests::{
    RingReader, RingWriter, Side, VirtualClock, close, dropping, duplex, join, owned, pattern,
    ping, polled, read_with, ring, run, text, write_with,
};

type Buffered<'b> =
    WebSocket<BufferedReader<'b, RingReader>, BufferedWriter<'b, RingWriter>, VirtualClock>;

fn buffered<'b>(
    side: Side,
    (reader, writer): (RingReader, RingWriter),
    (read_buffer, write_buffer): (&'b mut [u8], &'b mut [u8]),
    clock: &VirtualClock,
) -> Buffered<'b> {
    WebSocket::new(
        BufferedReader::new(reader, read_buffer),
        BufferedWriter::new(writer, write_buffer),
        clock.clone(),
        side.role(),
        Config::new(),
    )
}

#[test]
fn messages_of_any_size_are_echoed_through_buffers_of_any_size() {
    for (pipe, read, write) in [(1, 1, 131), (16, 64, 200), (512, 7, 512), (64, 4096, 4096)] {
        let clock = VirtualClock::default();
        let (here, there) = duplex(pipe);
        let mut buffers = [vec![0; read], vec![0; write], vec![0; read], vec![0; write]];
        let [a, b, c, d] = &mut buffers;
        let mut server = buffered(Side::Server, here, (a, b), &clock);
        let mut client = buffered(Side::Client, there, (c, d), &clock);
        let echo = async {
            let mut buffer = vec![0; 5000];
            while let Some(message) = server.recv(&mut buffer).await.unwrap() {
                match message {
                    Message::Text(text) => server.send_text(text).await.unwrap(),
                    Message::Binary(bytes) => server.send_binary(bytes).await.unwrap(),
                }
            }
            drop(server);
        };
        let requests = async {
            let mut buffer = vec![0; 5000];
            for size in [0, 1, 125, 126, 131, 500, 5000] {
                client.send_binary(&pattern(size)).await.unwrap();
                let echoed = client.recv(&mut buffer).await.unwrap().map(owned);
                assert_eq!(echoed, Some((MessageKind::Binary, pattern(size))));
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
            drop(client);
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
        let mut server = buffered(Side::Server, here, (a, b), &clock);
        let mut client = buffered(Side::Client, there, (c, d), &clock);
        let sending = async {
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
fn bytes_behind_the_handshake_are_the_first_frames() {
    let clock = VirtualClock::default();
    let mut received = b"GET / HTTP/1.1\r\n\r\n".to_vec();
    let head = received.len();
    received.extend(text("early").to(Side::Server).bytes());
    let whole = received.len();
    received.resize(100, 0);
    let (mut to_here, reader) = ring(100);
    let (writer, _from_here) = ring(200);
    let mut write_buffer = [0; 131];
    let mut server = WebSocket::new(
        BufferedReader::with_received(reader, &mut received, head..whole),
        BufferedWriter::new(writer, &mut write_buffer),
        clock.clone(),
        Side::Server.role(),
        Config::new(),
    );
    run(&clock, async {
        let mut buffer = [0; 16];
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"early");
        use embedded_io_async::Write;
        to_here.write_all(&text("later").to(Side::Server).bytes()).await.unwrap();
        assert_eq!(server.recv(&mut buffer).await.unwrap().unwrap().as_bytes(), b"later");
    });
    let (reader, writer) = server.into_halves();
    drop(reader.into_inner());
    drop(writer.into_inner());
}

#[test]
fn pongs_leave_though_nobody_flushes() {
    let clock = VirtualClock::default();
    let (here, there) = duplex(50);
    let (mut read_buffer, mut write_buffer) = ([0; 512], [0; 512]);
    let mut server = buffered(Side::Server, here, (&mut read_buffer, &mut write_buffer), &clock);
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
fn a_stream_that_broke_one_way_is_read_to_what_is_there_and_no_longer() {
    let clock = VirtualClock::default();
    let (mut to_here, reader) = ring(100);
    let (writer, from_here) = ring(200);
    drop(from_here);
    let (mut read_buffer, mut write_buffer) = ([0; 100], [0; 131]);
    let halves = (&mut read_buffer[..], &mut write_buffer[..]);
    let mut server = buffered(Side::Server, (reader, writer), halves, &clock);
    run(&clock, async {
        use embedded_io_async::Write;
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
    let mut reader = BufferedReader::new(&b"abc"[..], &mut read_buffer);
    let mut writer = BufferedWriter::new(inner, &mut write_buffer);
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
        assert_eq!(poll_fn(|cx| writer.poll_shutdown(cx)).await, Ok(false));
        read_with(&mut sink, |bytes| (bytes.len(), got.extend_from_slice(bytes))).await.unwrap();
        assert_eq!(got, b"123456");
    });
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let clock = VirtualClock::default();
    let (mut read_buffer, mut write_buffer) = ([0; 8], [0; 131]);
    let mut full = [0u8; 3];
    let mut socket = WebSocket::new(
        BufferedReader::new(&b""[..], &mut read_buffer),
        BufferedWriter::new(&mut full[..], &mut write_buffer),
        clock.clone(),
        Side::Server.role(),
        Config::new(),
    );
    let sent = run(&clock, socket.send_text("long enough"));
    assert_eq!(sent, Err(SendError::Transport(ErrorKind::WriteZero)));
}
