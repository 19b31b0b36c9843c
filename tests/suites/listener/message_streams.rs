//! Messages read and written as streams.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::{CloseCode, Error, Message, MessageKind, Options, ProtocolError};
use websocket_listener_tests::{continuation, pattern, ping, polled, text};

use crate::retaining::Retaining;
use crate::support::{
    MemoryPeer, Socket, in_virtual_time, pair, pair_with, with_raw_peer, with_raw_peer_over,
};

async fn large_pair() -> (Socket, Socket) {
    pair_with(Options::new(), 1 << 20).await
}

/// With this much room on the way.
async fn with_raw_peer_over_bytes(room: usize) -> (Socket, MemoryPeer) {
    let (near, far) = tokio::io::duplex(room);
    with_raw_peer_over(Options::new(), far, near).await
}

#[test]
fn a_message_written_as_a_stream_arrives_whole() {
    in_virtual_time(async {
        for size in [0, 1, 16_383, 16_384, 16_385, 100_000] {
            let (mut server, mut client) = large_pair().await;
            let payload = pattern(size);
            let mut writer = server.message_writer(MessageKind::Binary);
            writer.write_all(&payload).await.unwrap();
            writer.finish().await.unwrap();
            let message = client.recv().await.unwrap().unwrap();
            assert!(message == Message::binary(payload));
        }
    });
}

#[test]
fn a_message_read_as_a_stream_is_answered_on_the_same_connection() {
    in_virtual_time(async {
        let (mut server, mut client) = large_pair().await;
        let answering = async {
            while let Some(mut reader) = server.next_message().await? {
                let mut word = [0; 4];
                reader.read_exact(&mut word).await.unwrap(); // the rest is skipped
                server.send_binary(&word).await?;
            }
            Ok::<_, Error>(server.close_reason())
        };
        let asking = async {
            for size in [4, 50_000] {
                client.send_binary(&pattern(size)).await.unwrap();
                assert_eq!(client.recv().await.unwrap().unwrap(), Message::binary(pattern(4)));
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        let (reason, ()) = tokio::join!(answering, asking);
        assert_eq!(reason.unwrap().unwrap().code, CloseCode::NORMAL);
    });
}

#[test]
fn a_message_is_read_as_a_stream() {
    in_virtual_time(async {
        let (mut server, mut client) = large_pair().await;
        for size in [0, 1, 4_096, 200_000] {
            let payload = pattern(size);
            client.send_binary(&payload).await.unwrap();
            client.send_text("next").await.unwrap();
            let mut reader = server.next_message().await.unwrap().unwrap();
            assert_eq!(reader.kind(), MessageKind::Binary);
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).await.unwrap();
            assert!(bytes == payload);
            // At its end it stays.
            assert_eq!(reader.read(&mut [0; 5]).await.unwrap(), 0);
            assert_eq!(reader.chunk().await.unwrap(), None);
            let mut reader = server.next_message().await.unwrap().unwrap();
            assert_eq!(reader.kind(), MessageKind::Text);
            let mut pieces = Vec::new();
            while let Some(chunk) = reader.chunk().await.unwrap() {
                assert!(!chunk.is_empty());
                pieces.extend_from_slice(&chunk);
            }
            assert_eq!(pieces, b"next");
        }
    });
}

/// It need not have arrived.
#[test]
fn a_message_is_available_before_its_end() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new()).await;
        peer.send_frame(text("first ").fin(false)).await;
        let mut reader = server.next_message().await.unwrap().unwrap();
        let mut buffer = [0; 100];
        assert_eq!(reader.read(&mut buffer).await.unwrap(), 6);
        assert!(polled(1, reader.read(&mut buffer)).await.is_none());
        peer.send_frame(continuation("second")).await;
        assert_eq!(reader.read(&mut buffer).await.unwrap(), 6);
        assert_eq!(&buffer[..6], b"second");
        assert_eq!(reader.read(&mut buffer).await.unwrap(), 0);
    });
}

#[test]
fn a_reader_that_is_dropped_skips_the_rest_of_its_message() {
    in_virtual_time(async {
        for taken in [0, 1, 1_000, 40_000, 99_999, 100_000] {
            let (mut server, mut client) = large_pair().await;
            for fragmented in [false, true] {
                if fragmented {
                    let mut writer = client.message_writer(MessageKind::Binary);
                    writer.write_all(&pattern(100_000)).await.unwrap();
                    writer.finish().await.unwrap();
                } else {
                    client.send_binary(&pattern(100_000)).await.unwrap();
                }
                client.send_text("next").await.unwrap();
                client.send_text("after it").await.unwrap();
                let mut reader = server.next_message().await.unwrap().unwrap();
                let mut bytes = vec![0; taken];
                reader.read_exact(&mut bytes).await.unwrap();
                assert!(bytes == pattern(100_000)[..taken]);
                let next = server.recv().await.unwrap().unwrap();
                assert_eq!(next.as_text(), Some("next"), "{taken}");
                server.next_message().await.unwrap().unwrap();
            }
        }
    });
}

#[test]
fn a_message_is_passed_on_while_arriving() {
    in_virtual_time(async {
        let (from, mut source) = large_pair().await;
        let (to, mut sink) = large_pair().await;
        let (mut reader, _) = from.split();
        let (_, mut writer) = to.split();
        let relay = async {
            while let Some(mut incoming) = reader.next_message().await.unwrap() {
                let mut outgoing = writer.message_writer(incoming.kind());
                while let Some(chunk) = incoming.chunk().await.unwrap() {
                    outgoing.write_chunk(chunk).await.unwrap();
                }
                outgoing.finish().await.unwrap();
            }
        };
        let ends = async {
            for size in [0, 1, 4_096, 200_000, 1_000_000] {
                let payload = pattern(size);
                let sending = source.send_binary(&payload);
                let (sent, received) = tokio::join!(sending, sink.recv());
                sent.unwrap();
                assert!(received.unwrap().unwrap() == Message::binary(payload), "{size}");
            }
            source.close(CloseCode::NORMAL, "").await.unwrap();
        };
        tokio::join!(relay, ends);
    });
}

#[test]
fn chunks_stay_between_the_bytes_that_were_written_before_and_after() {
    in_virtual_time(async {
        let (mut server, mut client) = large_pair().await;
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all("before \u{e4}".as_bytes()).await.unwrap();
        writer.write_chunk("").await.unwrap();
        writer.write_chunk(&b" chunk \xc3"[..]).await.unwrap();
        writer.write_all(b"\xa4 behind").await.unwrap();
        writer.finish().await.unwrap();
        let message = client.recv().await.unwrap().unwrap();
        assert_eq!(message.as_text(), Some("before \u{e4} chunk \u{e4} behind"));
    });
}

/// RFC 6455 section 5.4: a message of one frame is one that was not fragmented.
#[test]
fn a_message_ends_with_its_last_chunk_if_that_has_not_left_yet() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer_over_bytes(200_000).await;
        for chunks in [&[5][..], &[100, 200], &[5, 20_000], &[20_000], &[30_000, 70_000, 9]] {
            let mut writer = server.message_writer(MessageKind::Binary);
            for &length in chunks {
                writer.write_chunk(pattern(length)).await.unwrap();
            }
            writer.finish().await.unwrap();
            for (index, &length) in chunks.iter().enumerate() {
                let frame = peer.frame().await;
                let opcode = if index == 0 { 2 } else { 0 };
                assert_eq!((frame.opcode, frame.fin), (opcode, index + 1 == chunks.len()));
                assert!(frame.payload == pattern(length), "{index} of {chunks:?}");
            }
        }
    });
}

#[test]
fn a_message_whose_last_chunk_has_begun_to_leave_ends_with_an_empty_frame() {
    in_virtual_time(async {
        for (length, room) in [(5, 200_000), (3_000, 1_000), (20_000, 1_000), (20_000, 20_003)] {
            let (mut server, mut peer) = with_raw_peer_over_bytes(room).await;
            let mut writer = server.message_writer(MessageKind::Binary);
            writer.write_chunk(pattern(length)).await.unwrap();
            let _ = polled(1, writer.flush()).await;
            let (finished, first) = tokio::join!(writer.finish(), peer.frame());
            finished.unwrap();
            assert!(!first.fin && first.payload == pattern(length), "{length}");
            let last = peer.frame().await;
            assert_eq!((last.opcode, last.fin, last.payload.len()), (0, true, 0), "{length}");
        }
    });
}

/// OpenSSL, for one, sends the bytes that it was given first, whatever it is given next.
#[test]
fn a_message_whose_last_chunk_was_shown_to_the_stream_ends_with_an_empty_frame() {
    in_virtual_time(async {
        for length in [5, 3_000, 20_000] {
            let (near, far) = tokio::io::duplex(1_000);
            let (mut server, mut peer) =
                with_raw_peer_over(Options::new(), Retaining::new(far), near).await;
            // With its header, all that the pipe takes.
            server.send_binary(&pattern(996)).await.unwrap();
            let mut writer = server.message_writer(MessageKind::Binary);
            writer.write_chunk(pattern(length)).await.unwrap();
            assert!(polled(1, writer.flush()).await.is_none());
            let (finished, first) = tokio::join!(writer.finish(), async {
                assert!(peer.frame().await.payload == pattern(996));
                peer.frame().await
            });
            finished.unwrap();
            assert!(!first.fin && first.payload == pattern(length), "{length}");
            let last = peer.frame().await;
            assert_eq!((last.opcode, last.fin, last.payload.len()), (0, true, 0), "{length}");
        }
    });
}

/// RFC 6455 section 5.5: control frames may stand between fragments.
#[test]
fn a_message_whose_last_chunk_is_followed_by_a_pong_ends_with_an_empty_frame() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer_over_bytes(1_000).await;
        let (mut reader, mut writer) = server.split();
        peer.send_frame(ping("now")).await;
        // The pipe is full, so what follows stays in the queue.
        let filling = polled(1, writer.send_binary(&pattern(2_000))).await;
        assert!(filling.is_none());
        let mut outgoing = writer.message_writer(MessageKind::Text);
        outgoing.write_chunk("chunk").await.unwrap();
        assert!(polled(1, reader.recv()).await.is_none(), "it answers a ping");
        let finishing = outgoing.finish();
        let hearing = async {
            assert!(peer.frame().await.payload == pattern(2_000));
            let [chunk, pong, end] = [peer.frame().await, peer.frame().await, peer.frame().await];
            assert_eq!((chunk.opcode, chunk.fin, &chunk.payload[..]), (1, false, &b"chunk"[..]));
            assert_eq!((pong.opcode, &pong.payload[..]), (10, &b"now"[..]));
            assert_eq!((end.opcode, end.fin, end.payload.len()), (0, true, 0));
        };
        let (finished, ()) = tokio::join!(finishing, hearing);
        finished.unwrap();
    });
}

/// RFC 6455 section 5.6: text is UTF-8.
#[test]
fn a_chunk_that_is_not_text_is_refused_and_the_message_goes_on() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_chunk("good").await.unwrap();
        let refused = writer.write_chunk(&b"b\xffd"[..]).await;
        assert!(matches!(refused, Err(Error::InvalidUtf8)));
        writer.write_chunk(", better").await.unwrap();
        writer.shutdown().await.unwrap();
        assert!(matches!(writer.write_chunk("late").await, Err(Error::Closed)));
        let message = client.recv().await.unwrap().unwrap();
        assert_eq!(message.as_text(), Some("good, better"));
    });
}

#[test]
fn a_chunk_that_is_cancelled_has_added_nothing() {
    in_virtual_time(async {
        let (mut server, mut client) =
            pair_with(Options::new().write_queue_bytes(1_000), 1_000).await;
        let mut writer = server.message_writer(MessageKind::Binary);
        writer.write_chunk(pattern(20_000)).await.unwrap();
        let waiting = polled(1, writer.write_chunk(pattern(30_000))).await;
        assert!(waiting.is_none(), "the first has not left");
        let finishing = writer.finish();
        let (finished, message) = tokio::join!(finishing, client.recv());
        finished.unwrap();
        assert!(message.unwrap().unwrap() == Message::binary(pattern(20_000)));
    });
}

#[test]
fn flush_sends_the_gathered_bytes() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let mut writer = server.message_writer(MessageKind::Text);
        let mut reading = Box::pin(client.next_message());
        writer.write_all(b"gathered").await.unwrap();
        assert!(polled(1, &mut reading).await.is_none(), "it leaves in large frames");
        writer.flush().await.unwrap();
        let mut reader = reading.await.unwrap().unwrap();
        let mut buffer = [0; 8];
        reader.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"gathered");
        writer.write_all(b", and more").await.unwrap();
        writer.shutdown().await.unwrap();
        // As with any other stream, once more does no harm, and writing does not go on.
        writer.shutdown().await.unwrap();
        writer.flush().await.unwrap();
        assert!(writer.write(b"x").await.is_err());
        writer.finish().await.unwrap();
        let mut rest = String::new();
        reader.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, ", and more");
    });
}

#[test]
fn text_is_checked_in_characters_cut_anywhere() {
    in_virtual_time(async {
        let (mut server, mut client) = large_pair().await;
        let whole = "aß€😀".as_bytes();
        for cut in 0..=whole.len() {
            let mut writer = server.message_writer(MessageKind::Text);
            writer.write_all(&whole[..cut]).await.unwrap();
            writer.flush().await.unwrap();
            writer.write_all(&whole[cut..]).await.unwrap();
            writer.finish().await.unwrap();
            assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), whole);
        }
        // Nothing of it was sent yet: it is as if it had not been.
        let mut writer = server.message_writer(MessageKind::Text);
        let error = writer.write(b"bad \xff").await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        drop(writer);
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"cut \xe2\x82").await.unwrap();
        assert!(matches!(writer.finish().await, Err(Error::InvalidUtf8)));
        server.send_text("good").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("good"));
    });
}

#[test]
fn an_invalid_text_write_takes_nothing_and_other_writes_may_follow() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let mut writer = server.message_writer(MessageKind::Text);
        assert_eq!(writer.kind(), MessageKind::Text);
        writer.write_all(b"good").await.unwrap();
        writer.write_all(b"bad \xff").await.unwrap_err();
        writer.write_all(b", and better").await.unwrap();
        writer.finish().await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("good, and better"));
    });
}

/// `?` behind `tokio::io::copy` must not make an I/O error of what the connection ended with.
#[test]
fn an_error_survives_its_way_through_an_io_error() {
    let through_io = |error: Error| Error::from(std::io::Error::from(error));
    assert!(matches!(through_io(Error::InvalidUtf8), Error::InvalidUtf8));
    assert!(matches!(through_io(Error::Aborted), Error::Aborted));
    assert!(matches!(
        through_io(Error::Protocol(ProtocolError::MessageTooBig)),
        Error::Protocol(ProtocolError::MessageTooBig)
    ));
    let other = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert!(matches!(Error::from(other), Error::Io(_)));
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(Options::new().max_message_bytes(8), 4096).await;
        let mut outgoing = client.message_writer(MessageKind::Binary);
        for _ in 0..2 {
            outgoing.write_all(b"a part").await.unwrap();
            outgoing.flush().await.unwrap();
        }
        let mut incoming = server.next_message().await.unwrap().unwrap();
        let copying = async {
            tokio::io::copy(&mut incoming, &mut tokio::io::sink()).await?;
            Ok(())
        };
        let copied: Result<(), Error> = copying.await;
        assert!(matches!(copied, Err(Error::Protocol(ProtocolError::MessageTooBig))));
    });
}

#[test]
fn a_writer_dropped_before_its_first_frame_is_harmless() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        drop(server.message_writer(MessageKind::Text));
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"never sent").await.unwrap();
        drop(writer);
        server.send_text("next").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("next"));
    });
}

/// The peer must not take a part for the whole.
#[test]
fn after_a_writer_dropped_in_the_middle_only_pings_and_close_work() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"a part").await.unwrap();
        writer.flush().await.unwrap();
        drop(writer);
        for _ in 0..2 {
            let unfinished = |sent| matches!(sent, Err(Error::MessageUnfinished));
            assert!(unfinished(server.send_text("x").await));
            assert!(unfinished(server.send_binary(b"x").await));
            assert!(unfinished(server.feed(Message::text("x")).await));
            let mut writer = server.message_writer(MessageKind::Text);
            writer.write_all(b"x").await.unwrap();
            assert!(unfinished(writer.finish().await));
        }
        // Receiving still works, and so do pings.
        client.send_text("heard").await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("heard"));
        let pinging = async {
            server.ping(b"?").await.unwrap();
            let _ = polled(3, server.recv()).await;
        };
        let (_, received) = tokio::join!(pinging, polled(5, client.recv()));
        assert!(received.is_none(), "the part was taken for the whole");
        let closing = server.close(CloseCode::INTERNAL_ERROR, "cannot go on");
        let (closed, received) = tokio::join!(closing, client.recv());
        closed.unwrap();
        assert!(received.unwrap().is_none());
        assert_eq!(client.close_reason().unwrap().reason, "cannot go on");
    });
}

/// Messages without a limit pass through, and no more of them is held than one read gives.
#[test]
fn sixty_four_mebibytes_pass_through_as_a_stream() {
    const SIZE: u64 = 64 << 20;

    in_virtual_time(async {
        let options = Options::new().max_message_bytes(u64::MAX).max_fragments(u32::MAX);
        let (server, client) = pair_with(options, 256 * 1024).await;
        let echoing = tokio::spawn(async move {
            let (mut reader, mut writer) = server.split();
            while let Some(mut incoming) = reader.next_message().await.unwrap() {
                let mut outgoing = writer.message_writer(incoming.kind());
                tokio::io::copy(&mut incoming, &mut outgoing).await.unwrap();
                outgoing.finish().await.unwrap();
            }
        });
        let (mut reader, mut writer) = client.split();
        let before = crate::memory::held();
        crate::memory::begin_peak();
        let sending = async {
            let mut message = writer.message_writer(MessageKind::Binary);
            let block = pattern(1 << 20);
            for _ in 0..SIZE >> 20 {
                message.write_all(&block).await.unwrap();
            }
            message.finish().await.unwrap();
        };
        let receiving = async {
            let mut message = reader.next_message().await.unwrap().unwrap();
            let expected = pattern(1 << 20);
            let mut block = vec![0; 1 << 20];
            for _ in 0..SIZE >> 20 {
                message.read_exact(&mut block).await.unwrap();
                assert!(block == expected);
            }
            assert_eq!(message.read(&mut block).await.unwrap(), 0);
        };
        tokio::join!(sending, receiving);
        let grown = crate::memory::peak() - before;
        // Three blocks of the test's own.
        assert!(grown < 4 << 20, "{grown} bytes more than before");
        let (closed, end) = tokio::join!(writer.close(CloseCode::NORMAL, ""), reader.recv());
        closed.unwrap();
        assert!(end.unwrap().is_none());
        echoing.await.unwrap();
    });
}
