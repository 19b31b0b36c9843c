//! Messages of all sizes through small rings, whole and as streams.

use std::time::Duration;

use embedded_io_async::Read;
use websocket_listener_core::io::{Message, MessageReader, WebSocket};
use websocket_listener_core::{CloseCode, Config, MessageKind};
use websocket_listener_tests::{
    RingReader, RingSocket, RingWriter, Side, VirtualClock, binary, close, continuation, join,
    owned, pattern, run, socket_and_peer, sockets, text, wire_frames,
};

const SIZES: [usize; 18] =
    [0, 1, 2, 60, 64, 125, 126, 127, 128, 200, 256, 500, 512, 513, 4096, 65_535, 65_536, 100_000];

/// Sends back whatever comes, until the peer closes.
async fn echo(mut socket: RingSocket) {
    let mut buffer = vec![0; 100_000];
    while let Some(message) = socket.recv(&mut buffer).await.unwrap() {
        match message {
            Message::Text(text) => socket.send_text(text).await,
            Message::Binary(bytes) => socket.send_binary(bytes).await,
        }
        .unwrap();
    }
}

/// The same for messages of any size, through a buffer of one.
async fn echo_streaming(mut socket: RingSocket, buffer: usize) {
    let mut buffer = vec![0; buffer];
    let (mut reader, mut writer) = socket.split();
    while let Some(mut incoming) = reader.next_message().await.unwrap() {
        let mut outgoing = writer.message_writer(incoming.kind());
        loop {
            let count = incoming.read(&mut buffer).await.unwrap();
            let mut rest = &buffer[..count];
            if rest.is_empty() {
                break;
            }
            while !rest.is_empty() {
                rest = &rest[outgoing.write(rest).await.unwrap()..];
            }
        }
        outgoing.finish().await.unwrap();
    }
}

async fn read_all(
    reader: &mut MessageReader<'_, RingReader, RingWriter, VirtualClock>,
    portion: usize,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; portion];
    loop {
        let count = reader.read(&mut buffer).await.unwrap();
        if count == 0 {
            assert_eq!(reader.read(&mut buffer).await, Ok(0), "an end is an end");
            return bytes;
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}

#[test]
fn a_message_of_any_size_comes_back_through_rings_of_any_size() {
    for capacity in [64, 131, 256, 512] {
        let clock = VirtualClock::default();
        let (server, mut client) = sockets(capacity, Config::new(), &clock);
        let requests = async {
            let mut buffer = vec![0; 100_000];
            for size in SIZES {
                let sent = pattern(size);
                client.send_binary(&sent).await.unwrap();
                let echoed = client.recv(&mut buffer).await.unwrap().map(owned).unwrap();
                assert_eq!(echoed, (MessageKind::Binary, sent), "{size} through {capacity}");

                let sent = "é".repeat(size / 2);
                client.send_text(&sent).await.unwrap();
                let echoed = client.recv(&mut buffer).await.unwrap().map(owned).unwrap();
                assert_eq!(echoed, (MessageKind::Text, sent.into_bytes()));
            }
            client.close(CloseCode::NORMAL, "done").await.unwrap();
        };
        run(&clock, join(echo(server), requests));
    }
}

#[test]
fn a_message_of_any_size_streams_through_a_small_ring_and_a_small_buffer() {
    for (capacity, buffer) in [(16, 1), (64, 7), (131, 131), (512, 64)] {
        let clock = VirtualClock::default();
        let (server, mut client) = sockets(capacity, Config::new().max_fragments(u32::MAX), &clock);
        let requests = async {
            for size in SIZES {
                let sent = pattern(size);
                let (mut reader, mut writer) = client.split();
                let sending = async { writer.send_binary(&sent).await.unwrap() };
                let receiving = async {
                    let mut message = reader.next_message().await.unwrap().unwrap();
                    assert_eq!(message.kind(), MessageKind::Binary);
                    read_all(&mut message, buffer).await
                };
                let ((), echoed) = join(sending, receiving).await;
                assert_eq!(echoed, sent, "{size} through {capacity}, {buffer} at once");
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        run(&clock, join(echo_streaming(server, buffer), requests));
        assert_eq!(clock.elapsed(), Duration::ZERO, "every wait was a wait for bytes");
    }
}

#[test]
fn a_message_longer_than_the_room_goes_out_in_few_fragments() {
    let clock = VirtualClock::default();
    let (mut server, mut peer) = socket_and_peer(Side::Server, 512, Config::new(), &clock);
    let sent = pattern(100_000);
    let (message, ()) =
        run(&clock, join(peer.message(), async { server.send_binary(&sent).await.unwrap() }));
    assert_eq!((message.0, &message.1), (2, &sent));
    assert!(message.2 <= 2 * 100_000 / 256, "{} fragments", message.2);
}

#[test]
fn fragments_stay_large_when_the_peer_reads_byte_by_byte() {
    let clock = VirtualClock::default();
    let ((reader, writer), (mut sipping, _to_here)) = websocket_listener_tests::duplex(512);
    let role = Side::Server.role();
    let mut server = WebSocket::new(reader, writer, clock.clone(), role, Config::new());
    let sent = pattern(10_000);
    let sending = async {
        server.send_binary(&sent).await.unwrap();
        drop(server);
    };
    let receiving = async {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while sipping.read(&mut byte).await == Ok(1) {
            bytes.extend(byte);
            clock.sleep(Duration::from_millis(1)).await;
        }
        wire_frames(&bytes)
    };
    let ((), frames) = run(&clock, join(sending, receiving));
    assert_eq!(frames.iter().map(|frame| frame.payload.len()).sum::<usize>(), sent.len());
    assert!(frames.len() <= 10_000 / 120, "{} fragments", frames.len());
}

#[test]
fn a_message_that_fits_goes_out_in_one_frame() {
    let clock = VirtualClock::default();
    for size in [0, 1, 125, 126, 508] {
        let (mut server, mut peer) = socket_and_peer(Side::Server, 512, Config::new(), &clock);
        run(&clock, async {
            server.send_binary(&pattern(size)).await.unwrap();
            assert_eq!(peer.message().await, (2, pattern(size), 1));
        });
    }
}

#[test]
fn bytes_that_come_one_by_one_make_the_same_messages() {
    let clock = VirtualClock::default();
    let (here, (there, to_here)) = websocket_listener_tests::duplex(64);
    let mut peer =
        websocket_listener_tests::RawPeer::of(Side::Server, (there, to_here.in_portions(1)));
    let (reader, writer) = here;
    let mut server =
        WebSocket::new(reader, writer, clock.clone(), Side::Server.role(), Config::new());
    let sending = async {
        peer.send(text("Hé").fin(false)).await;
        peer.send(continuation("llo")).await;
        peer.send(binary(pattern(300))).await;
        peer.send(close(CloseCode::NORMAL, "")).await;
        assert_eq!(peer.frames().await.len(), 1, "the Close frame");
        peer.end();
    };
    let receiving = async {
        let mut buffer = [0; 300];
        let mut messages = Vec::new();
        while let Some(message) = server.recv(&mut buffer).await.unwrap() {
            messages.push(owned(message));
        }
        drop(server);
        messages
    };
    let ((), messages) = run(&clock, join(sending, receiving));
    assert_eq!(
        messages,
        [(MessageKind::Text, "Héllo".into()), (MessageKind::Binary, pattern(300))]
    );
}

#[test]
fn the_unread_rest_of_a_message_is_skipped() {
    let clock = VirtualClock::default();
    let (mut server, mut peer) = socket_and_peer(Side::Server, 64, Config::new(), &clock);
    let sending = async {
        peer.send(binary(pattern(1000)).fin(false)).await;
        peer.send(continuation("").fin(false)).await;
        peer.send(continuation("end")).await;
        peer.send(text("second")).await;
        peer.send(text("third")).await;
        peer.send(text("")).await;
        peer.send(text("fifth")).await;
    };
    let receiving = async {
        let mut message = server.next_message().await.unwrap().unwrap();
        let mut some = [0; 5];
        assert_eq!(message.read(&mut some).await, Ok(5));
        assert_eq!(some, pattern(5)[..]);
        // unread to its end
        let message = server.next_message().await.unwrap().unwrap();
        assert_eq!(message.kind(), MessageKind::Text);
        // not read at all
        let mut buffer = [0; 16];
        let third = server.recv(&mut buffer).await.unwrap().map(owned);
        assert_eq!(third, Some((MessageKind::Text, b"third".to_vec())));
        let mut empty = server.next_message().await.unwrap().unwrap();
        assert_eq!(empty.read(&mut buffer).await, Ok(0));
        assert_eq!(empty.read(&mut buffer).await, Ok(0));
        let fifth = server.recv(&mut buffer).await.unwrap().map(owned);
        assert_eq!(fifth, Some((MessageKind::Text, b"fifth".to_vec())));
    };
    run(&clock, join(sending, receiving));
}

#[test]
fn a_message_as_long_as_the_buffer_fits_also_when_its_last_frame_is_empty() {
    let clock = VirtualClock::default();
    let (mut server, mut peer) = socket_and_peer(Side::Server, 64, Config::new(), &clock);
    run(&clock, async {
        peer.send(binary("12345678").fin(false)).await;
        peer.send(continuation("").fin(false)).await;
        peer.send(continuation("")).await;
        let mut buffer = [0; 8];
        let message = server.recv(&mut buffer).await.unwrap().map(owned);
        assert_eq!(message, Some((MessageKind::Binary, b"12345678".to_vec())));
        peer.send(text("")).await;
        let message = server.recv(&mut []).await.unwrap().map(owned);
        assert_eq!(message, Some((MessageKind::Text, Vec::new())));
    });
}
