//! Whole messages: received, sent, fed, prepared.

use futures_util::{SinkExt, StreamExt};
use websocket_listener::{
    Error, Message, MessageKind, Options, Payload, PreparedMessage, ProtocolError, Text,
};
use websocket_listener_tests::{pattern, polled};

use crate::support::{in_virtual_time, pair, pair_with, with_raw_peer};

/// Of payloads that are held in place, owned and shared.
const LENGTHS: [usize; 10] = [0, 1, 63, 64, 65, 300, 1023, 1024, 1025, 10_000];

#[test]
fn every_send_method_delivers_its_kind_of_message() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(Options::new(), 1 << 20).await;
        for (one, other) in [(&mut server, &mut client)] {
            one.send_text("héllo").await.unwrap();
            one.send_text("").await.unwrap();
            one.send_binary(b"\0\xff").await.unwrap();
            one.send(Message::text("owned".to_owned())).await.unwrap();
            one.send(Text::from("text")).await.unwrap();
            one.send(Payload::from(vec![1; 100])).await.unwrap();
            one.send_binary(&pattern(100_000)).await.unwrap();
            let mut heard = Vec::new();
            for _ in 0..7 {
                heard.push(other.recv().await.unwrap().unwrap());
            }
            let expected = [
                Message::text("héllo"),
                Message::text(""),
                Message::binary(b"\0\xff"),
                Message::text("owned"),
                Message::text("text"),
                Message::binary(vec![1; 100]),
                Message::binary(pattern(100_000)),
            ];
            assert!(heard == expected);
        }
    });
}

#[test]
fn a_message_tells_its_kind_and_payload() {
    let (text, binary) = (Message::text("tëxt"), Message::binary(b"\x01\xff"));
    assert_eq!((text.kind(), binary.kind()), (MessageKind::Text, MessageKind::Binary));
    assert_eq!((text.as_text(), binary.as_text()), (Some("tëxt"), None));
    assert_eq!((text.as_bytes(), binary.as_bytes()), ("tëxt".as_bytes(), &b"\x01\xff"[..]));
    assert_eq!((text.len(), text.is_empty()), (5, false));
    assert!(Message::text("").is_empty());
    assert_eq!(format!("{text:?} {binary:?}"), r#"Text("tëxt") Binary(b"\x01\xff")"#);
    assert_ne!(Message::text("a"), Message::binary(b"a"));
    assert_eq!(text.clone().into_payload(), *"tëxt".as_bytes());
    for length in LENGTHS {
        let bytes = pattern(length);
        for payload in [Payload::from(&bytes[..]), Payload::from(bytes.clone())] {
            assert_eq!(payload, bytes[..]);
            assert_eq!(bytes::Bytes::from(payload.clone()), bytes);
            assert_eq!(payload.as_ref().len(), length);
        }
        let text = Text::from("x".repeat(length));
        assert_eq!((text.as_str().len(), text.to_string().len()), (length, length));
    }
}

/// The next message reuses what one leaves behind, and this must not show.
#[test]
fn a_payload_is_right_after_any_other_payload() {
    for before in LENGTHS {
        for length in LENGTHS {
            drop(Payload::from(&vec![0xaa; before][..]));
            let bytes = pattern(length);
            assert_eq!(Payload::from(&bytes[..]), bytes[..], "{length} bytes after {before}");
        }
    }
}

/// `feed` queues, and everything queued leaves before `recv` waits.
#[test]
fn fed_messages_leave_before_recv_waits() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        for number in 0..5u8 {
            server.feed(Message::binary(vec![number])).await.unwrap();
        }
        assert!(polled(1, client.recv()).await.is_none(), "feed only queues");
        assert!(polled(1, server.recv()).await.is_none());
        for number in 0..5u8 {
            assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [number]);
        }
        server.feed(Message::text("flushed")).await.unwrap();
        server.flush().await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("flushed"));
    });
}

#[test]
fn the_queued_bytes_are_reported() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(Options::new(), 500).await;
        assert_eq!(server.queued_bytes(), 0);
        server.feed(vec![1; 1_000]).await.unwrap();
        assert_eq!(server.queued_bytes(), 4 + 1_000);
        server.feed(vec![2; 20_000]).await.unwrap();
        assert_eq!(server.queued_bytes(), 4 + 1_000 + 4 + 20_000);
        assert!(polled(1, server.flush()).await.is_none(), "more than the pipe holds");
        assert_eq!(server.queued_bytes(), 4 + 1_000 + 4 + 20_000 - 500);
        let (reader, mut writer) = server.split();
        assert_eq!(reader.queued_bytes(), writer.queued_bytes());
        let (flushed, heard) = tokio::join!(writer.flush(), async {
            client.recv().await.unwrap();
            client.recv().await.unwrap()
        });
        flushed.unwrap();
        assert_eq!(heard.unwrap().len(), 20_000);
        assert_eq!(writer.queued_bytes(), 0);
    });
}

#[test]
fn feed_waits_when_the_queue_is_full() {
    in_virtual_time(async {
        let options = Options::new().write_queue_bytes(10_000);
        let (mut server, mut client) = pair_with(options, 100).await;
        let mut fed = 0;
        while polled(1, server.feed(Message::binary(vec![7; 999]))).await.is_some() {
            fed += 1;
            assert!(fed < 20, "the queue has no bound");
        }
        assert!(fed >= 10, "the queue is smaller than it was said to be");
        let feeding = async {
            for _ in fed..50 {
                server.feed(Message::binary(vec![7; 999])).await.unwrap();
            }
            server.flush().await.unwrap();
        };
        let receiving = async {
            for _ in 0..50 {
                assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [7; 999]);
            }
        };
        tokio::join!(feeding, receiving);
    });
}

#[test]
fn a_prepared_message_is_sent_to_many_and_by_clients() {
    in_virtual_time(async {
        for size in [0, 5, 125, 126, 70_000] {
            let message = Message::binary(pattern(size));
            let prepared = PreparedMessage::new(&message);
            assert_eq!((prepared.kind(), prepared.payload()), (message.kind(), message.as_bytes()));
            for _ in 0..2 {
                let (mut server, mut client) = pair_with(Options::new(), 1 << 20).await;
                server.send_text("before").await.unwrap();
                server.send(&prepared).await.unwrap();
                server.send(&prepared).await.unwrap();
                client.send(&prepared).await.unwrap();
                assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("before"));
                assert!(client.recv().await.unwrap().unwrap() == message);
                assert!(client.recv().await.unwrap().unwrap() == message);
                assert!(server.recv().await.unwrap().unwrap() == message);
            }
        }
        let text = PreparedMessage::new("tëxt");
        let (mut server, mut client) = pair().await;
        server.send(&text).await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("tëxt"));
    });
}

#[test]
fn a_connection_is_a_stream_and_a_sink() {
    in_virtual_time(async {
        let (mut server, client) = pair().await;
        let (mut writer, mut reader) = (client).split();
        let echoing = async {
            while let Some(message) = StreamExt::next(&mut server).await {
                SinkExt::feed(&mut server, message.unwrap()).await.unwrap();
            }
            assert!(StreamExt::next(&mut server).await.is_none());
        };
        let asking = async {
            for number in 0..10u8 {
                SinkExt::send(&mut reader, Message::binary(vec![number])).await.unwrap();
                let echo = writer.next().await.unwrap().unwrap();
                assert_eq!(echo.as_bytes(), [number]);
            }
            let closing = SinkExt::close(&mut reader);
            let (closed, end) = tokio::join!(closing, writer.next());
            closed.unwrap();
            assert!(end.is_none());
        };
        tokio::join!(echoing, asking);
        assert_eq!(server.close_reason().unwrap().code.as_u16(), 1000);
    });
}

/// A task for each direction, with the split of the `futures` crate instead of ours: neither is left
/// asleep because the other was the last to ask.
#[test]
fn stream_and_sink_may_be_used_by_two_tasks() {
    in_virtual_time(async {
        let (server, client) = pair_with(Options::new(), 64).await;
        let start = tokio::time::Instant::now();
        let (mut sending, mut receiving) = (Vec::new(), Vec::new());
        for end in [server, client] {
            let (mut sink, mut stream) = StreamExt::split(end);
            sending.push(tokio::spawn(async move {
                for number in 0..200u8 {
                    sink.send(Message::binary(vec![number; 500])).await.unwrap();
                }
                sink
            }));
            receiving.push(tokio::spawn(async move {
                for number in 0..200u8 {
                    let message = stream.next().await.unwrap().unwrap();
                    assert_eq!(message.as_bytes(), [number; 500]);
                }
                stream
            }));
        }
        // No connection is dropped before all are done.
        let mut done = (Vec::new(), Vec::new());
        for task in sending {
            done.0.push(task.await.unwrap());
        }
        for task in receiving {
            done.1.push(task.await.unwrap());
        }
        assert!(start.elapsed().as_secs() < 1, "a task slept until a deadline woke it");
    });
}

#[test]
fn the_limits_come_from_the_options() {
    in_virtual_time(async {
        use websocket_listener_tests::{continuation, text};

        let options = Options::new().max_message_bytes(10).max_fragments(3);
        let (mut server, mut peer) = with_raw_peer(options).await;
        peer.send_frame(text("0123456789")).await;
        assert_eq!(server.recv().await.unwrap().unwrap().len(), 10);
        for fin in [false, false, false] {
            peer.send_frame(text("").fin(fin)).await;
            peer.send_frame(continuation("").fin(false)).await;
            peer.send_frame(continuation("a")).await;
            assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("a"));
        }
        peer.send_frame(text("01234567890")).await;
        let hearing = async {
            peer.failed(websocket_listener::CloseCode::MESSAGE_TOO_BIG).await;
            drop(peer);
        };
        let (received, ()) = tokio::join!(server.recv(), hearing);
        assert!(matches!(received, Err(Error::Protocol(ProtocolError::MessageTooBig))));
    });
}
