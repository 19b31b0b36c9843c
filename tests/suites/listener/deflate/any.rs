//! permessage-deflate: any messages, cut anywhere, sent and received by futures that are dropped
//! anywhere.

use proptest::prelude::*;
use tokio::io::AsyncWriteExt;
use websocket_listener::{CloseCode, Message, MessageKind, Options};
use websocket_listener_tests::{binary, continuation, ping, polled};

use crate::deflate::support::{
    Compressor, Decompressor, OFFER, RSV1, deflate, json, pair_with, with_raw_peer,
};
use crate::support::in_virtual_time;

/// Bytes that compress well, badly, or not at all.
fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3000),
        (0..60_000usize, any::<u32>()).prop_map(|(length, seed)| json(length, seed).into_bytes()),
        (any::<u8>(), 0..200_000usize).prop_map(|(byte, length)| vec![byte; length]),
    ]
}

/// A message, and where its compressed bytes are cut into fragments.
fn cut_message() -> impl Strategy<Value = (Vec<u8>, Vec<prop::sample::Index>)> {
    (message(), prop::collection::vec(any::<prop::sample::Index>(), 0..5))
}

fn answer(takeover: bool, bits: u8) -> String {
    let no_takeover = "; server_no_context_takeover; client_no_context_takeover";
    let takeover = if takeover { "" } else { no_takeover };
    format!("permessage-deflate{takeover}; server_max_window_bits={bits}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_messages_cut_anywhere_are_received(
        messages in prop::collection::vec(cut_message(), 1..5),
        takeover in any::<bool>(),
        level in 0..=9i32,
        most in 1..5000usize,
    ) {
        in_virtual_time(async {
            let answer = answer(takeover, 15);
            let offer = "permessage-deflate; server_max_window_bits=15";
            let (mut server, mut peer) =
                with_raw_peer(deflate(takeover), Options::new(), most, offer, Some(&answer)).await;
            let mut compressor = Compressor::new(level, 15);
            for (message, cuts) in &messages {
                if !takeover {
                    compressor = Compressor::new(level, 15);
                }
                let payload = compressor.compress(message);
                let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(payload.len() + 1)).collect();
                cuts.sort_unstable();
                let mut begin = 0;
                for end in cuts {
                    let part = &payload[begin..end];
                    let frame =
                        if begin == 0 { binary(part).rsv(RSV1) } else { continuation(part) };
                    // An empty first part may be followed by another.
                    if begin == 0 && end == 0 {
                        continue;
                    }
                    peer.send_frame(frame.fin(false)).await;
                    peer.send_frame(ping("between")).await;
                    begin = end;
                }
                let rest = &payload[begin..];
                let frame = if begin == 0 { binary(rest).rsv(RSV1) } else { continuation(rest) };
                peer.send_frame(frame).await;
                let received = loop {
                    // Dropped wherever it waits.
                    match polled(1, server.recv()).await {
                        Some(received) => break received.unwrap().unwrap(),
                        None => tokio::task::yield_now().await,
                    }
                };
                prop_assert!(received.as_bytes() == message);
            }
            Ok(())
        })?;
    }

    #[test]
    fn any_messages_written_in_any_pieces_are_sent(
        messages in prop::collection::vec(cut_message(), 1..4),
        takeover in any::<bool>(),
        level in 1..=9u8,
        bits in 8..=15u8,
        piece in 1..3000usize,
    ) {
        in_virtual_time(async {
            let answer = answer(takeover, bits);
            let offer = format!("permessage-deflate; server_max_window_bits={bits}");
            let extension = deflate(takeover).level(level);
            let (mut server, mut peer) =
                with_raw_peer(extension, Options::new(), 1 << 20, &offer, Some(&answer)).await;
            let mut decompressor = Decompressor::new(bits);
            for (message, cuts) in &messages {
                let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(message.len() + 1)).collect();
                cuts.sort_unstable();
                if cuts.is_empty() {
                    server.send_binary(message).await.unwrap();
                } else {
                    let mut writer = server.message_writer(MessageKind::Binary);
                    let mut begin = 0;
                    for end in cuts {
                        writer.write_all(&message[begin..end]).await.unwrap();
                        writer.flush().await.unwrap();
                        begin = end;
                    }
                    writer.write_all(&message[begin..]).await.unwrap();
                    writer.finish().await.unwrap();
                }
                let mut payload = Vec::new();
                loop {
                    let frame = peer.frame().await;
                    prop_assert_eq!(frame.rsv == RSV1, frame.opcode == 2);
                    payload.extend_from_slice(&frame.payload);
                    if frame.fin {
                        break;
                    }
                }
                if !takeover {
                    decompressor = Decompressor::new(bits);
                }
                prop_assert!(decompressor.decompress(&payload, piece) == *message);
            }
            Ok(())
        })?;
    }

    /// Corrupt payload is refused or becomes some message, and never panics.
    #[test]
    fn any_payload_is_survived(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        in_virtual_time(async {
            let (mut server, mut peer) =
                with_raw_peer(deflate(true), Options::new(), 7, OFFER, Some("permessage-deflate"))
                    .await;
            peer.send_frame(binary(&payload).rsv(RSV1)).await;
            let _ = server.recv().await;
        });
    }
}

/// A send that is dropped at any of its waits has sent the message whole, or not at all.
#[test]
fn sends_that_are_dropped_anywhere_leave_whole_messages() {
    in_virtual_time(async {
        let large = json(600_000, 9);
        for polls in 1..30 {
            let (mut server, mut client) = pair_with(deflate(true), Options::new(), 2000).await;
            let sending = async {
                server.feed(Message::text("first")).await.unwrap();
                let _ = polled(polls, server.send_text(&large)).await;
                let _ = polled(polls, server.send_text(&large)).await;
                server.send_text("last").await.unwrap();
                server.close(CloseCode::NORMAL, "").await.unwrap();
            };
            let receiving = async {
                let mut heard = Vec::new();
                while let Some(message) = client.recv().await.unwrap() {
                    heard.push(message);
                }
                heard
            };
            let ((), heard) = tokio::join!(sending, receiving);
            assert_eq!(heard.first(), Some(&Message::text("first")));
            assert_eq!(heard.last(), Some(&Message::text("last")));
            assert!(
                heard[1..heard.len() - 1].iter().all(|message| message.as_text() == Some(&large))
            );
        }
    });
}
