//! permessage-deflate: what is sent and received (RFC 7692 sections 6 and 7.2).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{Error, Message, MessageKind, Options, Outgoing, PreparedMessage};
use websocket_listener_tests::{binary, continuation, pattern, ping, text};

use crate::deflate::support::{
    Compressor, Decompressor, OFFER, RSV1, deflate, json, pair_with, with_raw_peer,
};
use crate::support::in_virtual_time;

const TAKING_OVER: Option<&str> = Some("permessage-deflate");

/// Section 7.2.3.
#[test]
fn the_examples_of_the_rfc_are_read() {
    in_virtual_time(async {
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for most in [1, 2, 1000] {
            let deflate = deflate(true);
            let (mut server, mut peer) =
                with_raw_peer(deflate, Options::new(), most, OFFER, TAKING_OVER).await;
            for frames in [
                // 7.2.3.1: one block; in one frame, and in two.
                vec![text(hello).rsv(RSV1)],
                vec![text(&hello[..3]).rsv(RSV1).fin(false), continuation(&hello[3..])],
                // 7.2.3.2: with the window of the messages before.
                vec![text([0xf2, 0x00, 0x11, 0x00, 0x00]).rsv(RSV1)],
                // 7.2.3.3: without compression.
                vec![
                    text([0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00])
                        .rsv(RSV1),
                ],
                // 7.2.3.4: with the final bit, and a block after it.
                vec![text([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]).rsv(RSV1)],
                // 7.2.3.5: two blocks in one message.
                vec![
                    text([
                        0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07,
                        0x00,
                    ])
                    .rsv(RSV1),
                ],
                vec![text("Hello")],
            ] {
                for frame in frames {
                    peer.send_frame(frame).await;
                }
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("Hello")));
            }
            // 7.2.3.6, and no block at all.
            for empty in [&[0x00][..], &[], &[0x02, 0x00]] {
                peer.send_frame(binary(empty).rsv(RSV1)).await;
                assert_eq!(server.recv().await.unwrap(), Some(Message::binary(b"")));
                peer.send_frame(text(hello).rsv(RSV1)).await;
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("Hello")));
            }
        }
    });
}

/// Section 7.2.3.4: a final block may end a message, or any part of it.
#[test]
fn final_blocks_may_stand_anywhere() {
    in_virtual_time(async {
        let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for takeover in [false, true] {
            let answer = answer(takeover);
            let (mut server, mut peer) =
                with_raw_peer(deflate(takeover), Options::new(), 1, OFFER, Some(answer)).await;
            for _ in 0..2 {
                peer.send_frame(text(last).rsv(RSV1)).await;
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("Hello")));
                peer.send_frame(text(last).rsv(RSV1).fin(false)).await;
                peer.send_frame(continuation([last, last].concat()).fin(false)).await;
                peer.send_frame(continuation("")).await;
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("HelloHelloHello")));
            }
        }
    });
}

#[test]
fn the_server_sends_the_example_of_the_rfc() {
    in_virtual_time(async {
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), Options::new(), 1000, OFFER, TAKING_OVER).await;
        let mut decompressor = Decompressor::new(15);
        let mut payloads = Vec::new();
        for _ in 0..2 {
            server.send_text("Hello").await.unwrap();
            let frame = peer.frame().await;
            assert_eq!((frame.rsv, frame.fin), (RSV1, true));
            assert_eq!(decompressor.decompress(&frame.payload, 100), b"Hello");
            payloads.push(frame.payload);
        }
        assert_eq!(payloads[0], [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
        // The RFC writes the first letter out and refers to the rest; one may refer to all of it.
        assert!(payloads[1].len() <= 5, "{payloads:?}");
        server.send_text("").await.unwrap();
        let frame = peer.frame().await;
        assert_eq!((frame.rsv, &frame.payload[..]), (RSV1, &[0][..]));
    });
}

/// Section 7.1.1: with context takeover a message may refer to the one before, without it not.
#[test]
fn a_message_refers_to_earlier_ones_only_with_context_takeover() {
    in_virtual_time(async {
        for takeover in [false, true] {
            let (mut server, mut peer) = with_raw_peer(
                deflate(takeover),
                Options::new(),
                1000,
                OFFER,
                Some(answer(takeover)),
            )
            .await;
            let message = json(2000, 1);
            let mut lengths = Vec::new();
            let mut decompressor = Decompressor::new(15);
            for _ in 0..3 {
                server.send_text(&message).await.unwrap();
                let frame = peer.frame().await;
                if !takeover {
                    decompressor = Decompressor::new(15);
                }
                let read = decompressor.decompress(&frame.payload, 1 << 20);
                assert!(read == message.as_bytes());
                lengths.push(frame.payload.len());
            }
            assert!(lengths[0] < 1000, "{lengths:?}");
            assert_eq!(lengths[1] < lengths[0] / 3, takeover, "{lengths:?}");
        }
    });
}

#[test]
fn messages_of_every_size_arrive_in_both_directions_with_every_setting() {
    in_virtual_time(async {
        for takeover in [false, true] {
            for (level, bits) in [(1, 15), (1, 8), (2, 12), (9, 9)] {
                let extension = deflate(takeover)
                    .level(level)
                    .server_max_window_bits(bits)
                    .client_max_window_bits(bits);
                let (mut server, mut client) = pair_with(extension, Options::new(), 10_000).await;
                for size in [0, 1, 2, 100, 20_000, 65_536, 65_537, 300_000, 1 << 20] {
                    for message in [
                        Message::text(json(size, size as u32)),
                        Message::binary(pattern(size)),
                        Message::binary(vec![0; size]),
                    ] {
                        let (sent, received) =
                            tokio::join!(server.send(message.clone()), client.recv());
                        sent.unwrap();
                        assert!(received.unwrap().unwrap() == message, "{size} at {level}, {bits}");
                        let (sent, received) =
                            tokio::join!(client.send(message.clone()), server.recv());
                        sent.unwrap();
                        assert!(received.unwrap().unwrap() == message, "{size} at {level}, {bits}");
                    }
                }
            }
        }
    });
}

/// Section 7.1.2: nothing refers back further than was agreed, not even 256 bytes, of which zlib
/// knows nothing.
#[test]
fn no_message_refers_back_further_than_was_agreed() {
    in_virtual_time(async {
        for level in 1..=9 {
            for bits in 8..=12u8 {
                let offer = format!("permessage-deflate; server_max_window_bits={bits}");
                let answer = offer.clone();
                let (mut server, mut peer) = with_raw_peer(
                    deflate(true).level(level),
                    Options::new(),
                    1 << 20,
                    &offer,
                    Some(&answer),
                )
                .await;
                let mut decompressor = Decompressor::new(bits);
                // Repetitions just within, at and beyond the window.
                for distance in [200, 249, 250, 251, 255, 256, 257, 300, 511, 512, 513, 1024, 4096]
                {
                    let period = pattern(distance);
                    let message: Vec<u8> = period.iter().cycle().take(9000).copied().collect();
                    server.send_binary(&message).await.unwrap();
                    let frame = peer.frame().await;
                    let read = decompressor.decompress(&frame.payload, 1);
                    assert!(read == message, "level {level}, {bits} bits, distance {distance}");
                }
            }
        }
    });
}

/// Section 6.1: it is up to the sender which messages it compresses.
#[test]
fn some_messages_are_sent_uncompressed() {
    in_virtual_time(async {
        let extension = PermessageDeflate::new().min_message_bytes(10);
        let answer = answer(false);
        let (mut server, mut peer) =
            with_raw_peer(extension, Options::new(), 1000, OFFER, Some(answer)).await;
        server.send_text("123456789").await.unwrap();
        server.send_text("1234567890").await.unwrap();
        server.send(Outgoing::as_is("aaaaaaaaaaaaaaaa")).await.unwrap();
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"a").await.unwrap();
        writer.finish().await.unwrap();
        let mut writer = server.message_writer(MessageKind::Text).as_is();
        writer.write_all(b"a").await.unwrap();
        writer.finish().await.unwrap();
        for rsv in [0, RSV1, 0, RSV1, 0] {
            assert_eq!(peer.frame().await.rsv, rsv);
        }
    });
}

/// A peer may compress some messages only; the others are no part of the window.
#[test]
fn uncompressed_messages_between_compressed_ones_are_read() {
    in_virtual_time(async {
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), Options::new(), 100, OFFER, TAKING_OVER).await;
        let mut compressor = Compressor::new(6, 15);
        for number in 0..20 {
            let message = json(500, 3);
            if number % 3 == 0 {
                peer.send_frame(text(&message)).await;
            } else {
                peer.send_frame(text(compressor.compress(message.as_bytes())).rsv(RSV1)).await;
            }
            assert_eq!(server.recv().await.unwrap(), Some(Message::text(message)));
        }
    });
}

/// Section 6.1: the fragments of a compressed message may be cut anywhere, by either side.
#[test]
fn a_message_written_as_a_stream_is_compressed_piece_by_piece() {
    in_virtual_time(async {
        for takeover in [false, true] {
            let (mut server, mut client) =
                pair_with(deflate(takeover), Options::new(), 1 << 20).await;
            for parts in [&[0usize][..], &[0, 0], &[1, 0, 2], &[16_384, 0], &[50_000, 3, 70_000]] {
                let mut expected = Vec::new();
                let mut writer = server.message_writer(MessageKind::Binary);
                for part in parts {
                    let part = json(*part, *part as u32);
                    writer.write_all(part.as_bytes()).await.unwrap();
                    // What is flushed is there, and can be read before the rest comes.
                    writer.flush().await.unwrap();
                    expected.extend_from_slice(part.as_bytes());
                }
                writer.finish().await.unwrap();
                let mut reader = client.next_message().await.unwrap().unwrap();
                let mut read = Vec::new();
                reader.read_to_end(&mut read).await.unwrap();
                assert!(read == expected, "{parts:?}");
            }
        }
    });
}

/// Compressed to its end, it would come long after the deadline of the peer.
#[test]
fn a_long_message_after_one_without_an_end_is_refused_as_any_other() {
    in_virtual_time(async {
        for takeover in [false, true] {
            let (mut server, _client) = pair_with(deflate(takeover), Options::new(), 1 << 20).await;
            let mut writer = server.message_writer(MessageKind::Text);
            writer.write_all(b"a part").await.unwrap();
            writer.flush().await.unwrap();
            drop(writer);
            for length in [1, 100, 1 << 16, (1 << 16) + 1, 1 << 20] {
                let sent = server.send_text(&json(length, 7)).await;
                assert!(matches!(sent, Err(Error::MessageUnfinished)), "{length}: {sent:?}");
                let sent = server.try_send(json(length, 7));
                assert!(matches!(sent, Err(Error::MessageUnfinished)), "{length}: {sent:?}");
            }
        }
    });
}

#[test]
fn flushed_bytes_can_be_read_before_the_message_ends() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(deflate(true), Options::new(), 1 << 20).await;
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"the first part").await.unwrap();
        writer.flush().await.unwrap();
        let mut reader = client.next_message().await.unwrap().unwrap();
        let mut read = [0; 14];
        reader.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"the first part");
        writer.write_all(b", the second").await.unwrap();
        writer.finish().await.unwrap();
        let mut rest = String::new();
        reader.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, ", the second");
    });
}

#[test]
fn control_frames_between_compressed_fragments_are_not_compressed() {
    in_virtual_time(async {
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), Options::new(), 3, OFFER, TAKING_OVER).await;
        let payload = Compressor::new(6, 15).compress(b"Hello, hello, hello");
        for (at, byte) in payload.iter().enumerate() {
            let frame = if at == 0 { text([*byte]).rsv(RSV1) } else { continuation([*byte]) };
            peer.send_frame(frame.fin(false)).await;
            peer.send_frame(ping([at as u8])).await;
        }
        peer.send_frame(continuation("")).await;
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("Hello, hello, hello")));
        server.flush().await.unwrap();
        let pong = peer.frame().await;
        assert_eq!((pong.opcode, pong.rsv), (10, 0));
    });
}

/// Compressed once for all, where no window is taken over.
#[test]
fn prepared_messages_are_compressed() {
    in_virtual_time(async {
        let message = PreparedMessage::new(Message::text(json(3000, 5)));
        for takeover in [false, true] {
            let answer = Some(answer(takeover));
            for _ in 0..2 {
                let (mut server, mut peer) =
                    with_raw_peer(deflate(takeover), Options::new(), 1000, OFFER, answer).await;
                let mut lengths = Vec::new();
                let mut decompressor = Decompressor::new(15);
                for _ in 0..2 {
                    server.send(&message).await.unwrap();
                    let frame = peer.frame().await;
                    if !takeover {
                        decompressor = Decompressor::new(15);
                    }
                    let read = decompressor.decompress(&frame.payload, 1 << 20);
                    assert!(read == message.payload());
                    lengths.push(frame.payload.len());
                }
                assert_eq!(lengths[0] == lengths[1], !takeover, "{lengths:?}");
            }
        }
    });
}

fn answer(takeover: bool) -> &'static str {
    if takeover {
        "permessage-deflate"
    } else {
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    }
}
