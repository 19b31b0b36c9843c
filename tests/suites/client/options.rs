//! A client has the same limits and deadlines as a listener's connections.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::Instant;
use websocket_listener::client::Client;
use websocket_listener::{Deadline, Error, Options, PingMode, ProtocolError, WebSocket};

use crate::support::{answer, established, in_virtual_time};

/// A client with these options, and the bytes that its server reads and writes.
async fn connected(options: Options) -> (WebSocket<DuplexStream>, DuplexStream) {
    let (near, mut far) = tokio::io::duplex(4096);
    let client = Client::new().options(options);
    let (socket, _) =
        tokio::join!(client.connect_over(near, "ws://a/"), answer(&mut far, established));
    (socket.unwrap(), far)
}

/// The opcode and the unmasked payload of a short frame.
async fn frame(stream: &mut DuplexStream) -> (u8, Vec<u8>) {
    let (first, length) = (stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap());
    assert_eq!((first & 0xf0, length & 0x80), (0x80, 0x80), "whole, and masked (section 5.1)");
    let mask = stream.read_u32().await.unwrap().to_be_bytes();
    let mut payload = vec![0; usize::from(length & 0x7f)];
    stream.read_exact(&mut payload).await.unwrap();
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    (first & 0xf, payload)
}

#[test]
fn a_message_over_the_limit_is_refused() {
    in_virtual_time(async {
        let (mut socket, mut server) = connected(Options::new().max_message_bytes(3)).await;
        server.write_all(b"\x81\x03abc\x81\x04abcd").await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap().as_text(), Some("abc"));
        let receiving = tokio::spawn(async move { socket.recv().await });
        let (opcode, payload) = frame(&mut server).await;
        assert_eq!((opcode, &payload[..2]), (8, &1009_u16.to_be_bytes()[..]));
        drop(server);
        let received = receiving.await.unwrap();
        assert!(matches!(received, Err(Error::Protocol(ProtocolError::MessageTooBig))));
    });
}

#[test]
fn a_server_that_falls_silent_is_found() {
    in_virtual_time(async {
        let options = Options::new()
            .ping_interval(Duration::from_secs(7))
            .pong_timeout(Duration::from_secs(3));
        let (mut socket, mut server) = connected(options).await;
        let begun = Instant::now();
        let (received, (opcode, _)) = tokio::join!(socket.recv(), frame(&mut server));
        assert_eq!(opcode, 9);
        assert!(matches!(received, Err(Error::TimedOut(Deadline::Pong))), "{received:?}");
        assert!((10..12).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    });
}

#[test]
fn without_pings_nothing_is_sent_and_no_server_is_given_up() {
    in_virtual_time(async {
        let (mut socket, mut server) = connected(Options::new().ping_mode(PingMode::Manual)).await;
        let hour = Duration::from_secs(3600);
        assert!(tokio::time::timeout(hour, socket.recv()).await.is_err());
        let nothing = tokio::time::timeout(hour, server.read_u8()).await;
        assert!(nothing.is_err());
    });
}
