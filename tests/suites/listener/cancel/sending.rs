//! Every future that sends, dropped at every place where it can wait: a message leaves whole or not
//! at all, as documented, and what follows is not disturbed.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::time::timeout;
use websocket_listener::{
    CloseCode, Error, Message, MessageKind, Options, Outgoing, PreparedMessage, WebSocket,
};
use websocket_listener_tests::{WireFrame, close, pattern, polled, woken};

use crate::fitful::Fitful;
use crate::support::{MemoryPeer, in_virtual_time, with_raw_peer, with_raw_peer_over};

/// Small ones are copied, large ones not.
const SIZES: [usize; 4] = [0, 100, 16_384, 40_000];

async fn fitful(most: usize) -> (WebSocket<Fitful<DuplexStream>>, MemoryPeer) {
    let (near, far) = tokio::io::duplex(3_000);
    with_raw_peer_over(Options::new(), Fitful::new(far, most), near).await
}

/// Everything up to the end of the stream: data frames put together, control frames as they are.
async fn everything(peer: &mut MemoryPeer) -> (Vec<Vec<u8>>, Vec<WireFrame>) {
    let (mut messages, mut control, mut message) = (Vec::new(), Vec::new(), None);
    while let Some(frame) = peer.frame_or_end().await {
        if frame.opcode >= 8 {
            if frame.opcode == 8 {
                let code = u16::from_be_bytes([frame.payload[0], frame.payload[1]]);
                peer.send_frame(close(CloseCode::new(code), "")).await;
            }
            control.push(frame);
            continue;
        }
        assert_eq!(frame.opcode == 0, message.is_some(), "a message inside another");
        let payload: &mut Vec<u8> = message.get_or_insert_default();
        payload.extend(frame.payload);
        if frame.fin {
            messages.extend(message.take());
        }
    }
    assert!(message.is_none(), "a message without an end");
    (messages, control)
}

/// For each way to send, whole and split: the queue is empty, so the message is queued by the first
/// poll, and leaves once, wherever the future is dropped.
macro_rules! sent_once {
    ($($name:ident: |$socket:ident, $payload:ident| $send:expr;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn a_send_with_room_leaves_once() {
                for size in SIZES {
                    for polls in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 10_000] {
                        in_virtual_time(async {
                            let (socket, peer) = fitful(997).await;
                            let ($socket, peer) = (socket, peer);
                            check_whole($socket, peer, size, polls).await;
                            let (socket, peer) = fitful(997).await;
                            check_half(socket, peer, size, polls).await;
                        });
                    }
                }
            }

            async fn check_whole(
                mut $socket: WebSocket<Fitful<DuplexStream>>,
                mut peer: MemoryPeer,
                size: usize,
                polls: u32,
            ) {
                let bytes = payload(size);
                let sending = async {
                    for _ in 0..2 {
                        let $payload = &bytes[..];
                        let _ = polled(polls, $send).await;
                        $socket.flush().await.unwrap();
                    }
                    $socket.close(CloseCode::NORMAL, "").await.unwrap();
                };
                let (_, (messages, _)) = tokio::join!(sending, everything(&mut peer));
                expect(&messages, &bytes, if polls == 0 { 0 } else { 2 });
            }

            async fn check_half(
                socket: WebSocket<Fitful<DuplexStream>>,
                mut peer: MemoryPeer,
                size: usize,
                polls: u32,
            ) {
                let bytes = payload(size);
                let (mut reader, mut $socket) = socket.split();
                let sending = async {
                    for _ in 0..2 {
                        let $payload = &bytes[..];
                        let _ = polled(polls, $send).await;
                        $socket.flush().await.unwrap();
                    }
                    $socket.close(CloseCode::NORMAL, "").await.unwrap();
                };
                let (_, received, (messages, _)) =
                    tokio::join!(sending, reader.recv(), everything(&mut peer));
                assert!(received.unwrap().is_none());
                expect(&messages, &bytes, if polls == 0 { 0 } else { 2 });
            }

            /// The peer takes nothing and the queue is full: dropped, it was not sent.
            #[test]
            fn a_send_without_room_does_not_leave() {
                for seconds in [0, 5] {
                    in_virtual_time(async {
                        let wait = Duration::from_secs(seconds);
                        let options = Options::new().write_queue_bytes(1);
                        let (mut $socket, mut peer) = with_raw_peer(options).await;
                        let fill = vec![b'f'; 20_000];
                        let filled = polled(1, $socket.send_binary(&fill)).await;
                        assert!(filled.is_none(), "more room than there is");
                        let bytes = payload(100);
                        let $payload = &bytes[..];
                        assert!(polled(1, $send).await.is_none());
                        assert!(timeout(wait, $send).await.is_err());
                        let sending = async {
                            let sent: Result<(), Error> = $send.await;
                            sent.unwrap();
                            $socket.close(CloseCode::NORMAL, "").await.unwrap();
                        };
                        let (_, (messages, _)) = tokio::join!(sending, everything(&mut peer));
                        assert_eq!(messages.len(), 2);
                        assert!(messages[0] == fill && messages[1] == bytes);
                    });
                }
            }
        }
    )*};
}

fn payload(size: usize) -> Vec<u8> {
    pattern(size).into_iter().map(|byte| byte & 0x7f).collect()
}

fn expect(messages: &[Vec<u8>], bytes: &[u8], count: usize) {
    assert_eq!(messages.len(), count);
    assert!(messages.iter().all(|message| message == bytes), "torn");
}

sent_once! {
    send: |socket, payload| socket.send(Message::binary(payload));
    feed: |socket, payload| socket.feed(Message::binary(payload));
    send_text: |socket, payload| socket.send_text(std::str::from_utf8(payload).unwrap());
    send_binary: |socket, payload| socket.send_binary(payload);
    send_as_is: |socket, payload| socket.send(Outgoing::as_is(payload));
    feed_borrowed: |socket, payload| socket.feed(payload);
    send_prepared: |socket, payload|
        socket.send(&PreparedMessage::new(Message::binary(payload)));
    feed_prepared: |socket, payload|
        socket.feed(&PreparedMessage::new(Message::binary(payload)));
}

/// Writes with futures that are dropped after this many polls; one that is dropped has written
/// nothing.
async fn write(writer: &mut (impl AsyncWrite + Unpin), mut bytes: &[u8], polls: u32) {
    while !bytes.is_empty() {
        match polled(polls, writer.write(bytes)).await {
            Some(written) => bytes = &bytes[written.unwrap()..],
            None => woken().await,
        }
    }
}

async fn insist_on_flush(writer: &mut (impl AsyncWrite + Unpin), polls: u32) {
    while polled(polls, writer.flush()).await.is_none() {
        woken().await;
    }
}

async fn insist_on_shutdown(writer: &mut (impl AsyncWrite + Unpin), polls: u32) {
    while polled(polls, writer.shutdown()).await.is_none() {
        woken().await;
    }
}

/// A writer's write, flush and shutdown.
#[test]
fn a_message_writer_writes_every_byte_once() {
    for split in [false, true] {
        for polls in [1, 2, 3, 7, 20] {
            for (pieces, size) in [(5, 10), (3, 16_384), (4, 20_000), (2, 0)] {
                in_virtual_time(async {
                    let (socket, mut peer) = fitful(997).await;
                    let bytes = payload(size);
                    let sending = async {
                        if split {
                            let (mut reader, mut half) = socket.split();
                            let sending = async {
                                for _ in 0..2 {
                                    let mut writer = half.message_writer(MessageKind::Binary);
                                    write_pieces(&mut writer, &bytes, pieces, polls).await;
                                }
                                half.close(CloseCode::NORMAL, "").await.unwrap();
                            };
                            let (_, received) = tokio::join!(sending, reader.recv());
                            assert!(received.unwrap().is_none());
                        } else {
                            let mut socket = socket;
                            for _ in 0..2 {
                                let mut writer = socket.message_writer(MessageKind::Binary);
                                write_pieces(&mut writer, &bytes, pieces, polls).await;
                            }
                            socket.close(CloseCode::NORMAL, "").await.unwrap();
                        }
                    };
                    let (_, (messages, _)) = tokio::join!(sending, everything(&mut peer));
                    expect(&messages, &bytes.repeat(pieces), 2);
                });
            }
        }
    }
}

async fn write_pieces(
    writer: &mut (impl AsyncWrite + Unpin),
    bytes: &[u8],
    pieces: usize,
    polls: u32,
) {
    for piece in 0..pieces {
        write(writer, bytes, polls).await;
        if piece % 2 == 0 {
            insist_on_flush(writer, polls).await;
        }
    }
    insist_on_shutdown(writer, polls).await;
    insist_on_shutdown(writer, polls).await;
}

/// The documented exception: `finish` consumes the writer. Dropped, the message is whole or has no
/// end, in which case no other message follows; but never is a part taken for the whole.
#[test]
fn finish_ends_the_message_or_leaves_no_end_at_all() {
    let (mut ended, mut unended, mut never_begun) = (0, 0, 0);
    for size in [10, 16_384, 50_000] {
        for polls in 0..60 {
            in_virtual_time(async {
                let (near, far) = tokio::io::duplex(3_000);
                let options = Options::new().write_queue_bytes(100);
                let (mut socket, mut peer) =
                    with_raw_peer_over(options, Fitful::new(far, 997), near).await;
                let bytes = payload(size);
                let sending = async {
                    let mut writer = socket.message_writer(MessageKind::Binary);
                    writer.write_all(&bytes).await.unwrap();
                    let finished = polled(polls, writer.finish()).await;
                    let next = socket.send_text("next").await;
                    socket.ping(b"still").await.unwrap();
                    let _ = socket.close(CloseCode::NORMAL, "").await;
                    (finished.is_some(), next.is_ok())
                };
                let hearing = async {
                    let mut frames = Vec::new();
                    while let Some(frame) = peer.frame_or_end().await {
                        if frame.opcode == 8 {
                            peer.send_frame(close(CloseCode::NORMAL, "")).await;
                        }
                        frames.push(frame);
                    }
                    frames
                };
                let ((finished, next), frames) = tokio::join!(sending, hearing);
                let control: Vec<_> = frames.iter().map(|f| f.opcode).filter(|o| *o >= 8).collect();
                assert_eq!(control, [9, 8], "pings and the closing handshake still work");
                let data: Vec<_> = frames.iter().filter(|frame| frame.opcode < 8).collect();
                let ends: Vec<_> = data.iter().filter(|frame| frame.fin).collect();
                let last = data.last().map(|frame| &frame.payload[..]);
                match (ends.len(), next) {
                    (2, true) => {
                        let whole = data[..data.len() - 1].iter();
                        let whole: Vec<u8> = whole.flat_map(|f| f.payload.clone()).collect();
                        assert!(whole == bytes && last == Some(b"next"));
                        ended += 1;
                    }
                    (1, true) => {
                        assert!(!finished && data.len() == 1 && last == Some(b"next"));
                        never_begun += 1;
                    }
                    (0, false) => {
                        assert!(!finished);
                        unended += 1;
                    }
                    other => panic!("{other:?}"),
                }
            });
        }
    }
    assert!(ended > 0 && unended > 0 && never_begun > 0, "{ended} {unended} {never_begun}");
}

#[test]
fn a_ping_leaves_once() {
    for polls in 0..20 {
        in_virtual_time(async {
            let (mut socket, mut peer) = fitful(3).await;
            let sending = async {
                let _ = polled(polls, socket.ping(b"dropped")).await;
                socket.flush().await.unwrap();
                socket.ping(b"second").await.unwrap();
                socket.close(CloseCode::NORMAL, "").await.unwrap();
            };
            let (_, (_, control)) = tokio::join!(sending, everything(&mut peer));
            let pings = control.iter().filter(|frame| frame.opcode == 9);
            let pings: Vec<_> = pings.map(|frame| &frame.payload[..]).collect();
            let expected: &[&[u8]] =
                if polls == 0 { &[b"second"] } else { &[b"dropped", b"second"] };
            assert_eq!(pings, expected);
        });
    }
}

#[test]
fn a_flush_may_be_dropped_anywhere() {
    for polls in 1..40 {
        in_virtual_time(async {
            let (mut socket, mut peer) = fitful(500).await;
            let sending = async {
                for number in 0..5u8 {
                    socket.feed(Message::binary(vec![number; 3000])).await.unwrap();
                }
                while polled(polls, socket.flush()).await.is_none() {
                    woken().await;
                }
                socket.close(CloseCode::NORMAL, "").await.unwrap();
            };
            let (_, (messages, _)) = tokio::join!(sending, everything(&mut peer));
            assert_eq!(messages, [0, 1, 2, 3, 4].map(|number| vec![number; 3000]));
        });
    }
}

/// The Close frame leaves once, after the fed messages, and the next call finishes the handshake.
#[test]
fn a_close_may_be_dropped_anywhere() {
    for split in [false, true] {
        for polls in 0..60 {
            in_virtual_time(async {
                let (mut socket, mut peer) = fitful(7).await;
                let closing = async {
                    socket.feed(Message::text("last words")).await.unwrap();
                    if split {
                        let (mut reader, mut writer) = socket.split();
                        let _ = polled(polls, writer.close(CloseCode::NORMAL, "bye")).await;
                        if polls > 0 {
                            assert!(reader.recv().await.unwrap().is_none());
                        }
                        writer.close(CloseCode::NORMAL, "bye").await.unwrap();
                        return;
                    }
                    let _ = polled(polls, socket.close(CloseCode::NORMAL, "bye")).await;
                    if polls % 2 == 1 {
                        assert!(socket.recv().await.unwrap().is_none());
                    }
                    socket.close(CloseCode::NORMAL, "bye").await.unwrap();
                };
                let (_, (messages, control)) = tokio::join!(closing, everything(&mut peer));
                assert_eq!(messages, [b"last words"]);
                let payloads: Vec<_> = control.iter().map(|frame| &frame.payload[..]).collect();
                assert_eq!(payloads, [b"\x03\xe8bye"]);
            });
        }
    }
}

/// Both ends echo and answer, every future is dropped wherever it waits.
#[test]
fn a_conversation_of_dropped_futures() {
    async fn insisting<S: AsyncRead + AsyncWrite + Unpin>(
        socket: &mut WebSocket<S>,
        message: Message,
    ) {
        socket.flush().await.unwrap();
        let _ = polled(1, socket.send(message)).await;
    }

    in_virtual_time(async {
        let (near, far) = tokio::io::duplex(50);
        let (mut server, mut client) =
            crate::support::over(Options::new(), Fitful::new(far, 33), Fitful::new(near, 29)).await;
        let echoing = async {
            loop {
                let Some(message) = polled(1, server.recv()).await else {
                    woken().await;
                    continue;
                };
                let Some(message) = message.unwrap() else { break };
                insisting(&mut server, message).await;
            }
        };
        let asking = async {
            for number in 0..200usize {
                insisting(&mut client, Message::binary(payload(number))).await;
                loop {
                    let Some(message) = polled(1, client.recv()).await else {
                        woken().await;
                        continue;
                    };
                    assert_eq!(message.unwrap().unwrap().as_bytes(), payload(number));
                    break;
                }
            }
            while polled(1, client.close(CloseCode::NORMAL, "")).await.is_none() {
                woken().await;
            }
        };
        tokio::join!(echoing, asking);
    });
}
