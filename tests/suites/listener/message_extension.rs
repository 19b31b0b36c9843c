//! A message extension of a user's: negotiated, its bits owned, messages through it in both
//! directions (RFC 6455 sections 5.2, 5.8 and 9).

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use websocket_listener::client::{Client, ConnectError};
use websocket_listener::{
    CloseCode, Error, Message, MessageKind, Options, Outgoing, PreparedMessage, ProtocolError,
    WebSocketListener,
};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::request::request;
use websocket_listener_tests::{binary, continuation, pattern, ping, polled, text};

use crate::fitful::Fitful;
use crate::runs::Runs;
use crate::support::{MemoryPeer, Socket, in_virtual_time};
use crate::targets::Raw;

const RSV1: u8 = 0b100;
const RSV2: u8 = 0b010;

async fn pair_with(options: Options, capacity: usize) -> (Socket, Socket) {
    let (near, far) = tokio::io::duplex(capacity);
    let builder =
        WebSocketListener::builder().options(options).message_extension(Runs { at_least: 4 });
    let client = Client::new().options(options).message_extension(Runs { at_least: 4 });
    let (server, client) =
        tokio::join!(builder.acceptor().accept(far), client.connect_over(near, "ws://localhost/"));
    (server.unwrap(), client.unwrap())
}

/// A server over whatever stream that has the extension, and a peer of raw bytes that offers it.
async fn with_raw_peer(
    options: Options,
    most: usize,
) -> (websocket_listener::WebSocket<Fitful<DuplexStream>>, MemoryPeer) {
    let (near, far) = tokio::io::duplex(1 << 20);
    let builder =
        WebSocketListener::builder().options(options).message_extension(Runs { at_least: 4 });
    let mut peer = Peer::new(Raw(near)).taking(RSV2);
    let asking = async {
        peer.send(request().and("Sec-WebSocket-Extensions", "x-other, x-runs").text()).await;
        let response = peer.upgraded().await;
        assert_eq!(response.header("Sec-WebSocket-Extensions"), Some("x-runs"));
    };
    let (server, ()) = tokio::join!(builder.acceptor().accept(Fitful::new(far, most)), asking);
    (server.unwrap(), peer)
}

/// As the extension encodes it.
fn runs(bytes: &[u8]) -> Vec<u8> {
    bytes
        .chunk_by(|a, b| a == b)
        .flat_map(|run| run.chunks(256))
        .flat_map(|run| [run[0], (run.len() - 1) as u8])
        .collect()
}

#[test]
fn messages_of_every_size_pass_through_the_extension_in_both_directions() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(Options::new(), 1000).await;
        let long_runs: Vec<u8> = (0..700_000).map(|at| (at / 500) as u8).collect();
        let sent = [
            Message::text(""),
            Message::text("abc"),
            Message::text("äöü".repeat(1000)),
            Message::binary(vec![7; 1 << 20]),
            Message::binary(pattern(200_000)),
            Message::binary(long_runs),
            Message::text("the end"),
        ];
        for _ in 0..2 {
            for message in &sent {
                let (one, other) = (&mut server, &mut client);
                let (done, received) = tokio::join!(one.send(message.clone()), other.recv());
                done.unwrap();
                assert!(received.unwrap().as_ref() == Some(message));
                let (done, received) = tokio::join!(other.send(message.clone()), one.recv());
                done.unwrap();
                assert!(received.unwrap().as_ref() == Some(message));
            }
        }
    });
}

#[test]
fn only_encoded_messages_carry_the_bit_of_the_extension() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new(), 10_000).await;
        server.send_text("aaaa").await.unwrap();
        server.send_text("aaa").await.unwrap();
        server.send(Outgoing::as_is("aaaa")).await.unwrap();
        let mut writer = server.message_writer(MessageKind::Text);
        writer.write_all(b"bbb").await.unwrap();
        writer.flush().await.unwrap();
        writer.write_all(b"c").await.unwrap();
        writer.finish().await.unwrap();
        let mut writer = server.message_writer(MessageKind::Binary).as_is();
        writer.write_all(b"bbbbbbb").await.unwrap();
        writer.finish().await.unwrap();
        for (rsv, fin, payload) in [
            (RSV2, true, &b"a\x03"[..]),
            (0, true, b"aaa"),
            (0, true, b"aaaa"),
            (RSV2, false, b"b\x02"),
            (0, true, b"c\x00"),
            (0, true, b"bbbbbbb"),
        ] {
            let frame = peer.frame().await;
            assert_eq!((frame.rsv, frame.fin, &frame.payload[..]), (rsv, fin, payload));
        }
    });
}

/// Section 5.4: control frames stand between fragments; they are none of the extension's business.
#[test]
fn control_frames_between_fragments_are_not_touched() {
    in_virtual_time(async {
        for most in [1, 3, 1000] {
            let (mut server, mut peer) = with_raw_peer(Options::new(), most).await;
            let coded = runs("xxxxxyz".as_bytes());
            peer.send_frame(text(&coded[..3]).rsv(RSV2).fin(false)).await;
            peer.send_frame(ping("aaaa")).await;
            peer.send_frame(continuation("").fin(false)).await;
            peer.send_frame(continuation(&coded[3..])).await;
            peer.send_frame(text("plain")).await;
            assert_eq!(server.recv().await.unwrap(), Some(Message::text("xxxxxyz")));
            assert_eq!(server.recv().await.unwrap(), Some(Message::text("plain")));
            server.flush().await.unwrap();
            let pong = peer.frame().await;
            assert_eq!((pong.opcode, &pong.payload[..]), (10, &b"aaaa"[..]));
        }
    });
}

/// Section 5.2: bits that the extension does not own, or where they must not be.
#[test]
fn the_bit_of_the_extension_elsewhere_and_other_bits_are_refused() {
    in_virtual_time(async {
        for frames in [
            vec![text("x\0").rsv(RSV1)],
            vec![text("x\0").rsv(RSV1 | RSV2)],
            vec![ping("").rsv(RSV2)],
            vec![text("x\0").rsv(RSV2).fin(false), continuation("x\0").rsv(RSV2)],
        ] {
            let (mut server, mut peer) = with_raw_peer(Options::new(), 1000).await;
            let serving = async {
                let error = server.recv().await.unwrap_err();
                assert!(matches!(error, Error::Protocol(ProtocolError::ReservedBits)), "{error}");
            };
            let refused = async {
                for frame in frames {
                    peer.send_frame(frame).await;
                }
                peer.failed(CloseCode::PROTOCOL_ERROR).await;
            };
            tokio::join!(serving, refused);
        }
    });
}

#[test]
fn a_message_that_cannot_be_decoded_fails_the_connection_with_1007() {
    refused_by_all(b"abc", MessageKind::Text, ProtocolError::InvalidExtensionData, 1007);
}

/// Section 8.1, of what the extension has made of it.
#[test]
fn text_is_checked_after_decoding() {
    refused_by_all(&runs(b"a\xff"), MessageKind::Text, ProtocolError::InvalidUtf8, 1007);
    refused_by_all(&runs(b"ab\xe2\x82"), MessageKind::Text, ProtocolError::InvalidUtf8, 1007);
}

/// 2 KiB that become 256 KiB: refused at the limit, not after it.
#[test]
fn the_limit_counts_decoded_bytes() {
    let bomb = runs(&vec![0; 1 << 18]);
    refused_by_all(&bomb, MessageKind::Binary, ProtocolError::MessageTooBig, 1009);
}

fn refused_by_all(payload: &[u8], kind: MessageKind, expected: ProtocolError, code: u16) {
    in_virtual_time(async {
        let options = Options::new().max_message_bytes(1000);
        for streaming in [false, true] {
            for most in [1, 2, 1000] {
                let (mut server, mut peer) = with_raw_peer(options, most).await;
                let frame = if kind == MessageKind::Text { text(payload) } else { binary(payload) };
                let serving = async {
                    if streaming {
                        let mut reader = match server.next_message().await {
                            Ok(reader) => reader.unwrap(),
                            Err(error) => return error,
                        };
                        let mut read = 0;
                        loop {
                            match reader.chunk().await {
                                Ok(chunk) => read += chunk.expect("refused before its end").len(),
                                Err(error) => break error,
                            }
                            assert!(read <= 1000, "{read} bytes of more than are allowed");
                        }
                    } else {
                        server.recv().await.unwrap_err()
                    }
                };
                let refused = async {
                    peer.send_frame(frame.rsv(RSV2)).await;
                    peer.failed(CloseCode::new(code)).await;
                };
                let (error, ()) = tokio::join!(serving, refused);
                if !streaming {
                    assert!(
                        matches!(&error, Error::Protocol(error) if *error == expected),
                        "{error}"
                    );
                }
                let later = server.recv().await.unwrap_err();
                assert!(matches!(later, Error::Protocol(error) if error == expected), "{later}");
            }
        }
    });
}

/// Encoded bytes are not what the limit is about: they may be more than the message.
#[test]
fn a_message_of_just_the_limit_is_taken_though_longer_when_encoded() {
    in_virtual_time(async {
        let (mut server, mut client) =
            pair_with(Options::new().max_message_bytes(5000), 1 << 16).await;
        let message = Message::binary(pattern(5000));
        client.send(message.clone()).await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(message));
    });
}

#[test]
fn messages_are_streamed_through_the_extension_in_little_memory() {
    in_virtual_time(async {
        let (mut server, mut client) =
            pair_with(Options::new().max_message_bytes(u64::MAX), 1 << 16).await;
        let part: Vec<u8> = (0..50_000).map(|at| (at / 9000) as u8).collect();
        let writing = async {
            let mut writer = client.message_writer(MessageKind::Binary);
            for _ in 0..100 {
                writer.write_all(&part).await.unwrap();
            }
            writer.finish().await.unwrap();
        };
        let reading = async {
            let mut reader = server.next_message().await.unwrap().unwrap();
            let mut read = vec![0; 50_000];
            for _ in 0..100 {
                reader.read_exact(&mut read).await.unwrap();
                assert!(read == part);
            }
            assert_eq!(reader.read(&mut read).await.unwrap(), 0);
        };
        tokio::join!(writing, reading);
    });
}

/// The rest of a message whose reader was dropped goes through the codec, too: its state goes on.
#[test]
fn a_message_may_be_skipped_anywhere() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new(), 7).await;
        for length in [0, 1, 5, 100, 1000, 200_000] {
            peer.send_frame(binary(runs(&vec![1; length])).rsv(RSV2)).await;
        }
        peer.send_frame(text("x\x09").rsv(RSV2)).await;
        for _ in 0..6 {
            let mut reader = server.next_message().await.unwrap().unwrap();
            let _ = reader.read_u8().await;
        }
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("xxxxxxxxxx")));
    });
}

/// A `recv` that is dropped leaves its part to the next, or to a stream.
#[test]
fn receiving_can_be_cancelled_at_every_place() {
    in_virtual_time(async {
        let payload: Vec<u8> = (0..60_000u32).map(|at| (at / 300) as u8).collect();
        for most in [1, 3, 64] {
            let (mut server, mut peer) = with_raw_peer(Options::new(), most).await;
            let coded = runs(&payload);
            let (start, end) = coded.split_at(coded.len() / 2);
            for _ in 0..2 {
                peer.send_frame(binary(start).rsv(RSV2).fin(false)).await;
                peer.send_frame(continuation(end)).await;
            }
            let received = loop {
                if let Some(received) = polled(1, server.recv()).await {
                    break received.unwrap().unwrap();
                }
                tokio::task::yield_now().await;
            };
            assert!(received.as_bytes() == payload);
            for _ in 0..10 {
                assert!(polled(1, server.recv()).await.is_none());
                tokio::task::yield_now().await;
            }
            let mut reader = server.next_message().await.unwrap().unwrap();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert!(read == payload);
        }
    });
}

/// A message that takes several turns to encode is whole, whatever is cancelled and whatever follows.
#[test]
fn sending_can_be_cancelled_at_every_place() {
    in_virtual_time(async {
        let payload = pattern(1 << 19);
        for polls in 1..40 {
            let (mut server, mut client) = pair_with(Options::new(), 1 << 14).await;
            let sending = async {
                let _ = polled(polls, client.send(Message::binary(payload.clone()))).await;
                client.ping(b"between").await.unwrap();
                client.send_text("behind").await.unwrap();
                client.close(CloseCode::NORMAL, "").await.unwrap();
            };
            let receiving = async {
                let first = server.recv().await.unwrap().unwrap();
                assert!(first.as_bytes() == payload, "after {polls} polls");
                assert_eq!(server.recv().await.unwrap(), Some(Message::text("behind")));
                assert_eq!(server.recv().await.unwrap(), None);
            };
            tokio::join!(sending, receiving);
        }
    });
}

/// Fed messages leave before the Close frame, even if they take long to encode.
#[test]
fn a_long_message_is_not_cut_by_a_close() {
    in_virtual_time(async {
        let payload = pattern(1 << 20);
        let (mut server, mut client) = pair_with(Options::new(), 1 << 14).await;
        client.feed(Message::binary(payload.clone())).await.unwrap();
        let receiving = async {
            assert!(server.recv().await.unwrap().unwrap().as_bytes() == payload);
            assert_eq!(server.recv().await.unwrap(), None);
        };
        let (closed, ()) = tokio::join!(client.close(CloseCode::NORMAL, ""), receiving);
        closed.unwrap();
    });
}

/// Long work leaves other tasks their turn, while a message is decoded and while one is encoded.
#[test]
fn other_tasks_of_the_thread_have_their_turn_amid_long_work() {
    in_virtual_time(async {
        let options = Options::new().max_message_bytes(1 << 26);
        let (mut server, mut client) = pair_with(options, 1 << 26).await;
        let payload = vec![1; 1 << 24];
        let turns = std::rc::Rc::new(std::cell::Cell::new(0));
        let local = tokio::task::LocalSet::new();
        let counted = turns.clone();
        local.spawn_local(async move {
            loop {
                counted.set(counted.get() + 1);
                tokio::task::yield_now().await;
            }
        });
        local
            .run_until(async {
                client.send(Message::binary(payload)).await.unwrap();
                let after_sending = turns.get();
                assert!(after_sending > 100, "{after_sending} turns");
                assert_eq!(server.recv().await.unwrap().unwrap().len(), 1 << 24);
                assert!(turns.get() - after_sending > 100, "{} turns", turns.get());
            })
            .await;
    });
}

#[test]
fn a_prepared_message_is_encoded_once_for_all() {
    in_virtual_time(async {
        let message = PreparedMessage::new("zzzzzzzz");
        let short = PreparedMessage::new("zzz");
        for _ in 0..3 {
            let (mut server, mut peer) = with_raw_peer(Options::new(), 1000).await;
            server.send(&message).await.unwrap();
            server.send(&short).await.unwrap();
            let frame = peer.frame().await;
            assert_eq!((frame.rsv, &frame.payload[..]), (RSV2, &b"z\x07"[..]));
            let frame = peer.frame().await;
            assert_eq!((frame.rsv, &frame.payload[..]), (0, &b"zzz"[..]));
        }
        let (mut server, mut client) = pair_with(Options::new(), 1000).await;
        client.send(&message).await.unwrap();
        assert_eq!(server.recv().await.unwrap(), Some(Message::text("zzzzzzzz")));
    });
}

#[test]
fn every_form_of_message_can_bypass_the_extension_in_every_way() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(Options::new(), 1000).await;
        let prepared = PreparedMessage::new("zzzzzzzz");
        for form in [0, 1, 2] {
            let as_is = || match form {
                0 => Outgoing::as_is("zzzzzzzz"),
                1 => Outgoing::as_is(Message::text("zzzzzzzz")),
                _ => Outgoing::as_is(&prepared),
            };
            server.send(as_is()).await.unwrap();
            server.try_send(as_is()).unwrap();
            server.feed(as_is()).await.unwrap();
            server.flush().await.unwrap();
            for _ in 0..3 {
                let frame = peer.frame().await;
                assert_eq!((frame.rsv, &frame.payload[..]), (0, &b"zzzzzzzz"[..]));
            }
        }
    });
}

#[test]
fn ends_without_a_common_extension_use_none() {
    in_virtual_time(async {
        for offered in ["x-run", "x-runs; parameter", "x-runs=1"] {
            let (near, far) = tokio::io::duplex(1000);
            let builder = WebSocketListener::builder().message_extension(Runs { at_least: 0 });
            let mut peer = Peer::new(Raw(near));
            let asking = async {
                peer.send(request().and("Sec-WebSocket-Extensions", offered).text()).await;
                if offered == "x-runs=1" {
                    peer.refused(400).await;
                } else {
                    let response = peer.upgraded().await;
                    assert_eq!(response.header("Sec-WebSocket-Extensions"), None);
                }
            };
            let (server, ()) = tokio::join!(builder.acceptor().accept(far), asking);
            let Ok(mut server) = server else { continue };
            server.send_text("aaaa").await.unwrap();
            let frame = peer.frame().await;
            assert_eq!((frame.rsv, &frame.payload[..]), (0, &b"aaaa"[..]));
        }
    });
}

/// Section 4.1: a client fails the connection if the answer is none to its offer.
#[test]
fn a_client_refuses_an_extension_that_it_did_not_offer() {
    in_virtual_time(async {
        for (answer, good) in [
            ("x-runs", true),
            ("x-runs; a", false),
            ("x-other", false),
            ("x-runs, x-runs", false),
            ("", true),
        ] {
            let (near, mut far) = tokio::io::duplex(4096);
            let client = Client::new().message_extension(Runs { at_least: 0 });
            let answering = async {
                let mut head = vec![0; 4096];
                let length = far.read(&mut head).await.unwrap();
                let head = std::str::from_utf8(&head[..length]).unwrap();
                assert!(head.contains("Sec-WebSocket-Extensions: x-runs\r\n"), "{head}");
                let response = accepting(head, answer);
                far.write_all(response.as_bytes()).await.unwrap();
            };
            let (connected, ()) =
                tokio::join!(client.connect_over(near, "ws://localhost/"), answering);
            match connected {
                Ok(_) => assert!(good, "{answer}"),
                Err(ConnectError::Refused { .. }) => assert!(!good, "{answer}"),
                Err(error) => panic!("{answer}: {error}"),
            }
        }
    });
}

/// The answer to a client's request, with these extensions.
fn accepting(head: &str, extensions: &str) -> String {
    use websocket_listener::engine::handshake::{Accept, Request};

    let upgrade = Request::parse(head.as_bytes()).unwrap().upgrade().unwrap();
    let mut out = [0; 1000];
    let accept = Accept::new(&upgrade);
    let accept = if extensions.is_empty() { accept } else { accept.extensions(extensions) };
    let length = accept.write(&mut out).unwrap();
    String::from_utf8(out[..length].to_vec()).unwrap()
}
