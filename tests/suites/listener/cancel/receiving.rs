//! Every future that receives, dropped at every place where it can wait: no message is lost,
//! doubled or torn.

use tokio::io::AsyncReadExt;
use tokio::io::DuplexStream;
use websocket_listener::{MessageKind, MessageReader, Options, WebSocket, WebSocketReader};
use websocket_listener_tests::peer::Peer;
use websocket_listener_tests::{Side, binary, continuation, pattern, ping, polled, text, woken};

use crate::fitful::Fitful;
use crate::support::{in_virtual_time, with_raw_peer_over};
use crate::targets::Raw;

type FitfulStream = Fitful<DuplexStream>;
type Log = Vec<(MessageKind, Vec<u8>)>;

/// Frames of every sort, and the messages in them. Some are large enough to be read straight into
/// their message, some are in pieces, with pings between.
fn conversation() -> (Vec<u8>, Log, Vec<u8>) {
    let mut frames = Vec::new();
    let mut log = Vec::new();
    let mut pings = Vec::new();
    for size in [0, 3, 200, 5_000, 40_000] {
        let payload = pattern(size);
        frames.push(binary(&payload));
        log.push((MessageKind::Binary, payload));
        let pinged = pings.len() as u8;
        pings.push(pinged);
        let text_payload = "aß€😀".repeat(size / 10);
        let (start, end) = text_payload.as_bytes().split_at(text_payload.len() / 3);
        frames.extend([text(start).fin(false), ping([pinged]), continuation("").fin(false)]);
        frames.push(continuation(end));
        log.push((MessageKind::Text, text_payload.into_bytes()));
    }
    let bytes = frames.into_iter().flat_map(|frame| frame.to(Side::Server).bytes()).collect();
    (bytes, log, pings)
}

/// Lets `receive` have the conversation over a stream that gives `most` bytes at a time; checks what
/// it heard, and that each ping was answered once, in order or by a newer one's answer.
fn has_conversation(
    most: usize,
    receive: impl AsyncFnOnce(WebSocket<FitfulStream>, usize) -> (Log, WebSocketOrHalves),
) {
    in_virtual_time(async {
        let (bytes, expected, pings) = conversation();
        let (near, far) = tokio::io::duplex(70_000);
        let (server, mut peer) =
            with_raw_peer_over(Options::new(), Fitful::new(far, most), near).await;
        let sending = async {
            peer.send(bytes).await;
            let answered = pongs(&mut peer, *pings.last().expect("pings")).await;
            assert!(answered.is_sorted_by(|a, b| a < b), "{answered:?}");
            peer
        };
        let ((log, _alive), _peer) = tokio::join!(receive(server, expected.len()), sending);
        assert!(log == expected, "another conversation than was sent");
    });
}

/// The owner of the connection, which keeps it alive.
#[expect(dead_code, reason = "held, and dropped")]
enum WebSocketOrHalves {
    Whole(WebSocket<FitfulStream>),
    Halves(WebSocketReader<FitfulStream>, websocket_listener::WebSocketWriter<FitfulStream>),
}

async fn pongs(peer: &mut Peer<Raw<DuplexStream>>, last: u8) -> Vec<u8> {
    let mut answered = Vec::new();
    while answered.last() != Some(&last) {
        let frame = peer.frame().await;
        assert_eq!((frame.opcode, frame.payload.len()), (10, 1), "{frame:?}");
        answered.push(frame.payload[0]);
    }
    answered
}

/// Makes a future and drops it after this many polls, again and again, until one is ready. The next
/// is made when the last would have been polled again.
macro_rules! insist {
    ($polls:expr, $make:expr) => {
        loop {
            if let Some(ready) = polled($polls, $make).await {
                break ready;
            }
            woken().await;
        }
    };
}

/// `most` bytes at a time, and the polls after which each future is dropped.
const CUTS: [(usize, u32); 8] =
    [(1_000, 1), (1_000, 2), (1_000, 3), (1_000, 7), (7, 1), (7, 2), (131, 5), (40_000, 1)];

#[test]
fn recv() {
    for (most, polls) in CUTS {
        has_conversation(most, async |mut server, count| {
            let mut log = Vec::new();
            while log.len() < count {
                let message = insist!(polls, server.recv()).unwrap().unwrap();
                log.push((message.kind(), message.as_bytes().to_vec()));
            }
            let _ = polled(1, server.recv()).await;
            answer_last_ping(&mut server).await;
            (log, WebSocketOrHalves::Whole(server))
        });
    }
}

/// Pongs leave before the call waits.
async fn answer_last_ping(server: &mut WebSocket<FitfulStream>) {
    server.flush().await.unwrap();
}

#[test]
fn recv_of_the_reading_half() {
    for (most, polls) in CUTS {
        has_conversation(most, async |server, count| {
            let (mut reader, mut writer) = server.split();
            let mut log = Vec::new();
            while log.len() < count {
                let message = insist!(polls, reader.recv()).unwrap().unwrap();
                log.push((message.kind(), message.as_bytes().to_vec()));
            }
            writer.flush().await.unwrap();
            (log, WebSocketOrHalves::Halves(reader, writer))
        });
    }
}

/// Dropped once, at each of the places where one whole reception waits.
#[test]
fn recv_dropped_once_at_each_place() {
    for polls in 0..120 {
        has_conversation(5_000, async |mut server, count| {
            let mut log = Vec::new();
            let mut left = polls;
            while log.len() < count {
                let mut used = 0;
                let counted = counting(server.recv(), &mut used);
                let received = polled(left.max(1), counted).await;
                let Some(received) = received else {
                    // The one that was dropped; from now on, none.
                    left = u32::MAX;
                    continue;
                };
                left = left.saturating_sub(used);
                let message = received.unwrap().unwrap();
                log.push((message.kind(), message.as_bytes().to_vec()));
            }
            answer_last_ping(&mut server).await;
            (log, WebSocketOrHalves::Whole(server))
        });
    }
}

async fn counting<T>(future: impl Future<Output = T>, polls: &mut u32) -> T {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        *polls += 1;
        future.as_mut().poll(cx)
    })
    .await
}

#[test]
fn next_message_and_read() {
    for (most, polls) in CUTS {
        has_conversation(most, async |mut server, count| {
            let mut log = Vec::new();
            while log.len() < count {
                let mut reader = insist!(polls, server.next_message()).unwrap().unwrap();
                log.push((reader.kind(), read(&mut reader, polls).await));
            }
            answer_last_ping(&mut server).await;
            (log, WebSocketOrHalves::Whole(server))
        });
    }
}

#[test]
fn next_message_and_read_of_the_reading_half() {
    for (most, polls) in CUTS {
        has_conversation(most, async |server, count| {
            let (mut half, mut writer) = server.split();
            let mut log = Vec::new();
            while log.len() < count {
                let mut reader = insist!(polls, half.next_message()).unwrap().unwrap();
                log.push((reader.kind(), read(&mut reader, polls).await));
            }
            writer.flush().await.unwrap();
            (log, WebSocketOrHalves::Halves(half, writer))
        });
    }
}

async fn read(reader: &mut MessageReader<'_, FitfulStream>, polls: u32) -> Vec<u8> {
    let mut payload = Vec::new();
    loop {
        let mut buffer = [0; 999];
        let length = insist!(polls, reader.read(&mut buffer)).unwrap();
        if length == 0 {
            return payload;
        }
        payload.extend_from_slice(&buffer[..length]);
    }
}

#[test]
fn next_message_and_chunk() {
    for (most, polls) in CUTS {
        has_conversation(most, async |mut server, count| {
            let mut log = Vec::new();
            while log.len() < count {
                let mut reader = insist!(polls, server.next_message()).unwrap().unwrap();
                let mut payload = Vec::new();
                while let Some(chunk) = insist!(polls, reader.chunk()).unwrap() {
                    payload.extend_from_slice(&chunk);
                }
                log.push((reader.kind(), payload));
            }
            answer_last_ping(&mut server).await;
            (log, WebSocketOrHalves::Whole(server))
        });
    }
}

/// A reception that was begun as one may be finished as the other.
#[test]
fn recv_and_next_message_in_turn() {
    for (most, polls) in CUTS {
        has_conversation(most, async |mut server, count| {
            let mut log = Vec::new();
            while log.len() < count {
                if let Some(message) = polled(polls, server.recv()).await {
                    let message = message.unwrap().unwrap();
                    log.push((message.kind(), message.as_bytes().to_vec()));
                    continue;
                }
                woken().await;
                if let Some(reader) = polled(polls, server.next_message()).await {
                    let mut reader = reader.unwrap().unwrap();
                    log.push((reader.kind(), read(&mut reader, polls).await));
                    continue;
                }
                woken().await;
            }
            answer_last_ping(&mut server).await;
            (log, WebSocketOrHalves::Whole(server))
        });
    }
}
