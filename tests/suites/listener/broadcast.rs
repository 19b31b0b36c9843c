//! One message for many connections, and what becomes of it where the peer is slow.

use std::time::Duration;

use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use websocket_listener::{
    Broadcast, CloseCode, Error, Initiator, Message, Options, PreparedMessage, SlowConsumer,
    WebSocket, WebSocketReader, WebSocketWriter, broadcast, ping_all,
};

use crate::memory::held;
use crate::support::{Socket, accept, in_real_time, in_virtual_time, listener, pair_with};

/// The capacity of a slow peer's pipe.
const PIPE: usize = 1024;

fn counts(told: Broadcast) -> (usize, usize, usize) {
    (told.sent, told.dropped, told.closed)
}

fn prepared(text: &str) -> PreparedMessage {
    PreparedMessage::new(text)
}

fn numbered(number: usize) -> PreparedMessage {
    prepared(&format!("{number:0>200}"))
}

/// Receives in a task of its own, as a connection requires.
fn receiving(mut reader: WebSocketReader<DuplexStream>) {
    tokio::spawn(async move { while let Ok(Some(_)) = reader.recv().await {} });
}

/// A server's writer and the client, over a pipe that is soon full.
async fn slow_pair(policy: SlowConsumer) -> (WebSocketWriter<DuplexStream>, Socket) {
    let options = Options::new().write_queue_bytes(1000).slow_consumer(policy);
    let (server, client) = pair_with(options, PIPE).await;
    let (reader, writer) = server.split();
    receiving(reader);
    (writer, client)
}

async fn hear(
    client: &mut WebSocket<impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>,
) -> usize {
    let message = client.recv().await.unwrap().unwrap();
    message.as_text().unwrap().parse().unwrap()
}

/// More than Tokio lets a task write before it has to wait, and no reader is polled to write the
/// rest.
#[test]
fn a_broadcast_leaves_for_hundreds_at_once_without_a_receive() {
    in_real_time(async {
        const GUESTS: usize = 400;
        let listener = listener().await;
        let (mut readers, mut writers, mut clients) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..GUESTS {
            let (server, client) = accept(&listener).await;
            let (reader, writer) = server.split();
            readers.push(reader);
            writers.push(writer);
            clients.push(client);
        }
        let told = broadcast(&prepared("hello, all"), &mut writers);
        assert_eq!(counts(told), (GUESTS, 0, 0));
        for client in &mut clients {
            assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("hello, all"));
        }
        assert_eq!(listener.counters().messages_sent, GUESTS as u64);
    });
}

/// In the manual mode one place pings all, and each learns its latency where it receives.
#[test]
fn hundreds_are_pinged_at_once_and_each_learns_its_latency() {
    in_real_time(async {
        const GUESTS: usize = 300;
        let listener = listener().await;
        let (mut writers, mut clients) = (Vec::new(), Vec::new());
        for _ in 0..GUESTS {
            let (server, mut client) = accept(&listener).await;
            let (mut reader, writer) = server.split();
            tokio::spawn(async move { while let Ok(Some(_)) = reader.recv().await {} });
            clients.push(tokio::spawn(async move { client.recv().await }));
            writers.push(writer);
        }
        assert_eq!(ping_all(&[0; 126], &mut writers), 0, "too long a payload");
        assert!(writers.iter().all(|writer| writer.latency().is_none()));
        assert_eq!(ping_all(b"all there?", &mut writers), GUESTS);
        while writers.iter().any(|writer| writer.latency().is_none()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        writers[0].close(CloseCode::NORMAL, "").await.unwrap();
        assert_eq!(ping_all(b"still there?", &mut writers), GUESTS - 1);
    });
}

/// It is in memory once, even if many peers are too slow to take it at once.
#[test]
fn the_bytes_of_a_large_message_are_shared_by_all() {
    in_virtual_time(async {
        const GUESTS: usize = 50;
        const BYTES: usize = 256 * 1024;
        let (mut writers, mut clients) = (Vec::new(), Vec::new());
        for _ in 0..GUESTS {
            let (server, client) = pair_with(Options::new(), PIPE).await;
            let (reader, writer) = server.split();
            receiving(reader);
            writers.push(writer);
            clients.push(client);
        }
        let message = PreparedMessage::new(Message::binary(vec![7; BYTES]));
        let before = held();
        assert_eq!(counts(broadcast(&message, &mut writers)), (GUESTS, 0, 0));
        drop(message);
        let grown = held() - before;
        assert!(grown < BYTES as isize, "{grown} bytes for {GUESTS} times {BYTES}");
        for client in &mut clients {
            assert_eq!(client.recv().await.unwrap().unwrap().as_bytes(), [7; BYTES]);
        }
    });
}

#[test]
fn a_slow_connection_misses_the_newest_message_and_delays_no_other() {
    in_virtual_time(async {
        let (slow, mut late) = slow_pair(SlowConsumer::DropNewest).await;
        let (quick, mut keen) = slow_pair(SlowConsumer::DropNewest).await;
        let mut writers = [slow, quick];
        let mut dropped = 0;
        for number in 0..100 {
            let told = broadcast(&numbered(number), &mut writers);
            assert_eq!((told.sent + told.dropped, told.closed), (2, 0));
            dropped += told.dropped;
            assert_eq!(hear(&mut keen).await, number);
        }
        // Its pipe, its queue and one message above it are full.
        let taken = 100 - dropped;
        assert!(
            (PIPE / 204 + 1000 / 204..=PIPE / 204 + 1000 / 204 + 2).contains(&taken),
            "{taken}"
        );
        for number in 0..taken {
            assert_eq!(hear(&mut late).await, number, "whole, and in order");
        }
        // It has caught up.
        assert_eq!(counts(broadcast(&numbered(100), &mut writers)), (2, 0, 0));
        assert_eq!(hear(&mut late).await, 100);
    });
}

#[test]
fn a_slow_connection_is_closed_with_1013_where_no_message_may_be_missing() {
    in_virtual_time(async {
        let (writer, mut client) = slow_pair(SlowConsumer::Close).await;
        let mut writers = vec![writer];
        let mut taken = 0;
        while counts(broadcast(&numbered(taken), &mut writers)) == (1, 0, 0) {
            taken += 1;
        }
        assert!(writers[0].is_closed());
        assert_eq!(counts(broadcast(&numbered(taken), &mut writers)), (0, 0, 1));
        for number in 0..taken {
            assert_eq!(hear(&mut client).await, number);
        }
        assert_eq!(client.recv().await.unwrap(), None);
        let reason = client.close_reason().unwrap();
        assert_eq!((reason.code, reason.initiator), (CloseCode::TRY_AGAIN_LATER, Initiator::Peer));
        assert_eq!(reason.reason.as_str(), "too slow");
    });
}

#[test]
fn a_waiting_send_waits_under_every_policy() {
    in_virtual_time(async {
        for policy in [SlowConsumer::DropNewest, SlowConsumer::Close] {
            let (mut writer, mut client) = slow_pair(policy).await;
            let sending = async {
                for number in 0..100 {
                    writer.send(&numbered(number)).await.unwrap();
                }
            };
            let hearing = async {
                for number in 0..100 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    assert_eq!(hear(&mut client).await, number);
                }
            };
            tokio::join!(sending, hearing);
        }
    });
}

#[test]
fn try_send_distinguishes_a_full_queue_from_a_closed_connection() {
    in_virtual_time(async {
        let options = Options::new().write_queue_bytes(1000);
        let (mut server, mut client) = pair_with(options, PIPE).await;
        let mut taken = 0;
        let refused = loop {
            match server.try_send(numbered(taken).payload().to_vec()) {
                Ok(()) => taken += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, Error::QueueFull), "{refused}");
        assert!(taken > PIPE / 204 && !server.is_closed());
        let hearing = async {
            for _ in 0..taken {
                client.recv().await.unwrap().unwrap();
            }
            client.close(CloseCode::NORMAL, "").await.unwrap();
        };
        let (ended, ()) = tokio::join!(server.recv(), hearing);
        assert_eq!(ended.unwrap(), None);
        assert!(server.is_closed());
        assert!(matches!(server.try_send("more"), Err(Error::Closed)));
    });
}

/// Also of those that are queued small and then large: shared bytes and copied ones keep their order.
#[test]
fn messages_of_all_lengths_keep_their_order() {
    in_virtual_time(async {
        let options = Options::new().write_queue_bytes(1 << 20);
        let (server, mut client) = pair_with(options, 700).await;
        let (reader, mut writer) = server.split();
        receiving(reader);
        let lengths: Vec<usize> =
            (0..60).map(|n| [1, 16_384, 300, 0, 70_000, 16_370, 5][n % 7] + n).collect();
        let sending = async {
            for (number, &length) in lengths.iter().enumerate() {
                let message = Message::binary(vec![number as u8; length]);
                let prepared = PreparedMessage::new(&message);
                match number % 3 {
                    0 => {
                        while let Err(error) = writer.try_send(&prepared) {
                            assert!(matches!(error, Error::QueueFull), "{error}");
                            writer.flush().await.unwrap();
                        }
                    }
                    1 => writer.feed(message).await.unwrap(),
                    _ => writer.feed(Message::binary(vec![number as u8; length])).await.unwrap(),
                }
                if number % 8 == 0 {
                    writer.ping(b"in between").await.unwrap();
                }
            }
            writer.flush().await.unwrap();
        };
        let hearing = async {
            for (number, &length) in lengths.iter().enumerate() {
                let message = client.recv().await.unwrap().unwrap();
                assert_eq!(message.as_bytes().len(), length, "message {number}");
                assert!(message.as_bytes().iter().all(|&byte| byte == number as u8));
            }
        };
        tokio::join!(sending, hearing);
    });
}

#[test]
fn ended_connections_are_counted_and_can_be_found() {
    in_real_time(async {
        let listener = listener().await;
        let mut writers = Vec::new();
        let mut clients: Vec<WebSocket<TcpStream>> = Vec::new();
        for _ in 0..3 {
            let (server, client) = accept(&listener).await;
            let (mut reader, writer) = server.split();
            tokio::spawn(async move { while let Ok(Some(_)) = reader.recv().await {} });
            writers.push(writer);
            clients.push(client);
        }
        clients.remove(1).close(CloseCode::NORMAL, "").await.unwrap();
        assert_eq!(counts(broadcast(&prepared("who is there?"), &mut writers)), (2, 0, 1));
        writers.retain(|writer| !writer.is_closed());
        assert_eq!(writers.len(), 2);
    });
}

#[test]
fn dropped_messages_are_counted() {
    in_real_time(async {
        let listener = listener().await;
        let (server, _client) = accept(&listener).await;
        let (mut reader, mut writer) = server.split();
        tokio::spawn(async move { while let Ok(Some(_)) = reader.recv().await {} });
        let message = PreparedMessage::new(Message::binary(vec![0; 100_000]));
        let mut told = Broadcast::default();
        while told.dropped == 0 {
            told = broadcast(&message, [&mut writer]);
        }
        assert_eq!(listener.counters().messages_dropped, 1);
    });
}
