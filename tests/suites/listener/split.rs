//! One connection for two tasks.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{sleep, timeout};
use websocket_listener::{
    CloseCode, Error, Message, MessageKind, Options, PreparedMessage, WebSocketReader,
    WebSocketWriter,
};
use websocket_listener_tests::{Side, binary, close, continuation, ping, text};

use crate::support::{in_real_time, in_virtual_time, pair, pair_with, with_raw_peer};

type Reader = WebSocketReader<DuplexStream>;
type Writer = WebSocketWriter<DuplexStream>;

async fn send_all(writer: &mut Writer, count: u8, size: usize) {
    for number in 0..count {
        match number % 4 {
            0 => writer.send_binary(&vec![number; size]).await.unwrap(),
            1 => writer.feed(Message::binary(vec![number; size])).await.unwrap(),
            2 => {
                let message = Message::binary(vec![number; size]);
                writer.send(&PreparedMessage::new(&message)).await.unwrap();
            }
            _ => {
                let mut message = writer.message_writer(MessageKind::Binary);
                message.write_all(&vec![number; size]).await.unwrap();
                message.finish().await.unwrap();
            }
        }
    }
    writer.flush().await.unwrap();
}

async fn receive_all(reader: &mut Reader, count: u8, size: usize) {
    for number in 0..count {
        if number % 3 == 0 {
            let mut message = reader.next_message().await.unwrap().unwrap();
            let mut bytes = Vec::new();
            message.read_to_end(&mut bytes).await.unwrap();
            assert_eq!((bytes.len(), bytes.first()), (size, Some(&number)));
        } else {
            let message = reader.recv().await.unwrap().unwrap();
            assert_eq!((message.len(), message.as_bytes()[0]), (size, number));
        }
    }
}

/// Both directions are full, in both tasks of both ends: no task waits forever.
#[test]
fn full_duplex_under_pressure_does_not_deadlock() {
    for size in [10, 1_000, 40_000] {
        in_virtual_time(async {
            let options = Options::new().write_queue_bytes(500);
            let (server, client) = pair_with(options, 50).await;
            let mut tasks = Vec::new();
            for end in [server, client] {
                let (mut reader, mut writer) = end.split();
                let sending = tokio::spawn(async move {
                    send_all(&mut writer, 100, size).await;
                    writer
                });
                let receiving = tokio::spawn(async move {
                    receive_all(&mut reader, 100, size).await;
                    reader
                });
                tasks.push((sending, receiving));
            }
            let mut ends = Vec::new();
            let start = tokio::time::Instant::now();
            for (sending, receiving) in tasks {
                ends.push((sending.await.unwrap(), receiving.await.unwrap()));
            }
            assert!(start.elapsed() < Duration::from_secs(1), "a deadline had to wake a task");
        });
    }
}

/// The same on several threads, over real sockets: more than fits into them.
#[test]
fn full_duplex_over_tcp_on_several_threads() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let test = async {
        let listener = crate::support::listener().await;
        let (server, client) = crate::support::accept(&listener).await;
        let (mut server_reader, mut server_writer) = server.split();
        let (mut reader, mut writer) = client.split();
        let echoing = tokio::spawn(async move {
            while let Some(message) = server_reader.recv().await.unwrap() {
                server_writer.send(message).await.unwrap();
            }
        });
        let sending = tokio::spawn(async move {
            for number in 0..1_000usize {
                writer.send_binary(&vec![number as u8; number * 40]).await.unwrap();
                if number % 10 == 0 {
                    writer.ping(b"amid").await.unwrap();
                }
            }
            writer
        });
        for number in 0..1_000usize {
            let message = reader.recv().await.unwrap().unwrap();
            assert!(message.as_bytes() == vec![number as u8; number * 40]);
        }
        let mut writer = sending.await.unwrap();
        let (closed, end) = tokio::join!(writer.close(CloseCode::NORMAL, ""), reader.recv());
        closed.unwrap();
        assert!(end.unwrap().is_none());
        echoing.await.unwrap();
    };
    runtime.block_on(async { timeout(Duration::from_secs(60), test).await }).expect("in time");
}

#[test]
fn pongs_go_out_when_only_the_reader_is_polled() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, writer) = server.split();
        tokio::spawn(async move { reader.recv().await });
        for number in 0..10 {
            peer.send_frame(ping([number])).await;
            peer.ponged(&[number]).await;
        }
        drop(writer);
        peer.send_frame(ping("alone")).await;
        peer.ponged(b"alone").await;
    });
}

/// The peer reads again only after it has pinged: the pong waits its turn behind the message.
#[test]
fn pongs_go_out_while_the_writer_waits_for_room() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        let writing = tokio::spawn(async move {
            for number in 0..3 {
                writer.send_binary(&vec![number; 20_000]).await.unwrap();
            }
            writer
        });
        sleep(Duration::from_secs(1)).await;
        assert!(peer.send_deaf(&ping("amid").to(Side::Server).bytes()).await);
        sleep(Duration::from_secs(1)).await;
        let (mut pongs, mut messages) = (0, 0);
        while messages < 3 {
            let frame = peer.frame().await;
            match frame.opcode {
                10 => pongs += 1,
                2 => messages += 1,
                _ => panic!("{frame:?}"),
            }
            assert!(pongs == 1 || messages < 3, "the pong waited for everything");
        }
        let writer = writing.await.unwrap();
        peer.send_frame(text("heard")).await;
        assert_eq!(reading.await.unwrap().unwrap().unwrap().as_text(), Some("heard"));
        drop(writer);
    });
}

#[test]
fn close_from_the_writer_ends_the_reader_that_waits() {
    in_virtual_time(async {
        let (server, mut client) = pair().await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        sleep(Duration::from_secs(1)).await;
        let (closed, heard) =
            tokio::join!(writer.close(CloseCode::new(4000), "bye"), client.recv());
        closed.unwrap();
        assert!(heard.unwrap().is_none());
        assert!(reading.await.unwrap().unwrap().is_none());
        assert_eq!(client.close_reason().unwrap().code.as_u16(), 4000);
    });
}

#[test]
fn a_close_of_the_peer_ends_the_writer_that_waits() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        let writing = tokio::spawn(async move {
            loop {
                if let Err(error) = writer.send_binary(&[0; 1000]).await {
                    return error;
                }
            }
        });
        sleep(Duration::from_secs(1)).await;
        // It reads nothing more, and closes.
        peer.send_deaf(&close(CloseCode::NORMAL, "").to(Side::Server).bytes()).await;
        let drained = tokio::spawn(async move { peer.rest().await });
        assert!(matches!(writing.await.unwrap(), Error::Closed));
        assert!(reading.await.unwrap().unwrap().is_none());
        assert!(drained.await.unwrap().ends_with(b"\x88\x02\x03\xe8"));
    });
}

#[test]
fn an_abrupt_end_ends_both_halves() {
    in_virtual_time(async {
        let (server, peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        let reading = tokio::spawn(async move { reader.recv().await });
        let writing = tokio::spawn(async move { writer.send_binary(&[0; 100_000]).await });
        sleep(Duration::from_secs(1)).await;
        peer.vanish();
        assert!(matches!(writing.await.unwrap(), Err(Error::Disconnected)));
        assert!(matches!(reading.await.unwrap(), Err(Error::Disconnected)));
    });
}

/// A message that was read to its end is whole, also if the other half closes in the middle of it.
#[test]
fn a_reader_is_not_told_the_end_of_a_message_that_the_other_half_threw_away() {
    in_virtual_time(async {
        for decoded in [false, true] {
            let (server, mut peer) = with_raw_peer(Options::new()).await;
            let (mut reader, mut writer) = server.split();
            // Either all of it is there when the other half closes, or a part.
            peer.send_frame(text("a whole message").fin(decoded)).await;
            let mut message = reader.next_message().await.unwrap().unwrap();
            let mut start = [0; 3];
            message.read_exact(&mut start).await.unwrap();
            let closing = timeout(Duration::from_millis(1), writer.close(CloseCode::NORMAL, ""));
            assert!(closing.await.is_err());
            peer.send_frame(continuation(" and more")).await;
            let mut rest = String::new();
            let read = message.read_to_string(&mut rest).await;
            assert!(read.is_err() || format!("a w{rest}") == "a whole message and more", "{rest}");
        }
    });
}

/// The stream breaks for the writer: what the reader has not taken yet does not end a message.
#[test]
fn a_failure_of_the_writer_does_not_cut_a_message_short() {
    in_virtual_time(async {
        let (server, mut peer) = with_raw_peer(Options::new()).await;
        let (mut reader, mut writer) = server.split();
        peer.send_frame(binary(vec![1; 2_000])).await;
        let mut message = reader.next_message().await.unwrap().unwrap();
        let mut start = [0; 100];
        message.read_exact(&mut start).await.unwrap();
        peer.vanish();
        assert!(writer.send_binary(&[0; 10_000]).await.is_err());
        let mut rest = Vec::new();
        let read = message.read_to_end(&mut rest).await;
        assert!(read.is_err() || rest.len() == 1_900, "{}", rest.len());
        assert!(matches!(reader.recv().await, Err(Error::Disconnected)));
        assert!(matches!(reader.recv().await, Err(Error::Disconnected)));
    });
}

#[test]
fn a_half_works_on_when_the_other_is_dropped() {
    in_virtual_time(async {
        let (server, mut client) = pair().await;
        let (reader, mut writer) = server.split();
        drop(reader);
        writer.send_text("alone").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("alone"));
        let (closed, heard) = tokio::join!(writer.close(CloseCode::NORMAL, ""), client.recv());
        closed.unwrap();
        assert!(heard.unwrap().is_none());

        let (server, mut client) = pair().await;
        let (mut reader, writer) = server.split();
        drop(writer);
        client.send_text("alone").await.unwrap();
        assert_eq!(reader.recv().await.unwrap().unwrap().as_text(), Some("alone"));
        let (closed, heard) = tokio::join!(client.close(CloseCode::NORMAL, ""), reader.recv());
        closed.unwrap();
        assert!(heard.unwrap().is_none());
    });
}

#[test]
fn halves_know_all_that_the_whole_knew_and_can_be_joined_again() {
    in_real_time(async {
        let listener = crate::support::listener().await;
        let (server, mut client) = crate::support::accept(&listener).await;
        let (peer_addr, local_addr) = (server.peer_addr(), server.local_addr().unwrap());
        assert_eq!(client.stream().local_addr().ok(), peer_addr);
        assert_eq!(local_addr, listener.local_addr().unwrap());
        let id = server.id();
        let (reader, writer) = server.split();
        assert_eq!((reader.id(), writer.id()), (id, id));
        assert_eq!((reader.peer_addr(), writer.peer_addr()), (peer_addr, peer_addr));
        assert_eq!((reader.client_addr(), writer.client_addr()), (peer_addr, peer_addr));
        assert_eq!(reader.request().unwrap().path(), "/");
        assert_eq!(writer.request().unwrap().path(), "/");
        assert_eq!((reader.subprotocol(), writer.subprotocol()), (None, None));
        assert!(reader.response().is_none() && writer.response().is_none());
        assert_eq!((reader.latency(), writer.latency()), (None, None));
        assert!(reader.close_reason().is_none() && writer.close_reason().is_none());
        let (other, other_client) = crate::support::accept(&listener).await;
        let (client_reader, client_writer) = other_client.split();
        for response in [client_reader.response(), client_writer.response()] {
            assert_eq!(response.unwrap().status(), 101);
        }
        let (other_reader, other_writer) = other.split();
        let (reader, other_writer) = reader.reunite(other_writer).unwrap_err();
        let mut server = reader.reunite(writer).unwrap();
        let other = other_reader.reunite(other_writer).unwrap();
        client.send_text("one again").await.unwrap();
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("one again"));
        server.send_text("so are you").await.unwrap();
        assert_eq!(client.recv().await.unwrap().unwrap().as_text(), Some("so are you"));
        drop(other);
    });
}
