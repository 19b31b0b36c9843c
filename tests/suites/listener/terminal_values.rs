//! The end of a connection: one of three outcomes, which every later call repeats.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncReadExt;
use websocket_listener::{
    CloseCode, Deadline, Error, Initiator, MessageKind, Options, ProtocolError, WebSocket,
};
use websocket_listener_tests::{Side, binary, close, continuation, text};

use crate::support::{MemoryPeer, Socket, in_virtual_time, pair, with_raw_peer};

/// The socket, split or whole, after its peer did something.
async fn after(act: impl AsyncFnOnce(MemoryPeer)) -> Socket {
    let (server, peer) = with_raw_peer(Options::new()).await;
    act(peer).await;
    server
}

#[test]
fn a_clean_close_is_none_for_ever() {
    in_virtual_time(async {
        let peer_closes = async |mut peer: MemoryPeer| {
            peer.send_frame(close(CloseCode::new(4001), "bye")).await;
            // Another task waits for the answer.
            tokio::spawn(async move { peer.closed(CloseCode::new(4001)).await });
        };
        let mut server = after(peer_closes).await;
        assert!(server.close_reason().is_none());
        for _ in 0..3 {
            assert!(matches!(server.recv().await, Ok(None)));
            assert!(matches!(server.next_message().await, Ok(None)));
            let reason = server.close_reason().unwrap();
            assert_eq!((reason.code, &*reason.reason), (CloseCode::new(4001), "bye"));
            assert!(reason.is_clean() && reason.initiator == Initiator::Peer);
            assert!(server.close(CloseCode::NORMAL, "").await.is_ok(), "just waits for the end");
            all_sending_is_closed(&mut server).await;
        }
        assert!(server.next().await.is_none());

        let (mut reader, mut writer) = after(peer_closes).await.split();
        for _ in 0..3 {
            assert!(matches!(reader.recv().await, Ok(None)));
            assert!(matches!(reader.next_message().await, Ok(None)));
            assert!(writer.close(CloseCode::NORMAL, "").await.is_ok());
            assert!(matches!(writer.send_text("x").await, Err(Error::Closed)));
            let reason = reader.close_reason().unwrap();
            assert_eq!((reason.code, &*reason.reason), (CloseCode::new(4001), "bye"));
            assert_eq!(writer.close_reason(), Some(reason));
        }
    });
}

async fn all_sending_is_closed(socket: &mut Socket) {
    use tokio::io::AsyncWriteExt;

    assert!(matches!(socket.send_text("x").await, Err(Error::Closed)));
    assert!(matches!(socket.send_binary(b"x").await, Err(Error::Closed)));
    assert!(matches!(
        socket.feed(websocket_listener::Message::text("x")).await,
        Err(Error::Closed)
    ));
    assert!(matches!(socket.ping(b"x").await, Err(Error::Closed)));
    let prepared = websocket_listener::PreparedMessage::new("x");
    assert!(matches!(socket.send(&prepared).await, Err(Error::Closed)));
    let mut writer = socket.message_writer(MessageKind::Text);
    let _ = writer.write(b"x").await;
    assert!(matches!(writer.finish().await, Err(Error::Closed)));
}

#[test]
fn a_close_of_our_own_is_none_for_ever() {
    in_virtual_time(async {
        let (mut server, mut client) = pair().await;
        let (closed, heard) = tokio::join!(server.close(CloseCode::NORMAL, "done"), client.recv());
        assert!(closed.is_ok() && matches!(heard, Ok(None)));
        for _ in 0..3 {
            assert!(matches!(server.recv().await, Ok(None)));
            assert!(matches!(client.recv().await, Ok(None)));
            all_sending_is_closed(&mut server).await;
            all_sending_is_closed(&mut client).await;
        }
        let reason = server.close_reason().unwrap();
        assert_eq!((reason.code, reason.initiator), (CloseCode::NORMAL, Initiator::Local));
        let reason = client.close_reason().unwrap();
        assert_eq!((reason.code, &*reason.reason), (CloseCode::NORMAL, "done"));
        assert_eq!(reason.initiator, Initiator::Peer);
    });
}

#[test]
fn an_abrupt_end_is_disconnected_for_ever() {
    in_virtual_time(async {
        let half = text("never whole").to(Side::Server).bytes();
        for cut in [0, 1, 5, 9, half.len() - 1] {
            let mut server = after(async |mut peer: MemoryPeer| {
                peer.send(&half[..cut]).await;
                peer.vanish();
            })
            .await;
            for _ in 0..3 {
                assert!(matches!(server.recv().await, Err(Error::Disconnected)), "{cut}");
                assert!(matches!(server.next_message().await, Err(Error::Disconnected)));
                assert!(matches!(server.send_text("x").await, Err(Error::Disconnected)));
                assert!(matches!(server.flush().await, Err(Error::Disconnected)));
                let closed = server.close(CloseCode::NORMAL, "").await;
                assert!(matches!(closed, Err(Error::Disconnected)));
                let reason = server.close_reason().unwrap();
                assert_eq!((reason.code, &*reason.reason), (CloseCode::ABNORMAL, ""));
                assert!(!reason.is_clean());
            }
        }
    });
}

#[test]
fn a_violation_is_the_same_protocol_error_for_ever() {
    in_virtual_time(async {
        let violate = async |mut peer: MemoryPeer| {
            peer.send_frame(text("before")).await;
            peer.send(text("bare").bytes()).await;
            tokio::spawn(async move { peer.closed(CloseCode::PROTOCOL_ERROR).await });
        };
        let mut server = after(violate).await;
        assert_eq!(server.recv().await.unwrap().unwrap().as_text(), Some("before"));
        let unmasked =
            |error: &Error| matches!(error, Error::Protocol(ProtocolError::UnmaskedFrame));
        for _ in 0..3 {
            assert!(unmasked(&server.recv().await.unwrap_err()));
            assert!(unmasked(&server.next_message().await.unwrap_err()));
            assert!(unmasked(&server.send_text("x").await.unwrap_err()));
            assert!(unmasked(&server.close(CloseCode::NORMAL, "").await.unwrap_err()));
        }
        let reason = server.close_reason().unwrap();
        assert_eq!((reason.code, reason.initiator), (CloseCode::ABNORMAL, Initiator::Local));

        let mut server = after(violate).await;
        assert!(server.next().await.unwrap().is_ok());
        assert!(unmasked(&server.next().await.unwrap().unwrap_err()));
        assert!(server.next().await.is_none(), "a stream gives its error once");
        assert!(server.next().await.is_none());
    });
}

#[test]
fn a_deadline_is_timed_out_for_ever() {
    in_virtual_time(async {
        let (mut server, _peer) = with_raw_peer(Options::new()).await;
        for _ in 0..3 {
            assert!(matches!(server.recv().await, Err(Error::TimedOut(Deadline::Pong))));
            assert!(matches!(server.send_text("").await, Err(Error::TimedOut(Deadline::Pong))));
        }
        let (mut server, _peer) = with_raw_peer(Options::new()).await;
        let closed = server.close(CloseCode::NORMAL, "").await;
        assert!(matches!(closed, Err(Error::TimedOut(Deadline::Close))));
        assert!(matches!(server.recv().await, Err(Error::TimedOut(Deadline::Close))));
        let (mut server, _peer) = with_raw_peer(Options::new()).await;
        let sent = server.send_binary(&[0; 100_000]).await;
        assert!(matches!(sent, Err(Error::TimedOut(Deadline::Write))));
        assert!(matches!(server.recv().await, Err(Error::TimedOut(Deadline::Write))));
    });
}

/// A message that was read to its end is whole: there is no end if the connection ends inside it.
#[test]
fn a_reader_fails_if_the_connection_ends_inside_its_message() {
    in_virtual_time(async {
        let endings: [fn() -> Vec<u8>; 3] = [
            Vec::new,
            || close(CloseCode::NORMAL, "").to(Side::Server).bytes(),
            || text("not a continuation").to(Side::Server).bytes(),
        ];
        for ending in endings {
            for first in [0, 1, 5_000, 200_000] {
                let (server, mut peer) = with_raw_peer(Options::new()).await;
                tokio::spawn(async move {
                    peer.send_frame(binary(vec![1; first]).fin(false)).await;
                    peer.send_frame(continuation([2; 10]).fin(false)).await;
                    peer.send(ending()).await;
                    peer.finish().await;
                    peer.rest().await;
                });
                read_without_end(server, first + 10).await;
            }
        }
    });
}

async fn read_without_end(mut server: WebSocket<tokio::io::DuplexStream>, length: usize) {
    let mut reader = server.next_message().await.unwrap().unwrap();
    let mut bytes = Vec::new();
    assert!(reader.read_to_end(&mut bytes).await.is_err());
    assert_eq!(bytes.len(), length, "what came is given out");
    for _ in 0..3 {
        assert!(reader.read(&mut [0; 9]).await.is_err());
        assert!(reader.chunk().await.is_err());
    }
}

#[test]
fn an_io_error_keeps_the_kind_and_text_of_its_cause() {
    in_virtual_time(async {
        let io = |error: Error| std::io::Error::from(error);
        assert_eq!(io(Error::Disconnected).kind(), std::io::ErrorKind::ConnectionReset);
        assert_eq!(io(Error::Closed).kind(), std::io::ErrorKind::NotConnected);
        assert_eq!(io(Error::TimedOut(Deadline::Pong)).kind(), std::io::ErrorKind::TimedOut);
        let protocol = Error::Protocol(ProtocolError::UnmaskedFrame);
        assert_eq!(io(protocol).to_string(), "protocol error: client frame without a mask");
    });
}

/// Dropping is not closing.
#[test]
fn a_dropped_connection_is_an_abrupt_end_for_the_peer() {
    in_virtual_time(async {
        let (server, mut client) = pair().await;
        drop(server);
        assert!(matches!(client.recv().await, Err(Error::Disconnected)));
        let (server, mut client) = pair().await;
        let (reader, writer) = server.split();
        drop(writer);
        let waiting = tokio::time::timeout(Duration::from_secs(1), client.recv()).await;
        assert!(waiting.is_err(), "the other half lives");
        drop(reader);
        assert!(matches!(client.recv().await, Err(Error::Disconnected)));
    });
}
