//! permessage-deflate: what is refused (RFC 7692 sections 6 and 7; RFC 6455 section 10.4).

use websocket_listener::extension::PermessageDeflate;
use websocket_listener::{CloseCode, Error, Message, Options, ProtocolError, WebSocketListener};
use websocket_listener_tests::request::request;
use websocket_listener_tests::{Frame, binary, close, continuation, ping, text};

use crate::deflate::support::{Compressor, OFFER, RSV1, deflate, json, with_raw_peer};
use crate::memory;
use crate::support::{in_virtual_time, peer_of, with_raw_peer as without_extension};

const ANSWER: Option<&str> = Some("permessage-deflate");

/// The frames are sent, the connection fails like this, and the peer gets the code.
async fn is_refused(options: Options, frames: Vec<Frame>, expected: ProtocolError, code: u16) {
    for most in [1, 50, 1 << 20] {
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), options, most, OFFER, ANSWER).await;
        let refused = async {
            for frame in &frames {
                peer.send_frame(frame.clone()).await;
            }
            peer.failed(CloseCode::new(code)).await;
        };
        let (error, ()) = tokio::join!(server.recv(), refused);
        assert!(matches!(&error, Err(Error::Protocol(error)) if *error == expected), "{error:?}");
        assert!(server.send_text("too late").await.is_err());
    }
}

/// RFC 7692 section 6: "RSV1 ... on the first frame of a message" and nowhere else.
#[test]
fn the_bit_on_a_continuation_or_a_control_frame_is_refused() {
    in_virtual_time(async {
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        for frames in [
            vec![text(&hello[..3]).rsv(RSV1).fin(false), continuation(&hello[3..]).rsv(RSV1)],
            vec![text("Hel").fin(false), continuation("lo").rsv(RSV1)],
            vec![ping("").rsv(RSV1)],
            vec![close(CloseCode::NORMAL, "").rsv(RSV1)],
            vec![text(hello).rsv(0b110)],
        ] {
            is_refused(Options::new(), frames, ProtocolError::ReservedBits, 1002).await;
        }
    });
}

#[test]
fn the_bit_without_negotiation_is_refused() {
    in_virtual_time(async {
        let (mut server, mut peer) = without_extension(Options::new()).await;
        let refused = async {
            peer.send_frame(text([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]).rsv(RSV1)).await;
            peer.failed(CloseCode::PROTOCOL_ERROR).await;
        };
        let (error, ()) = tokio::join!(server.recv(), refused);
        assert!(matches!(error, Err(Error::Protocol(ProtocolError::ReservedBits))), "{error:?}");
    });
}

/// RFC 7692 section 7.2.3.4: after a final block a new stream begins, and what was before is behind it,
/// as it is in zlib. A reference there is refused, and never read as something else.
#[test]
fn a_reference_across_a_final_block_is_refused_with_1007() {
    in_virtual_time(async {
        let frames = vec![
            binary([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]).rsv(RSV1),
            binary([0xf2, 0x00, 0x11, 0x00, 0x00]).rsv(RSV1),
        ];
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), Options::new(), 1000, OFFER, ANSWER).await;
        for frame in frames {
            peer.send_frame(frame).await;
        }
        assert_eq!(server.recv().await.unwrap(), Some(Message::binary(b"Hello")));
        let (error, ()) = tokio::join!(server.recv(), peer.failed(CloseCode::INVALID_PAYLOAD));
        let expected = ProtocolError::InvalidExtensionData;
        assert!(matches!(&error, Err(Error::Protocol(error)) if *error == expected), "{error:?}");
    });
}

#[test]
fn corrupt_messages_are_refused_with_1007() {
    in_virtual_time(async {
        for payload in [
            // A block of the reserved type, a stored one whose lengths disagree, a reference to
            // before the beginning.
            &[0x06][..],
            &[0x00, 0x05, 0x00, 0x00, 0x00, 0x48],
            &[0xf2, 0x00, 0x11, 0x00, 0x00],
        ] {
            let frames = vec![binary(payload).rsv(RSV1)];
            is_refused(Options::new(), frames, ProtocolError::InvalidExtensionData, 1007).await;
        }
    });
}

/// RFC 6455 section 8.1, of the text and not of what stands for it.
#[test]
fn compressed_text_that_is_not_utf8_is_refused() {
    in_virtual_time(async {
        for bytes in [&b"abc\xff"[..], b"\xe2\x82", b"\xed\xa0\x80"] {
            let frames = vec![text(Compressor::new(6, 15).compress(bytes)).rsv(RSV1)];
            is_refused(Options::new(), frames, ProtocolError::InvalidUtf8, 1007).await;
        }
    });
}

/// A gibibyte of zeros in a mebibyte, refused after the limit's mebibyte; and a bomb in a bomb, of
/// which only the outer one is a message's.
#[test]
fn bombs_are_refused_at_the_limit() {
    in_virtual_time(async {
        let mut compressor = Compressor::new(9, 15);
        let mut bomb: Vec<u8> = Vec::new();
        let zeros = vec![0; 1 << 20];
        for _ in 0..3 {
            bomb.extend(compressor.compress(&zeros));
            bomb.extend([0, 0, 0xff, 0xff]);
        }
        // What stands for zeros behind zeros is always the same.
        let further = bomb.split_off(bomb.len() * 2 / 3);
        let mut bomb = [bomb, further.repeat(1 << 10)].concat();
        bomb.truncate(bomb.len() - 4);
        let nested = Compressor::new(9, 15).compress(&bomb);
        let over = Compressor::new(9, 15).compress(&vec![0; 2 << 20]);
        for bomb in [bomb, over] {
            let (mut server, mut peer) =
                with_raw_peer(deflate(true), Options::new(), 1 << 20, OFFER, ANSWER).await;
            let frame = binary(bomb).rsv(RSV1);
            memory::begin_peak();
            let before = memory::held();
            let refused = async {
                peer.send_frame(frame).await;
                peer.failed(CloseCode::MESSAGE_TOO_BIG).await;
            };
            let (error, ()) = tokio::join!(server.recv(), refused);
            assert!(matches!(error, Err(Error::Protocol(ProtocolError::MessageTooBig))));
            let most = memory::peak() - before;
            assert!(most < 12 << 20, "{most} bytes for a message of one MiB");
        }
        let options = Options::new().max_message_bytes(2 << 20);
        let (mut server, mut peer) =
            with_raw_peer(deflate(true), options, 1 << 20, OFFER, ANSWER).await;
        peer.send_frame(binary(&nested).rsv(RSV1)).await;
        let outer = server.recv().await.unwrap().unwrap();
        assert!(outer.len() > 10 * nested.len(), "{} in {}", outer.len(), nested.len());
    });
}

/// A message of just the limit, and of a byte more.
#[test]
fn the_limit_counts_uncompressed_bytes() {
    in_virtual_time(async {
        let options = Options::new().max_message_bytes(1000);
        for bytes in [json(1000, 1).into_bytes(), websocket_listener_tests::pattern(1000)] {
            let (mut server, mut peer) =
                with_raw_peer(deflate(true), options, 64, OFFER, ANSWER).await;
            peer.send_frame(binary(Compressor::new(1, 15).compress(&bytes)).rsv(RSV1)).await;
            assert!(server.recv().await.unwrap() == Some(Message::binary(bytes.clone())));
            let over = [&bytes[..], b"!"].concat();
            let frames = vec![binary(Compressor::new(1, 15).compress(&over)).rsv(RSV1)];
            is_refused(options, frames, ProtocolError::MessageTooBig, 1009).await;
        }
    });
}

/// RFC 6455 section 10.4: fragments without payload are fragments.
#[test]
fn the_16385th_empty_compressed_fragment_is_refused() {
    in_virtual_time(async {
        let (mut server, mut peer) = with_raw_peer(
            deflate(false),
            Options::new(),
            1 << 20,
            OFFER,
            Some("permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        )
        .await;
        let mut bytes = text("").rsv(RSV1).fin(false).masked([0; 4]).bytes();
        for _ in 0..16_384 {
            bytes.extend(continuation("").fin(false).masked([0; 4]).bytes());
        }
        let refused = async {
            peer.send(bytes).await;
            peer.failed(CloseCode::POLICY_VIOLATION).await;
        };
        let (error, ()) = tokio::join!(server.recv(), refused);
        assert!(matches!(error, Err(Error::Protocol(ProtocolError::TooManyFragments))));
    });
}

/// RFC 6455 section 9.1: a parameter's value is a token, quoted or not, and nothing is none. That
/// breaks the header's grammar, so it is not the offer that is declined.
#[test]
fn an_empty_value_is_refused_with_400() {
    in_virtual_time(async {
        for value in ["", "\"\""] {
            for parameter in ["server_max_window_bits", "client_max_window_bits"] {
                let mut peer =
                    peer_of(WebSocketListener::builder().message_extension(deflate(true)));
                let offer = format!("permessage-deflate; {parameter}={value}");
                peer.send(request().with("Sec-WebSocket-Extensions", &offer).text()).await;
                peer.refused(400).await;
            }
        }
    });
}

/// RFC 7692 section 7.1: each offer is judged by itself, and the first good one taken.
#[test]
fn offers_are_answered_one_by_one() {
    in_virtual_time(async {
        let takeover = deflate(true);
        let small = deflate(true).client_max_window_bits(10).server_max_window_bits(11);
        let none = PermessageDeflate::new();
        let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
        for (extension, offer, answer) in [
            (takeover, "permessage-deflate", ANSWER),
            (takeover, OFFER, ANSWER),
            (takeover, "x-webkit-deflate-frame, permessage-deflate", ANSWER),
            (none, "permessage-deflate", Some(both)),
            (takeover, both, Some(both)),
            (
                takeover,
                "permessage-deflate; server_max_window_bits=8",
                Some("permessage-deflate; server_max_window_bits=8"),
            ),
            (
                takeover,
                "permessage-deflate; server_max_window_bits=\"10\"",
                Some("permessage-deflate; server_max_window_bits=10"),
            ),
            (takeover, "permessage-deflate; server_max_window_bits=16", None),
            (takeover, "permessage-deflate; server_max_window_bits=7", None),
            (takeover, "permessage-deflate; server_max_window_bits=0", None),
            (takeover, "permessage-deflate; server_max_window_bits=08", None),
            (takeover, "permessage-deflate; server_max_window_bits", None),
            (takeover, "permessage-deflate; client_max_window_bits=16", None),
            (takeover, "permessage-deflate; client_max_window_bits=\"0\"", None),
            (
                takeover,
                "permessage-deflate; client_max_window_bits=8",
                Some("permessage-deflate; client_max_window_bits=8"),
            ),
            (takeover, "permessage-deflate; client_max_window_bits=\"15\"", ANSWER),
            (takeover, "permessage-deflate; server_no_context_takeover=1", None),
            (takeover, "permessage-deflate; unknown", None),
            (takeover, "permessage-deflate; client_max_window_bits; client_max_window_bits", None),
            (takeover, "permessage-deflate; unknown, permessage-deflate", ANSWER),
            (small, "permessage-deflate", None),
            (
                small,
                OFFER,
                Some("permessage-deflate; server_max_window_bits=11; client_max_window_bits=10"),
            ),
            (
                small,
                "permessage-deflate; client_max_window_bits=9; server_max_window_bits=9",
                Some("permessage-deflate; server_max_window_bits=9; client_max_window_bits=9"),
            ),
        ] {
            with_raw_peer(extension, Options::new(), 1000, offer, answer).await;
        }
    });
}
