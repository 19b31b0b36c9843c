//! A connection used as a plain stream of bytes.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy_bidirectional, split};
use websocket_listener::{ByteStream, CloseCode, Error, MessageKind, Options};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{binary, close, continuation, pattern, polled, text};

use crate::deflate;
use crate::support::{
    MemoryPeer, connect, in_real_time, in_virtual_time, listener, pair, pair_with, with_raw_peer,
};

async fn streams() -> (ByteStream<DuplexStream>, ByteStream<DuplexStream>) {
    let (server, client) = pair().await;
    (server.into_byte_stream(), client.into_byte_stream())
}

async fn with_peer() -> (ByteStream<DuplexStream>, MemoryPeer) {
    let (server, peer) = with_raw_peer(Options::new()).await;
    (server.into_byte_stream(), peer)
}

#[test]
fn bytes_arrive_in_order_and_without_the_borders_of_messages() {
    in_virtual_time(async {
        let (mut server, mut client) = streams().await;
        let payload = pattern(300_000);
        let sending = async {
            let mut rest = &payload[..];
            for size in [1, 2, 125, 126, 70_000, 65_536, 65_537].into_iter().cycle() {
                let size = rest.len().min(size);
                client.write_all(&rest[..size]).await.unwrap();
                rest = &rest[size..];
                if rest.is_empty() {
                    break;
                }
            }
            client.shutdown().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, read) = tokio::join!(sending, server.read_to_end(&mut received));
        assert_eq!(read.unwrap(), payload.len());
        assert!(received == payload);
    });
}

/// As on a TCP connection, no flush is needed.
#[test]
fn a_write_leaves_at_once_as_one_binary_message() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_peer().await;
        assert_eq!(server.write(b"hello").await.unwrap(), 5);
        assert_eq!(peer.message().await, (MessageKind::Binary, b"hello".to_vec()));
    });
}

#[test]
fn a_message_holds_at_most_64_kib() {
    in_virtual_time(async {
        let (server, mut client) = pair_with(Options::new(), 1 << 20).await;
        let mut server = server.into_byte_stream();
        server.write_all(&pattern(100_000)).await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().len(), 65_536);
        assert_eq!(client.recv().await.unwrap().unwrap().len(), 100_000 - 65_536);
    });
}

#[test]
fn writing_nothing_sends_nothing() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_peer().await;
        assert_eq!(server.write(b"").await.unwrap(), 0);
        server.write_all(b"something").await.unwrap();
        assert_eq!(peer.message().await, (MessageKind::Binary, b"something".to_vec()));
    });
}

#[test]
fn empty_messages_and_fragments_are_not_the_end() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_peer().await;
        let mut buffer = [0; 10];
        peer.send_frame(binary("")).await;
        peer.send_frame(binary("").fin(false)).await;
        peer.send_frame(continuation("")).await;
        assert!(polled(3, server.read(&mut buffer)).await.is_none());
        peer.send_frame(binary("ab").fin(false)).await;
        peer.send_frame(continuation("")).await;
        assert_eq!(server.read(&mut buffer).await.unwrap(), 2);
    });
}

#[test]
fn the_stream_ends_when_the_peer_closes_normally() {
    for code in [CloseCode::NORMAL, CloseCode::NO_STATUS] {
        in_virtual_time(async {
            let (server, mut client) = pair().await;
            let mut server = server.into_byte_stream();
            let closing = async {
                client.send_binary(b"all").await.unwrap();
                client.close(code, "").await.unwrap();
            };
            let mut received = Vec::new();
            let (_, read) = tokio::join!(closing, server.read_to_end(&mut received));
            read.unwrap();
            assert_eq!(received, b"all");
            assert_eq!(server.read(&mut [0; 5]).await.unwrap(), 0);
            assert_eq!(server.websocket().close_reason().unwrap().code, code);
            server.shutdown().await.unwrap();
            assert!(server.write(b"more").await.is_err());
        });
    }
}

/// The received bytes must not be taken for the whole stream.
#[test]
fn any_other_close_is_an_error() {
    in_virtual_time(async {
        for code in [CloseCode::GOING_AWAY, CloseCode::INTERNAL_ERROR, CloseCode::new(4000)] {
            let (mut server, mut peer) = with_peer().await;
            peer.send_frame(binary("part")).await;
            peer.send_frame(close(code, "broken")).await;
            let mut received = Vec::new();
            let reading = async {
                let first = server.read_to_end(&mut received).await.unwrap_err();
                let second = server.read(&mut [0; 5]).await.unwrap_err();
                (first, second)
            };
            let ((first, second), _) = tokio::join!(reading, async {
                peer.close_frame().await;
                peer.finish().await;
            });
            assert_eq!(first.kind(), ErrorKind::ConnectionAborted);
            assert_eq!(first.to_string(), format!("the peer closed with {code}: broken"));
            assert_eq!(second.kind(), ErrorKind::ConnectionAborted);
            assert_eq!(received, b"part");
        }
    });
}

/// The listener closes with 1001, and the peer, which would have sent more, answers that.
#[test]
fn a_shutdown_of_the_listener_is_not_an_end_of_file() {
    in_real_time(async {
        for answer in [close(CloseCode::GOING_AWAY, ""), close(CloseCode::NORMAL, "").payload("")] {
            let listener = listener().await;
            let mut peer = connect(&listener).await;
            peer.send(request().text()).await;
            peer.upgraded().await;
            let mut server = listener.accept().await.unwrap().into_byte_stream();
            peer.send_frame(binary("part")).await;
            let mut received = [0; 4];
            server.read_exact(&mut received).await.unwrap();
            let answering = async {
                assert_eq!(peer.close_frame().await.0, CloseCode::GOING_AWAY);
                peer.send_frame(answer.clone()).await;
                peer.finish().await;
            };
            let shutdown = listener.shutdown(Duration::from_secs(30));
            let (_, (), read) = tokio::join!(shutdown, answering, server.read(&mut received));
            let error = read.expect_err("the peer's bytes have not come to an end");
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
        }
    });
}

#[test]
fn an_end_without_a_closing_handshake_is_an_error() {
    in_virtual_time(async {
        for inside in [false, true] {
            let (mut server, mut peer) = with_peer().await;
            peer.send_frame(binary("part").fin(!inside)).await;
            drop(peer);
            let mut received = Vec::new();
            let error = server.read_to_end(&mut received).await.unwrap_err();
            assert_eq!(received, b"part");
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            assert!(matches!(error.downcast(), Ok(Error::Disconnected)));
        }
    });
}

/// RFC 6455 section 7.4.1: 1003 for a type of data that an endpoint cannot accept.
#[test]
fn a_text_message_is_refused_with_1003() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_peer().await;
        peer.send_frame(binary("bytes")).await;
        peer.send_frame(text("text")).await;
        let mut received = Vec::new();
        let closing = async {
            assert_eq!(peer.close_frame().await.0, CloseCode::UNSUPPORTED_DATA);
            peer.send_frame(close(CloseCode::UNSUPPORTED_DATA, "")).await;
            peer.finish().await;
        };
        let (error, ()) = tokio::join!(server.read_to_end(&mut received), closing);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(received, b"bytes");
        let again = server.read(&mut [0; 5]).await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::InvalidData);
        assert!(server.write(b"more").await.is_err());
    });
}

#[test]
fn reads_end_after_a_shutdown_and_later_bytes_are_ignored() {
    in_virtual_time(async {
        let (server, mut peer) = with_peer().await;
        let (mut reader, mut writer) = split(server);
        peer.send_frame(binary("begun").fin(false)).await;
        let mut buffer = [0; 10];
        assert_eq!(reader.read(&mut buffer).await.unwrap(), 5);
        let shutdown = tokio::spawn(async move { writer.shutdown().await });
        let rest = tokio::spawn(async move { reader.read(&mut buffer).await });
        assert_eq!(peer.close_frame().await.0, CloseCode::NORMAL);
        peer.send_frame(continuation("ignored")).await;
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        peer.finish().await;
        shutdown.await.unwrap().unwrap();
        assert_eq!(rest.await.unwrap().unwrap(), 0);
    });
}

#[test]
fn two_tasks_use_both_directions_at_once() {
    for compressed in [false, true] {
        in_virtual_time(async move {
            let (server, client) = if compressed {
                let deflate = deflate::support::deflate(true);
                deflate::support::pair_with(deflate, Options::new(), 100).await
            } else {
                pair_with(Options::new(), 100).await
            };
            let payload = pattern(200_000);
            let mut tasks = Vec::new();
            for end in [server, client] {
                let (mut reader, mut writer) = split(end.into_byte_stream());
                let sent = payload.clone();
                tasks.push(tokio::spawn(async move {
                    writer.write_all(&sent).await.unwrap();
                    writer.flush().await.unwrap();
                }));
                let expected = payload.clone();
                tasks.push(tokio::spawn(async move {
                    let mut received = vec![0; expected.len()];
                    reader.read_exact(&mut received).await.unwrap();
                    assert!(received == expected);
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

#[test]
fn a_tunnel_carries_a_conversation_and_its_end() {
    in_virtual_time(async {
        let (mut entry, mut exit) = streams().await;
        let (mut user, mut user_far) = tokio::io::duplex(64);
        let (mut service, mut service_far) = tokio::io::duplex(64);
        let entry =
            tokio::spawn(async move { copy_bidirectional(&mut entry, &mut user_far).await });
        let exit =
            tokio::spawn(async move { copy_bidirectional(&mut exit, &mut service_far).await });
        let question = pattern(10_000);
        let asking = async {
            user.write_all(&question).await.unwrap();
            let mut answer = Vec::new();
            user.read_to_end(&mut answer).await.unwrap();
            drop(user);
            answer
        };
        let answering = async {
            let mut heard = vec![0; question.len()];
            service.read_exact(&mut heard).await.unwrap();
            heard.reverse();
            service.write_all(&heard).await.unwrap();
            service.shutdown().await.unwrap();
            let mut end = Vec::new();
            service.read_to_end(&mut end).await.unwrap();
            heard
        };
        let (answer, heard) = tokio::join!(asking, answering);
        assert!(answer == heard);
        entry.await.unwrap().unwrap();
        exit.await.unwrap().unwrap();
    });
}

#[test]
fn the_messages_are_there_again_after_the_stream() {
    in_virtual_time(async {
        let (server, mut client) = pair().await;
        let mut server = server.into_byte_stream();
        client.send_binary(b"half of it").await.unwrap();
        client.send_text("a message").await.unwrap();
        server.read_exact(&mut [0; 4]).await.unwrap();
        let mut server = server.into_websocket();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("a message"));
    });
}

/// A read that was dropped has taken nothing, a write that was dropped has sent nothing.
#[test]
fn dropped_reads_and_writes_lose_and_repeat_nothing() {
    in_virtual_time(async {
        let (server, client) = pair_with(Options::new().write_queue_bytes(100), 50).await;
        let (mut server, mut client) = (server.into_byte_stream(), client.into_byte_stream());
        let payload = pattern(5_000);
        let sending = async {
            let mut rest = &payload[..];
            while !rest.is_empty() {
                let size = rest.len().min(70);
                match polled(1, client.write(&rest[..size])).await {
                    Some(written) => rest = &rest[written.unwrap()..],
                    None => tokio::task::yield_now().await,
                }
            }
            client.shutdown().await.unwrap();
        };
        let receiving = async {
            let mut received = Vec::new();
            let mut buffer = [0; 33];
            loop {
                match polled(1, server.read(&mut buffer)).await {
                    Some(Ok(0)) => break received,
                    Some(read) => received.extend_from_slice(&buffer[..read.unwrap()]),
                    None => tokio::task::yield_now().await,
                }
            }
        };
        let (_, received) = tokio::join!(sending, receiving);
        assert!(received == payload);
    });
}
