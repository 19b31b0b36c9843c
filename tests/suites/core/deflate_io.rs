//! permessage-deflate on a connection over a transport (RFC 7692 sections 6 and 7.2).

use embedded_io_async::{Read, Write};
use websocket_listener_core::deflate::{Deflater, Inflater};
use websocket_listener_core::io::{Codec, RecvError};
use websocket_listener_core::permessage_deflate::{Agreement, Settings, WindowBits};
use websocket_listener_core::{CloseCode, Config, MessageKind, ProtocolError};
use websocket_listener_tests::{
    Frame, RawPeer, RingSocket, Side, VirtualClock, binary, continuation, join, owned, pattern,
    ping, run, socket_and_peer, sockets, text,
};

use crate::deflate_zlib::{deflate, deflater, inflate, inflater};
use crate::handshake_samples::{parse, request_with};

/// 1 KiB windows, the smallest that JSON gains much from.
const WINDOW: usize = 1 << 10;

/// The agreement of two ends with these windows.
fn agreement(takes_over: bool) -> Agreement {
    let bits = WindowBits::fitting(WINDOW).unwrap();
    let settings = Settings::new()
        .server_max_window_bits(bits)
        .client_max_window_bits(bits)
        .server_no_context_takeover(!takes_over)
        .client_no_context_takeover(!takes_over);
    let head = request_with("Sec-WebSocket-Extensions", &[settings.offer().as_str()]);
    settings.select(parse(&head).unwrap().extensions()).unwrap()
}

/// A connection that has agreed on compression.
pub(crate) fn compressing(socket: RingSocket, takes_over: bool) -> RingSocket {
    let codec = Codec {
        inflater: Box::leak(Box::new(Inflater::<[u8; WINDOW]>::new())),
        deflater: Box::leak(Box::new(Deflater::<[u8; WINDOW]>::new())),
    };
    socket.permessage_deflate(&agreement(takes_over), codec)
}

fn socket_and_compressing_peer(config: Config, clock: &VirtualClock) -> (RingSocket, RawPeer) {
    let (socket, peer) = socket_and_peer(Side::Server, 4000, config, clock);
    (compressing(socket, true), peer)
}

fn compressed(frame: Frame) -> Frame {
    frame.rsv(0b100)
}

/// One message, deflated as the first of its connection.
fn deflated(message: &[u8]) -> Vec<u8> {
    deflate(&mut deflater(10), message, &[usize::MAX], &[100_000])
}

/// What the connection makes of these frames, with a buffer of this size, and what it sends to the
/// peer.
fn received(
    config: Config,
    buffer: usize,
    frames: &[Frame],
) -> (Result<Vec<u8>, RecvError>, CloseCode) {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_compressing_peer(config, &clock);
    run(&clock, async {
        let here = async {
            let mut buffer = vec![0; buffer];
            let message = socket.recv(&mut buffer).await.map(|message| owned(message.unwrap()).1);
            if message.is_ok() {
                socket.close(CloseCode::NORMAL, "").await.unwrap();
            }
            message
        };
        let there = async {
            for frame in frames {
                peer.send(frame.clone()).await;
            }
            let frame = peer.frame().await.unwrap();
            assert_eq!(frame.opcode, 8);
            peer.send(websocket_listener_tests::close(CloseCode::NORMAL, "")).await;
            peer.end();
            CloseCode::new(u16::from_be_bytes(*frame.payload.first_chunk().unwrap()))
        };
        join(here, there).await
    })
}

fn refused(error: ProtocolError) -> (Result<Vec<u8>, RecvError>, CloseCode) {
    (Err(RecvError::Protocol(error)), error.close_code())
}

#[test]
fn messages_of_every_size_go_both_ways_through_rings_of_every_size() {
    for capacity in [40, 131, 300, 4000] {
        for takes_over in [true, false] {
            let clock = VirtualClock::default();
            let (here, there) = sockets(capacity, Config::new(), &clock);
            let (mut server, mut client) =
                (compressing(here, takes_over), compressing(there, takes_over));
            let reading = "{\"uptime\":12345,\"temperature\":21.5}";
            let messages = [
                Vec::new(),
                b"Hello".to_vec(),
                reading.into(),
                reading.into(),
                pattern(3000),
                reading.repeat(100).into(),
                vec![0; 70_000],
            ];
            let sending = async {
                for message in &messages {
                    client.send_binary(message).await.unwrap();
                }
                client.close(CloseCode::NORMAL, "").await.unwrap();
            };
            let echoing = async {
                let mut received = Vec::new();
                let mut buffer = vec![0; 70_000];
                while let Some(message) = server.recv(&mut buffer).await.unwrap() {
                    received.push(message.as_bytes().to_vec());
                }
                received
            };
            let ((), received) = run(&clock, join(sending, echoing));
            assert!(received == messages, "{capacity} {takes_over}");
        }
    }
}

/// Sections 6.1 and 7.2.3.1: RSV1 on the first frame, and nothing else is different.
#[test]
fn messages_are_sent_compressed() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_compressing_peer(Config::new(), &clock);
    let message = "{\"uptime\":12345,\"clients\":[1,2,3],\"clients_served\":12345}".repeat(4);
    run(&clock, async {
        let mut inflater = inflater(10);
        for _ in 0..2 {
            socket.send_text(&message).await.unwrap();
            let frame = peer.frame().await.unwrap();
            assert_eq!((frame.rsv, frame.opcode, frame.fin), (0b100, 1, true));
            assert!(frame.payload.len() * 2 < message.len(), "{}", frame.payload.len());
            let inflated = inflate(&mut inflater, &frame.payload, &[1000], &[1000]).unwrap();
            assert_eq!(inflated, message.as_bytes());
        }
        socket.send_text("short").await.unwrap();
        let frame = peer.frame().await.unwrap();
        assert_eq!((frame.rsv, &frame.payload[..]), (0, &b"short"[..]));
        socket.ping(b"ping").await.unwrap();
        assert_eq!(peer.frame().await.unwrap().rsv, 0);
    });
}

/// Section 6.1: RSV1 only on the first of them.
#[test]
fn a_stream_is_compressed_piece_by_piece() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_compressing_peer(Config::new(), &clock);
    run(&clock, async {
        let mut writer = socket.message_writer(MessageKind::Text);
        for _ in 0..3 {
            writer.write_all("more and more and more of it: €".as_bytes()).await.unwrap();
        }
        writer.finish().await.unwrap();
        let mut frames = Vec::new();
        while frames.last().is_none_or(|frame: &websocket_listener_tests::WireFrame| !frame.fin) {
            frames.push(peer.frame().await.unwrap());
        }
        let bits: Vec<_> = frames.iter().map(|frame| (frame.opcode, frame.rsv)).collect();
        assert_eq!(bits, [(1, 0b100), (0, 0), (0, 0), (0, 0)]);
        let payload = frames.iter().flat_map(|frame| frame.payload.clone()).collect::<Vec<_>>();
        let inflated = inflate(&mut inflater(10), &payload, &[1000], &[1000]).unwrap();
        assert_eq!(inflated, "more and more and more of it: €".repeat(3).into_bytes());
    });
}

/// Section 6.2: an endpoint may send some messages uncompressed.
#[test]
fn compressed_and_uncompressed_messages_come_in_any_order() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_compressing_peer(Config::new(), &clock);
    run(&clock, async {
        let mut deflater = deflater(10);
        let mut deflated = |message| deflate(&mut deflater, message, &[usize::MAX], &[1000]);
        peer.send(compressed(text(deflated(b"one, one, one")))).await;
        peer.send(text("two")).await;
        peer.send(compressed(text(deflated(b"one, one, one")))).await;
        let mut buffer = [0; 100];
        for expected in [&b"one, one, one"[..], b"two", b"one, one, one"] {
            let message = socket.recv(&mut buffer).await.unwrap().unwrap();
            assert_eq!(message.as_bytes(), expected);
        }
    });
}

/// Section 7.2.3.6.
#[test]
fn an_empty_message_is_received() {
    for frames in [
        vec![compressed(binary([0]))],
        vec![compressed(binary([])).fin(false), continuation([0])],
        vec![compressed(binary([0])).fin(false), continuation([])],
        vec![compressed(binary([]))],
    ] {
        assert_eq!(received(Config::new(), 0, &frames), (Ok(vec![]), CloseCode::NORMAL));
    }
}

/// Section 6: between the bytes of the compressed message, wherever they are cut.
#[test]
fn a_compressed_message_may_be_fragmented_anywhere_with_control_frames_between() {
    let message = b"wherever it is cut, wherever it is cut, wherever";
    let payload = deflated(message);
    for cut in 0..=payload.len() {
        let (start, end) = payload.split_at(cut);
        let clock = VirtualClock::default();
        let (mut socket, mut peer) = socket_and_compressing_peer(Config::new(), &clock);
        run(&clock, async {
            peer.send(compressed(text(start)).fin(false)).await;
            peer.send(ping("still there?")).await;
            peer.send(continuation(end)).await;
            let mut reader = socket.next_message().await.unwrap().unwrap();
            let mut inflated = Vec::new();
            let mut piece = [0; 3];
            loop {
                let count = Read::read(&mut reader, &mut piece).await.unwrap();
                if count == 0 {
                    break;
                }
                inflated.extend_from_slice(&piece[..count]);
            }
            assert_eq!(inflated, message);
            assert_eq!(peer.frame().await.unwrap().payload, b"still there?");
        });
    }
}

#[test]
fn a_skipped_message_stays_in_the_window() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_compressing_peer(Config::new(), &clock);
    run(&clock, async {
        let mut deflater = deflater(10);
        let mut deflated = |message| deflate(&mut deflater, message, &[usize::MAX], &[1000]);
        let long = b"a message not read to its end,".repeat(20);
        for _ in 0..3 {
            peer.send(compressed(text(deflated(&long)))).await;
        }
        peer.send(compressed(text(deflated(b"a message not read")))).await;
        assert!(socket.next_message().await.unwrap().is_some());
        let mut reader = socket.next_message().await.unwrap().unwrap();
        assert_eq!(reader.read(&mut [0; 7]).await.unwrap(), 7);
        assert!(socket.next_message().await.unwrap().is_some());
        let mut buffer = [0; 100];
        let message = socket.recv(&mut buffer).await.unwrap().unwrap();
        assert_eq!(message.as_bytes(), b"a message not read");
    });
}

/// The limit counts inflated bytes (RFC 7692 section 8.1, RFC 6455 section 10.4).
#[test]
fn a_bomb_is_refused_one_byte_above_the_limit() {
    let config = Config::new().max_message_bytes(1000);
    for buffer in [1000, 100_000] {
        let message = vec![b'x'; 1000];
        let good = [compressed(binary(deflated(&message)))];
        assert_eq!(received(config, buffer, &good), (Ok(message), CloseCode::NORMAL));
        for size in [1001, 1 << 20] {
            let bomb = [compressed(binary(deflated(&vec![b'x'; size])))];
            assert_eq!(received(config, buffer, &bomb), refused(ProtocolError::MessageTooBig));
        }
    }
}

#[test]
fn a_bomb_is_refused_when_the_buffer_is_full() {
    let message = vec![b'x'; 1000];
    let frames = [compressed(binary(deflated(&message)))];
    assert_eq!(received(Config::new(), 1000, &frames), (Ok(message), CloseCode::NORMAL));
    let too_big = (Err(RecvError::MessageTooBig), CloseCode::MESSAGE_TOO_BIG);
    assert_eq!(received(Config::new(), 999, &frames), too_big);
}

/// Bytes on the wire are no matter: what does not compress is a little larger there.
#[test]
fn a_message_of_the_limit_is_received_though_larger_on_the_wire() {
    let mut state = 1u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let message: Vec<u8> = noise.take(500).collect();
    let payload = deflated(&message);
    assert!(payload.len() > 500);
    let config = Config::new().max_message_bytes(500);
    let frames = [compressed(binary(payload))];
    assert_eq!(received(config, 500, &frames), (Ok(message), CloseCode::NORMAL));
}

#[test]
fn a_skipped_bomb_is_refused() {
    let clock = VirtualClock::default();
    let config = Config::new().max_message_bytes(1000);
    let (mut socket, mut peer) = socket_and_compressing_peer(config, &clock);
    run(&clock, async {
        peer.send(compressed(binary(deflated(&vec![0; 100_000])))).await;
        assert!(socket.next_message().await.unwrap().is_some());
        peer.end();
        let error = RecvError::Protocol(ProtocolError::MessageTooBig);
        assert_eq!(socket.next_message().await.err(), Some(error));
        assert_eq!(peer.frame().await.unwrap().payload[..2], [0x03, 0xf1]);
    });
}

/// RFC 6455 section 5.4: fragments without any payload are counted.
#[test]
fn empty_compressed_fragments_are_counted() {
    let config = Config::new().max_fragments(16_384);
    let mut frames = vec![compressed(binary([])).fin(false)];
    frames.extend(vec![continuation([]).fin(false); 16_384]);
    assert_eq!(received(config, 100, &frames), refused(ProtocolError::TooManyFragments));
}

/// RFC 7692 section 6.1, RFC 6455 section 5.2.
#[test]
fn rsv1_is_refused_anywhere_but_on_a_first_frame() {
    let start = || compressed(binary([])).fin(false);
    for frames in [
        vec![start(), compressed(continuation([0]))],
        vec![binary([]).fin(false), compressed(continuation([0]))],
        vec![compressed(ping("x"))],
        vec![start(), compressed(ping("x"))],
        vec![binary([]).rsv(0b010)],
        vec![binary([]).rsv(0b101)],
    ] {
        assert_eq!(received(Config::new(), 10, &frames), refused(ProtocolError::ReservedBits));
    }
}

#[test]
fn rsv1_is_refused_where_nothing_was_agreed_on() {
    let clock = VirtualClock::default();
    let (mut socket, mut peer) = socket_and_peer(Side::Server, 4000, Config::new(), &clock);
    run(&clock, async {
        peer.send(compressed(binary([0]))).await;
        peer.end();
        let error = RecvError::Protocol(ProtocolError::ReservedBits);
        assert_eq!(socket.recv(&mut []).await.err(), Some(error));
    });
}

#[test]
fn invalid_deflate_data_and_text_that_is_not_utf8_are_refused() {
    for (frame, error) in [
        (binary([0x06]), ProtocolError::InvalidExtensionData),
        (binary([0x02, 0x03, 0x00]), ProtocolError::InvalidExtensionData),
        (text(deflated(b"caf\xe9 au lait")), ProtocolError::InvalidUtf8),
        (text(deflated(b"caf\xc3")), ProtocolError::InvalidUtf8),
    ] {
        assert_eq!(received(Config::new(), 100, &[compressed(frame)]), refused(error));
    }
}

/// The codec of one connection can be used by the next.
#[test]
fn the_memory_is_given_back_and_used_again() {
    let clock = VirtualClock::default();
    let mut codec = Codec {
        inflater: Box::leak(Box::new(Inflater::<[u8; WINDOW]>::new())),
        deflater: Box::leak(Box::new(Deflater::<[u8; WINDOW]>::new())),
    };
    for _ in 0..3 {
        let (socket, mut peer) = socket_and_peer(Side::Server, 1000, Config::new(), &clock);
        let mut socket = socket.permessage_deflate(&agreement(true), codec);
        run(&clock, async {
            // Both leave something behind in the middle of a message.
            peer.send(compressed(binary(&deflated(b"half of it")[..5])).fin(false)).await;
            peer.end();
            assert_eq!(socket.recv(&mut [0; 100]).await.err(), Some(RecvError::ConnectionLost));
        });
        codec = socket.take_codec().unwrap();
        assert!(socket.take_codec().is_none());
    }
}
