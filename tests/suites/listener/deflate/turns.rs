//! permessage-deflate: while one connection compresses or inflates a great deal, the others of its
//! thread are served.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_listener::{
    CloseCode, Error, Message, MessageKind, Options, PreparedMessage, SlowConsumer,
};
use websocket_listener_core::OpCode;
use websocket_listener_tests::{close, polled};

use crate::deflate::support::{OFFER, deflate, json, pair_with, with_raw_peer};
use crate::support::{Socket, in_virtual_time, pair};

/// Of zeros, which are much work and few bytes to wait for.
const LARGE: usize = 32 << 20;

/// Every 128 KiB the others have their turn, and each end of an echo takes it a few times.
const ECHOES: usize = LARGE / (1 << 20);

/// Both ends of a connection that compresses.
async fn compressing() -> (Socket, Socket) {
    let options = Options::new().max_message_bytes(LARGE as u64);
    pair_with(deflate(true), options, 1 << 20).await
}

/// A server to which a large message has been sent; all of it is there to be read.
async fn with_message() -> (Socket, Socket) {
    let (server, mut client) = compressing().await;
    client.send_binary(&vec![0; LARGE]).await.unwrap();
    (server, client)
}

/// Does this in a task of its own, and has another connection echo in two others until it is done.
async fn others_are_served_during(work: impl Future<Output = ()> + Send + 'static) {
    let (mut server, mut client) = pair().await;
    tokio::spawn(async move {
        while let Ok(Some(message)) = server.recv().await {
            server.send(message).await.unwrap();
        }
    });
    let work = tokio::spawn(work);
    let echoing = tokio::spawn(async move {
        let mut echoes = 0;
        while !work.is_finished() {
            client.send_text("are you there?").await.unwrap();
            client.recv().await.unwrap().unwrap();
            echoes += 1;
        }
        work.await.unwrap();
        echoes
    });
    let echoes = echoing.await.unwrap();
    assert!(echoes >= ECHOES, "{echoes} echoes");
}

#[test]
fn other_tasks_are_served_while_a_message_is_received() {
    in_virtual_time(async {
        let (mut server, _client) = with_message().await;
        others_are_served_during(async move {
            let message = server.recv().await.unwrap().unwrap();
            assert_eq!(message.len(), LARGE);
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_a_message_is_read_as_a_stream() {
    in_virtual_time(async {
        let (mut server, _client) = with_message().await;
        others_are_served_during(async move {
            let mut reader = server.next_message().await.unwrap().unwrap();
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.unwrap();
            assert_eq!(read.len(), LARGE);
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_a_message_is_skipped() {
    in_virtual_time(async {
        let (mut server, mut client) = with_message().await;
        client.send_text("next").await.unwrap();
        others_are_served_during(async move {
            server.next_message().await.unwrap().unwrap();
            assert_eq!(server.recv().await.unwrap(), Some(Message::text("next")));
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_a_message_is_sent() {
    in_virtual_time(async {
        let (mut server, _client) = compressing().await;
        others_are_served_during(async move {
            server.send_binary(&vec![0; LARGE]).await.unwrap();
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_a_message_is_written_as_a_stream() {
    in_virtual_time(async {
        let (mut server, _client) = compressing().await;
        others_are_served_during(async move {
            let mut writer = server.message_writer(MessageKind::Binary);
            writer.write_all(&vec![0; LARGE]).await.unwrap();
            writer.finish().await.unwrap();
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_a_prepared_message_is_sent() {
    in_virtual_time(async {
        let options = Options::new().max_message_bytes(LARGE as u64);
        let (mut server, mut client) = pair_with(deflate(false), options, 1 << 20).await;
        let message = PreparedMessage::new(Message::binary(vec![0; LARGE]));
        others_are_served_during(async move {
            server.send(&message).await.unwrap();
        })
        .await;
        assert_eq!(client.recv().await.unwrap().unwrap().len(), LARGE);
    });
}

#[test]
fn other_tasks_are_served_while_a_close_finishes_a_cancelled_send() {
    in_virtual_time(async {
        let options = Options::new();
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), options, LARGE, OFFER, Some("permessage-deflate")).await;
        assert!(polled(1, server.send_binary(&vec![0; LARGE])).await.is_none());
        tokio::spawn(async move {
            while peer.frame().await.opcode != OpCode::Close as u8 {}
            peer.send_frame(close(CloseCode::NORMAL, "")).await;
            peer.ended().await;
        });
        others_are_served_during(async move {
            server.close(CloseCode::NORMAL, "").await.unwrap();
        })
        .await;
    });
}

#[test]
fn other_tasks_are_served_while_many_small_messages_are_sent_and_received() {
    in_virtual_time(async {
        let (mut server, mut client) = compressing().await;
        let count = LARGE / 1024;
        others_are_served_during(async move {
            for _ in 0..count {
                client.feed(Message::binary(vec![0; 1024])).await.unwrap();
            }
            client.flush().await.unwrap();
            for _ in 0..count {
                assert_eq!(server.recv().await.unwrap().unwrap().len(), 1024);
            }
        })
        .await;
    });
}

/// A message that is not compressed yet does not count against the peer.
#[test]
fn a_peer_that_takes_everything_is_not_given_up_after_a_long_message() {
    in_virtual_time(async {
        for slow_consumer in [SlowConsumer::DropNewest, SlowConsumer::Close] {
            let options = Options::new().slow_consumer(slow_consumer);
            let (mut server, mut client) = pair_with(deflate(true), options, 1 << 20).await;
            let long = Message::text(json(1 << 20, 5));
            for _ in 0..3 {
                server.try_send(long.clone()).unwrap();
                server.try_send("next").unwrap();
            }
            for _ in 0..3 {
                assert!(client.recv().await.unwrap() == Some(long.clone()));
                assert_eq!(client.recv().await.unwrap(), Some(Message::text("next")));
            }
        }
    });
}

#[test]
fn a_peer_that_takes_nothing_is_given_up_after_a_long_message() {
    in_virtual_time(async {
        let (mut server, mut client) = pair_with(deflate(true), Options::new(), 1000).await;
        let long = Message::text(json(1 << 20, 5));
        server.try_send(long.clone()).unwrap();
        for _ in 0..3 {
            assert!(matches!(server.try_send("next"), Err(Error::QueueFull)));
        }
        let queued = server.queued_bytes();
        assert!(queued > 64 * 1024 && queued < 1 << 20, "{queued} bytes, some of them compressed");
        let (flushed, received) = tokio::join!(server.flush(), client.recv());
        flushed.unwrap();
        assert_eq!(server.queued_bytes(), 0);
        assert!(received.unwrap() == Some(long));
        server.try_send("next").unwrap();
        assert_eq!(client.recv().await.unwrap(), Some(Message::text("next")));
    });
}
