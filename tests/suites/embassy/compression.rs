//! permessage-deflate (RFC 7692) between a board and its peers.

use embassy_time::Timer;
use futures_util::future::join;
use websocket_listener_core::deflate::{Deflater, Inflater, Status};
use websocket_listener_embassy::permessage_deflate::{Settings, WindowBits};
use websocket_listener_embassy::{
    Client, CloseCode, Compression, Message, Options, Resources, WebSocket, WebSocketListener,
};
use websocket_listener_tests::peer::{Peer, RawResponse};
use websocket_listener_tests::{Frame, binary, close, continuation, ping, request::request, text};

use crate::executor::{run, spawn};
use crate::link::Weather;
use crate::net::{Net, Raw, leak};
use crate::targets::{echo, echo_streaming};

/// The offer of a browser.
const OFFER: &str = "permessage-deflate; client_max_window_bits";

/// A listener with two slots, one of which can compress, with 1 KiB windows.
fn listener(net: &Net, options: Options) -> &'static WebSocketListener {
    let compression = leak(Compression::<1>::new());
    let listener = net.listener::<2, 1024, 1024>(options);
    leak(listener.permessage_deflate(compression, Settings::new()))
}

fn serve(listener: &'static WebSocketListener) {
    for _ in 0..2 {
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo(socket).await;
            }
        });
    }
}

async fn open(net: &Net, offer: &str) -> (Peer<Raw>, RawResponse) {
    let mut peer = Peer::new(net.connect().await).taking(0b100);
    peer.send(request().and("Sec-WebSocket-Extensions", offer).text()).await;
    let response = peer.upgraded().await;
    (peer, response)
}

/// An echoing board, and a peer that has agreed on compression.
fn with_compressing_peer(options: Options, test: impl AsyncFnOnce(Peer<Raw>)) {
    run(async {
        let net = Net::new(Weather::FINE);
        serve(listener(&net, options));
        let (peer, response) = open(&net, OFFER).await;
        assert_eq!(
            response.header("Sec-WebSocket-Extensions"),
            Some("permessage-deflate; server_max_window_bits=10; client_max_window_bits=10")
        );
        test(peer).await;
    });
}

/// The peer's own codec.
struct PeerCodec {
    deflater: Deflater<[u8; 1024]>,
    inflater: Inflater<[u8; 1024]>,
}

impl PeerCodec {
    fn new() -> Self {
        Self { deflater: Deflater::new(), inflater: Inflater::new() }
    }

    fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        let deflater: &mut Deflater = &mut self.deflater;
        let mut compressed = vec![0; message.len() * 2 + 100];
        let progress = deflater.deflate(message, true, &mut compressed);
        assert_eq!(progress.status, Status::Done);
        compressed.truncate(progress.produced);
        compressed
    }

    fn inflate(&mut self, compressed: &[u8]) -> Vec<u8> {
        let inflater: &mut Inflater = &mut self.inflater;
        let mut message = vec![0; 100_000];
        let progress = inflater.inflate(compressed, true, &mut message).unwrap();
        assert_eq!(progress.status, Status::Done);
        message.truncate(progress.produced);
        message
    }
}

fn compressed(frame: Frame) -> Frame {
    frame.rsv(0b100)
}

fn deflated(message: &[u8]) -> Vec<u8> {
    PeerCodec::new().deflate(message)
}

/// RFC 7692 section 7.1: what the listener answers to each offer.
#[test]
fn the_listener_agrees_only_on_windows_that_fit_its_memory() {
    let all = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=10";
    for (offer, answer) in [
        (OFFER, Some(all)),
        ("permessage-deflate; client_max_window_bits=15; server_max_window_bits=15", Some(all)),
        (
            "permessage-deflate; client_max_window_bits=8; server_max_window_bits=\"9\"",
            Some("permessage-deflate; server_max_window_bits=9; client_max_window_bits=8"),
        ),
        (
            "permessage-deflate; server_no_context_takeover; client_max_window_bits",
            Some(
                "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; \
                 client_max_window_bits=10",
            ),
        ),
        // It would use 32 KiB.
        ("permessage-deflate", None),
        ("permessage-deflate; client_max_window_bits=16", None),
        ("permessage-deflate; client_max_window_bits; server_max_window_bits", None),
        ("permessage-deflate; client_max_window_bits; server_max_window_bits=\"16\"", None),
        ("permessage-deflate; client_max_window_bits=0", None),
        ("permessage-deflate; client_max_window_bits; unknown", None),
        ("permessage-bzip2", None),
        ("permessage-deflate, permessage-deflate; client_max_window_bits", Some(all)),
    ] {
        run(async {
            let net = Net::new(Weather::FINE);
            serve(listener(&net, Options::new()));
            let (_, response) = open(&net, offer).await;
            assert_eq!(response.header("Sec-WebSocket-Extensions"), answer, "{offer}");
        });
    }
}

/// RFC 6455 section 9.1: a parameter's value is a token, quoted or not, and nothing is none.
#[test]
fn an_empty_value_is_refused_with_400() {
    for value in ["", "\"\""] {
        run(async {
            let net = Net::new(Weather::FINE);
            serve(listener(&net, Options::new()));
            let mut peer = Peer::new(net.connect().await);
            let offer = format!("permessage-deflate; client_max_window_bits={value}");
            peer.send(request().and("Sec-WebSocket-Extensions", &offer).text()).await;
            peer.refused(400).await;
        });
    }
}

#[test]
fn messages_are_compressed_both_ways() {
    with_compressing_peer(Options::new(), async |mut peer| {
        let mut codec = PeerCodec::new();
        let message = "{\"uptime\":12345,\"temperature\":21.5,\"temperature_outside\":2.5}";
        for _ in 0..3 {
            peer.send_frame(compressed(text(codec.deflate(message.as_bytes())))).await;
            let frame = peer.frame().await;
            assert_eq!(frame.rsv, 0b100);
            assert!(frame.payload.len() < message.len());
            assert_eq!(codec.inflate(&frame.payload), message.as_bytes());
        }
        // One that is not compressed, and an empty one.
        peer.send_frame(text("plain")).await;
        assert_eq!(peer.frame().await.payload, b"plain");
        peer.send_frame(compressed(text([0]))).await;
        assert_eq!(peer.frame().await.payload, b"");
        peer.send_frame(close(CloseCode::NORMAL, "")).await;
        peer.closed(CloseCode::NORMAL).await;
    });
}

/// The rings hold 1 KiB, the windows too.
#[test]
fn a_message_larger_than_all_memory_is_streamed_through() {
    run(async {
        let net = Net::new(Weather::FINE);
        let listener = listener(&net, Options::new().max_message_bytes(u64::MAX));
        spawn(async {
            while let Some(socket) = listener.accept().await {
                let _ = echo_streaming(socket).await;
            }
        });
        let (mut peer, _) = open(&net, OFFER).await;
        let mut codec = PeerCodec::new();
        let message: Vec<u8> = (0..50_000u32)
            .flat_map(|i| (i * i / 7).to_string().into_bytes())
            .take(90_000)
            .collect();
        let payload = codec.deflate(&message);
        let (start, end) = payload.split_at(payload.len() / 3);
        peer.send_frame(compressed(binary(start)).fin(false)).await;
        peer.send_frame(ping("meanwhile")).await;
        peer.send_frame(continuation(end)).await;
        let mut echoed = Vec::new();
        let mut pongs = 0;
        loop {
            let frame = peer.frame().await;
            if frame.opcode == 10 {
                pongs += 1;
                continue;
            }
            assert_eq!(frame.rsv, if echoed.is_empty() { 0b100 } else { 0 });
            echoed.extend_from_slice(&frame.payload);
            if frame.fin {
                break;
            }
        }
        assert_eq!(pongs, 1);
        assert!(codec.inflate(&echoed) == message);
    });
}

/// RFC 7692 section 6, RFC 6455 section 5.2.
#[test]
fn rsv1_in_the_wrong_place_is_refused() {
    for frames in [
        vec![compressed(text([])).fin(false), compressed(continuation([0]))],
        vec![compressed(ping(""))],
        vec![text([]).rsv(0b010)],
    ] {
        with_compressing_peer(Options::new(), async |mut peer| {
            for frame in frames {
                peer.send_frame(frame).await;
            }
            peer.failed(CloseCode::PROTOCOL_ERROR).await;
        });
    }
}

#[test]
fn rsv1_without_agreement_is_refused() {
    run(async {
        let net = Net::new(Weather::FINE);
        serve(listener(&net, Options::new()));
        let (mut peer, _) = open(&net, "permessage-deflate").await;
        peer.send_frame(compressed(text([0]))).await;
        peer.failed(CloseCode::PROTOCOL_ERROR).await;
    });
}

#[test]
fn a_bomb_is_refused_above_the_limit() {
    for size in [2001, 1 << 20] {
        with_compressing_peer(Options::new().max_message_bytes(2000), async |mut peer| {
            let mut codec = PeerCodec::new();
            let good = vec![0; 2000];
            peer.send_frame(compressed(binary(codec.deflate(&good)))).await;
            let frame = peer.frame().await;
            assert_eq!(codec.inflate(&frame.payload), good);
            peer.send_frame(compressed(binary(codec.deflate(&vec![0; size])))).await;
            peer.failed(CloseCode::MESSAGE_TOO_BIG).await;
        });
    }
}

/// A gibibyte of zeros, of which the board inflates 2,001 bytes; and a bomb in a bomb, of which only the
/// outer one is a message's.
#[test]
fn a_gibibyte_is_never_inflated_and_a_nested_bomb_is_data() {
    with_compressing_peer(Options::new().max_message_bytes(2000), async |mut peer| {
        let mut codec = PeerCodec::new();
        let zeros = vec![0; 1 << 20];
        let first = codec.deflate(&zeros);
        // What stands for zeros behind zeros is always the same.
        let further = codec.deflate(&zeros);
        let tail = [0, 0, 0xff, 0xff];
        let bomb = [&first[..], &tail, &[&further[..], &tail].concat().repeat(1023)].concat();
        let bomb = &bomb[..bomb.len() - tail.len()];

        let mut codec = PeerCodec::new();
        let nested = &bomb[..2000];
        peer.send_frame(compressed(binary(codec.deflate(nested)))).await;
        let frame = peer.frame().await;
        assert!(codec.inflate(&frame.payload) == nested);

        let bytes = compressed(binary(bomb)).masked([0; 4]).bytes();
        peer.send_deaf(&bytes).await;
        peer.failed(CloseCode::MESSAGE_TOO_BIG).await;
    });
}

#[test]
fn sixteen_thousand_empty_compressed_fragments_are_refused() {
    with_compressing_peer(Options::new().max_fragments(16_384), async |mut peer| {
        let mut bytes = compressed(binary([])).fin(false).masked([0; 4]).bytes();
        let fragment = continuation([]).fin(false).masked([0; 4]).bytes();
        bytes.extend(fragment.repeat(16_384));
        peer.send_deaf(&bytes).await;
        peer.failed(CloseCode::POLICY_VIOLATION).await;
    });
}

#[test]
fn invalid_deflate_data_is_refused() {
    for (frame, code) in [
        (binary([0x06]), CloseCode::INVALID_PAYLOAD),
        (binary(&deflated(b"cut short")[..4]), CloseCode::INVALID_PAYLOAD),
        (text(deflated(b"caf\xe9 noir")), CloseCode::INVALID_PAYLOAD),
    ] {
        with_compressing_peer(Options::new(), async |mut peer| {
            peer.send_frame(compressed(frame)).await;
            peer.failed(code).await;
        });
    }
}

/// There is memory for one: the second is not compressed, and the third finds it free again.
#[test]
fn the_memory_is_lent_to_one_connection_after_the_other() {
    run(async {
        let net = Net::new(Weather::FINE);
        serve(listener(&net, Options::new()));
        let (first, response) = open(&net, OFFER).await;
        assert!(response.header("Sec-WebSocket-Extensions").is_some());
        let (mut second, response) = open(&net, OFFER).await;
        assert!(response.header("Sec-WebSocket-Extensions").is_none());
        second.send_frame(text("plain")).await;
        assert_eq!(second.frame().await.payload, b"plain");
        drop(first);
        Timer::after_secs(1).await;
        let (mut third, response) = open(&net, OFFER).await;
        assert!(response.header("Sec-WebSocket-Extensions").is_some());
        // Its window is empty.
        third.send_frame(compressed(text(deflated(b"compressed, compressed")))).await;
        let frame = third.frame().await;
        assert_eq!(PeerCodec::new().inflate(&frame.payload), b"compressed, compressed");
    });
}

fn random() -> [u8; 4] {
    [1, 2, 3, 4]
}

/// A client with smaller windows than the listener's.
#[test]
fn the_client_and_the_listener_compress() {
    run(async {
        let net = Net::new(Weather::FINE);
        serve(listener(&net, Options::new()));
        let resources = leak(Resources::<1, 512, 512>::new());
        let compression = leak(Compression::<1, 512, 256>::new());
        let client = Client::new(net.peers, resources, Options::new(), random)
            .permessage_deflate(compression, Settings::new());
        for _ in 0..2 {
            let mut socket = client.connect(Net::endpoint(), "board", "/").await.unwrap();
            let agreement = socket.permessage_deflate().unwrap();
            assert_eq!(agreement.server_window_bits(), WindowBits::new(9).unwrap());
            assert_eq!(agreement.client_window_bits(), WindowBits::new(8).unwrap());
            let mut buffer = [0; 3000];
            for _ in 0..5 {
                let message = "all that a client has to say, and ".repeat(50);
                let (mut reader, mut writer) = socket.split();
                let (sent, echoed) =
                    join(writer.send_text(&message), reader.recv(&mut buffer)).await;
                sent.unwrap();
                assert_eq!(echoed, Ok(Some(Message::Text(&message))));
            }
            socket.close(CloseCode::NORMAL, "").await.unwrap();
        }
    });
}

/// Beside its rings and the connection itself it takes the windows, and little more.
#[test]
fn the_memory_of_a_connection_is_its_windows_and_two_kibibytes() {
    let one = size_of::<Compression<1>>();
    println!("1 KiB windows {one}, 256 B {}", size_of::<Compression<1, 256, 256>>());
    assert!(one <= 2048 + 1900);
    println!("WebSocket {}", size_of::<WebSocket>());
}
